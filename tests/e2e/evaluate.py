#!/usr/bin/env python3
"""`evaluate` on the fixed seeds of the gates: every gate holds, and a seed gives the same bytes."""

import json
import subprocess

from lib_spill import PROGRAM, check, finish

SEEDS = (2, 5)


def start(seed):
    return subprocess.Popen([PROGRAM, "evaluate", "--json", "--seed", str(seed)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def main():
    # Two at a time: the machine has two cores.
    runs = [start(seed) for seed in SEEDS]
    outputs = [run.communicate(timeout=600) for run in runs]
    for seed, run, (text, errors) in zip(SEEDS, runs, outputs):
        if not check(f"evaluate-seed-{seed}-ends-well", run.returncode == 0,
                     f"exit {run.returncode}: {errors[-300:]}"):
            if not text:
                continue
        gates = json.loads(text)["gates"]
        check(f"evaluate-seed-{seed}-has-gates", len(gates) >= 30, f"{len(gates)} gates")
        for gate in gates:
            name = gate["name"].replace(" ", "-")
            check(f"evaluate-seed-{seed}-{name}", gate["pass"],
                  f"{gate['value']} against {gate['bound']}")
    default = start(SEEDS[0])
    check("evaluate-repeats", default.communicate(timeout=600)[0] == outputs[0][0],
          "the second run printed other bytes")
    finish()


if __name__ == "__main__":
    main()
