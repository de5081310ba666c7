#!/usr/bin/env python3
"""ATR by TA-Lib's definition, written from the definition alone: the judge of core/atr.

Reads one "high low close" per line; prints, per line from the second on, the average true range
of the true ranges so far: their plain mean up to the period, Wilder's recursion after it.
Prices are exact decimals (Fraction), so that the judge has no rounding of its own.
"""
import sys
from fractions import Fraction

PERIOD = 14


def main() -> None:
    ranges = []
    close = None
    average = None
    for line in sys.stdin:
        high, low, last = (Fraction(word) for word in line.split())
        if close is not None:
            ranges.append(max(high, close) - min(low, close))
            if len(ranges) <= PERIOD:
                average = sum(ranges) / len(ranges)
            else:
                average = average + (float(ranges[-1]) - float(average)) / PERIOD
            print(repr(float(average)))
        close = last


main()
