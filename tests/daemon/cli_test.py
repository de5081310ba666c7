#!/usr/bin/env python3
"""The command line from outside: words, exit codes and what goes to which stream.

Prints one line a fact: "PASS name" or "FAIL name: why". Exits 1 when one failed.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("SPILLOVERD", str(ROOT / "build" / "spilloverd"))

failed = 0


def run(*arguments, cwd=None):
    """Exit code, standard output, standard error."""
    done = subprocess.run(
        [PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


def fact(name, holds, got):
    global failed
    if holds:
        print(f"PASS {name}")
    else:
        failed += 1
        print(f"FAIL {name}: got {got!r}")


def usage(name, arguments, hint):
    """A usage fault: exit 64, one line on stderr that holds the hint, nothing on stdout."""
    code, out, err = got = run(*arguments)
    one_line = err.count("\n") == 1 and err.endswith("see spilloverd --help\n")
    fact(name, code == 64 and out == "" and one_line and hint in err, got)


def main():
    code, out, err = got = run("--version")
    fact("cli: --version prints one line", code == 0 and out.startswith("spilloverd "), got)
    code, out, err = got = run("--help")
    words = ("run", "check", "demo", "replay", "decode", "Examples:", "Exit codes:")
    fact("cli: --help shows subcommands, examples and exit codes",
         code == 0 and err == "" and all(word in out for word in words), got)
    code, out, err = got = run("demo", "--help")
    fact("cli: demo --help shows its options",
         code == 0 and all(word in out for word in ("--seed", "--speed", "--once", "--port")), got)

    usage("cli: a misspelt subcommand gets a hint", ["chekc"], 'did you mean "check"?')
    usage("cli: a misspelt option gets a hint", ["demo", "--sed", "3"], 'did you mean "--seed"?')
    usage("cli: a value of the wrong type is usage", ["demo", "--seed", "x"], "--seed")
    usage("cli: a value out of range is usage", ["demo", "--port", "70000"], "--port")
    usage("cli: a missing file is usage", ["replay"], "FILE")
    usage("cli: an unknown log level is usage", ["run", "--log-level", "loud"], "--log-level")
    usage("cli: an instant that is none is usage", ["replay", "x.csv", "--from", "noon"], "noon")
    usage("cli: two subcommands are usage", ["check", "demo"], "demo")

    shipped = str(ROOT / "config.yaml")
    code, out, err = got = run("check", "-c", shipped)
    fact("cli: check of the shipped file is ok",
         code == 0 and err == "" and out.startswith("ok: ") and out.count("\n") == 1, got)
    fact("cli: --check-config is check", run("--check-config", "-c", shipped) == got, got)
    fact("cli: -c may stand before the subcommand", run("-c", shipped, "check") == got, got)
    with tempfile.TemporaryDirectory() as folder:
        fact("cli: without a file the built-in configuration holds",
             run("check", cwd=folder) == got, run("check", cwd=folder))
        path = pathlib.Path(folder) / "config.yaml"
        path.write_text("gateway: {prot: 1}\ninstruments: [{name: BTC, role: benchmark}]\n")
        code, out, err = got = run("check", cwd=folder)
        fact("cli: a fault in ./config.yaml has its place and exits 78",
             code == 78 and out == "" and err.startswith("config.yaml:1:11: unknown key"), got)
    code, out, err = got = run("decode", "krakne", shipped)
    fact("cli: decode of an unknown venue is usage", code == 64 and "kraken" in err, got)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
