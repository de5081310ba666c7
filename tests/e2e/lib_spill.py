"""What the end-to-end scripts share: the program, a report of facts, HTTP and signals."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.environ.get("SPILLOVERD") or os.path.join(
    os.environ.get("BUILD_DIR", os.path.join(ROOT, "build")), "spilloverd")

_failed = 0


def passed(name):
    print(f"PASS {name}", flush=True)


def failed(name, why):
    global _failed
    _failed += 1
    print(f"FAIL {name}: {' '.join(str(why).split())}", flush=True)


def skipped(name, why):
    print(f"SKIP {name}: {why}", flush=True)


def check(name, condition, why=""):
    if condition:
        passed(name)
    else:
        failed(name, why or "it is not so")
    return bool(condition)


def finish():
    sys.exit(1 if _failed else 0)


def shared_path(relative):
    """A recorded file, or None when there is none on this machine."""
    base = os.environ.get("SPILL_SHARED") or os.path.join(ROOT, "..", "shared")
    path = os.path.join(base, relative)
    return path if os.path.exists(path) else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    """A run of the program; both outputs go to files, so that no pipe can fill up."""

    def __init__(self, *arguments, cwd=None):
        self.out_file = tempfile.TemporaryFile(mode="w+")
        self.err_file = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([PROGRAM, *arguments], stdout=self.out_file,
                                        stderr=self.err_file, stdin=subprocess.DEVNULL, cwd=cwd)

    def _text(self, file):
        file.flush()
        with open(f"/proc/self/fd/{file.fileno()}", encoding="utf-8") as again:
            return again.read()

    @property
    def out(self):
        return self._text(self.out_file)

    @property
    def err(self):
        return self._text(self.err_file)

    def wait(self, seconds):
        """The exit status, or None when it did not end in time; it is dead afterwards."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def interrupt(self, number, seconds=5.0):
        """Sends a signal; returns (exit status or None, seconds until the end)."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.wait(seconds), time.monotonic() - began

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def ends_on(name, daemon, number):
    """One fact: the signal ends the program with status 0 within a second."""
    status, took = daemon.interrupt(number)
    word = signal.Signals(number).name
    check(f"{name}: {word} ends it with status 0 within a second", status == 0 and took < 1.0,
          f"status {status} after {took:.2f} s; {daemon.err[-300:]}")


def http_get(port, path, timeout=3.0):
    """(status, body), or (0, why) when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def eventually(condition, seconds):
    """The first true value of condition(), or its last value."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > until:
            return value
        time.sleep(0.02)


def listens(port, seconds=20.0):
    return eventually(lambda: http_get(port, "/healthz")[0] == 200, seconds)


# "13:58:56Z  breakout  #7    MU.P breaks above ..."
SHOWN = re.compile(r"^(\d\d:\d\d:\d\dZ)  (\w+) +#(\d+) +(.*)$", re.M)
SUM = re.compile(r"^planted (\d+): found (\d+), missed (\d+), violated (\d+); false (\d+)$", re.M)
