#!/usr/bin/env python3
"""Drives the reference rules over seeded random paths and prints what they decide.

usage: reference_paths.py FOLDER_OF_THE_REFERENCE {breakout|volume|score|unwind} SEED COUNT

Inputs and decisions are printed line by line, so that a test of the C++ rules can replay the
inputs and compare: "i ..." is an input, "o ..." the decision after it (none when silent).
"""
import random
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import signals_examples as ref  # noqa: E402


def breakout(rng, count):
    kinds = ["OR", "PD", "D20"]
    for _ in range(count):
        kind, side = rng.choice(kinds), rng.choice([1, -1])
        atr = rng.choice([0.5, 2.0, 3.25])
        print("n", kind, side, atr)
        slot = ref.Breakout(kind, side, 100.0, atr, 0.01)
        price = 100.0 - side * atr * rng.uniform(0.0, 0.6)
        drift = side * rng.uniform(-0.02, 0.05)
        for m in range(780):
            price = round(price + atr * rng.gauss(drift * 0.3, 0.05), 2)
            seen = len(slot.out)
            if rng.random() < 0.02:
                drift = side * rng.uniform(-0.06, 0.06)
            rv, rc = round(rng.uniform(1.2, 2.5), 3), round(rng.uniform(0.9, 1.5), 3)
            vwap = round(price - side * rng.uniform(-0.05, 0.3) * atr, 3)
            halted, degraded = rng.random() < 0.02, rng.random() < 0.02
            print("i", m, f"{price:.2f}", rv, rc, vwap, int(halted), int(degraded))
            slot.trade(m, price)
            slot.minute(m, price, rv, rc, vwap, halted, degraded)
            if m % 390 == 389:
                slot.session_close(m, price)
            for edge in slot.out[seen:]:
                print("o", edge["prev"], edge["state"], edge.get("why", "-"),
                      edge.get("mfe_atr", 0), edge.get("retests", 0))
        print("e")


def volume(rng, count):
    for _ in range(count):
        print("n")
        machine = ref.TokenVolume()
        level = rng.uniform(0.5, 5.0)
        score, quality, dispersion = 0.3, 1.0, 1.0
        for m in range(600):
            if rng.random() < 0.03:
                level, score = rng.choice([0.8, 1.3, 2.0, 3.5, 5.0]), rng.random()
            if rng.random() < 0.03:
                quality = rng.choice([1.0, 1.0, 0.35, 0.2])
                dispersion = rng.choice([1.0, 1.0, 0.1])
            c15 = round(max(0.0, rng.gauss(level, 0.3)), 3)
            r15 = round(c15 * rng.choice([1.0, 1.0, 1.8]), 3)
            j15 = round(abs(rng.gauss(0.0, 1.5)), 3)
            rt = round(max(0.0, rng.gauss(level, 0.2)), 3)
            s = round(min(1.0, max(0.0, rng.gauss(score, 0.05))), 3)
            degraded = rng.random() < 0.01
            print("i", m, s, c15, r15, j15, rt, quality, dispersion, int(degraded))
            seen = len(machine.out)
            machine.minute(m, s, c15, r15, j15, rt, quality, dispersion, degraded)
            for edge in machine.out[seen:]:
                note = edge.get("trigger") or edge.get("reason") or edge.get("why") or "-"
                print("o", edge["prev"], edge["state"], note)
        print("e")


def score(rng, count):
    for _ in range(count):
        venues = rng.randint(1, 6)
        expected = [round(rng.uniform(5, 100), 3) for _ in range(venues)]
        busy = rng.uniform(0.5, 6)
        volumes = [[round(e * max(0.0, rng.lognormvariate(0, 0.8)) * busy, 3) for _ in range(12)]
                   for e in expected]
        trusted = [rng.random() < 0.3 for _ in range(venues)]
        flags = [rng.choice([None, 0.0, round(rng.random(), 3)]) for _ in range(venues)]
        level, ratio = round(rng.uniform(-0.8, 0.9), 3), round(rng.uniform(0.2, 8), 3)
        largest = round(rng.uniform(0, 0.5) * sum(map(sum, volumes)), 3)
        print("n", venues, level, ratio, largest)
        for v in range(venues):
            flag = -1 if flags[v] is None else flags[v]
            print("i", expected[v], int(trusted[v]), flag, *volumes[v])
        out = ref.token_score(volumes, [[e] * 12 for e in expected], largest, level, ratio,
                              flags, trusted)
        print("o", out["rvol60"], out["rvol_consensus"], out["M"], out["P"], out["T"], out["Q"],
              out["score"], out["weakest"])
        print("e")


def unwind(rng, count):
    names = {"fail_D20": 2, "fail_PD": 4, "fail_OR": 3, "rotation_off": 5}
    for _ in range(count):
        print("n")
        events, level, hour = [], 0, 0.0
        for _ in range(60):
            hour = round(hour + rng.uniform(0.05, 1.5), 4)
            kind, factor = "-", 0
            if rng.random() < 0.4:
                kind, factor = rng.choice(list(names)), rng.choice([0.25, 0.5, 1.0])
                events.append((hour, kind, factor))
            standing = [k for k in ("broad_down", "down_break", "token_sell")
                        if rng.random() < 0.15]
            falling = rng.random() < 0.5
            u = ref.unwind(events, hour, standing)
            level = ref.unwind_level(u, level, falling)
            print("i", hour, names.get(kind, -1), factor,
                  *(int(k in standing) for k in ("broad_down", "down_break", "token_sell")),
                  int(falling))
            print("o", repr(u), level)
        print("e")


def main():
    run = {"breakout": breakout, "volume": volume, "score": score, "unwind": unwind}
    run[sys.argv[2]](random.Random(int(sys.argv[3])), int(sys.argv[4]))


main()
