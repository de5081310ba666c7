#!/usr/bin/env python3
"""`replay` over a recorded pack: it ends by itself and prints the same bytes twice."""

import hashlib
import json
import os
import resource
import subprocess
import tempfile

from lib_spill import PROGRAM, check, finish, shared_path, skipped

PACK = "data/packs/P1_dev_2025-01-21_01-31_deepseek.csv.zst"


def play(pack, output):
    began = cpu_seconds()
    done = subprocess.run([PROGRAM, "replay", pack, "--output", output], capture_output=True,
                          text=True, timeout=60)
    return done, cpu_seconds() - began


def cpu_seconds():
    """Of all programs that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rows_in(pack):
    """Rows of the file, or None without the zstd program."""
    try:
        text = subprocess.run(["zstd", "-dcq", pack], capture_output=True, timeout=30).stdout
    except OSError:
        return None
    return max(0, text.count(b"\n") - 1)


def main():
    pack = shared_path(PACK)
    if not pack:
        skipped("replay of a recorded pack", "no recorded data here")
        finish()
    pack = os.path.abspath(pack)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        first, took = play(pack, "first.jsonl")
        second, again = play(pack, "second.jsonl")
        os.chdir("/")
        check("replay: it ends by itself with status 0",
              first.returncode == 0 and second.returncode == 0, first.stderr[-300:])
        with open(os.path.join(folder, "first.jsonl"), "rb") as file:
            one = file.read()
        with open(os.path.join(folder, "second.jsonl"), "rb") as file:
            two = file.read()
        check("replay: the same file gives the same bytes twice", one == two and one,
              f"{len(one)} and {len(two)} bytes")
        offsets = [json.loads(line)["offset"] for line in one.decode().splitlines()]
        check("replay: every line is a JSON object and offsets have no hole",
              offsets and offsets == list(range(1, len(offsets) + 1)), offsets[:5])
        rows = rows_in(pack)
        if rows:
            best = min(took, again)
            print(f"replay: {rows} rows in {best:.2f} s of CPU, "
                  f"{rows / best / 1e6:.2f} million a second and core with start-up, {len(offsets)} signals, "
                  f"sha256 {hashlib.sha256(one).hexdigest()[:16]}")
    finish()


if __name__ == "__main__":
    main()
