#!/usr/bin/env python3
"""Whole demo days: everything that was planted is found, and a bot gets what the screen shows."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

from lib_spill import (Daemon, SHOWN, SUM, check, ends_on, eventually, failed, finish, free_port,
                       http_get, listens, skipped)

DAY_SECONDS = 80.0


def judge(name, daemon, status):
    """The last lines of a day against its plan."""
    text = daemon.out
    if not check(f"{name}: the day is played to its end", status == 0,
                 f"status {status}; {daemon.err[-300:]}"):
        return
    total = SUM.search(text)
    if not total:
        failed(f"{name}: the day ends with a sum", text[-300:])
        return
    lost = [" ".join(row.split())
            for row in re.findall(r"^  ((?:missed|violated|false) .*)$", text, re.M)]
    check(f"{name}: every planted breakout, confirmation and story is found",
          total.group(3) == "0" and total.group(4) == "0", "; ".join(lost)[:400])
    check(f"{name}: nothing is confirmed that nobody planted", total.group(5) == "0",
          "; ".join(lost)[:400])


async def follow(port, received):
    """Everything that a subscriber of all types gets until the stream closes."""
    import websockets
    async with websockets.connect(f"ws://127.0.0.1:{port}/v1/stream", max_size=None) as stream:
        await stream.send(json.dumps({"op": "subscribe", "id": 1}))
        try:
            async for message in stream:
                received.append(json.loads(message))
        except websockets.ConnectionClosed:
            pass


def subscriber_day(seed, speed):
    """One day with a subscriber from the start and a scrape in the middle."""
    name = f"demo seed {seed}"
    try:
        import websockets  # noqa: F401
    except ImportError:
        skipped(f"{name}: a subscriber", "python3-websockets is not installed")
        return
    port = free_port()
    daemon = Daemon("demo", "--once", "--seed", str(seed), "--speed", str(speed), "--port",
                    str(port))
    received = []

    async def day():
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, listens, port)
        stream = asyncio.create_task(follow(port, received))
        await loop.run_in_executor(None, scrape, name, port)
        status = await loop.run_in_executor(None, daemon.wait, DAY_SECONDS)
        try:
            await asyncio.wait_for(stream, 5)
        except (asyncio.TimeoutError, OSError) as error:
            failed(f"{name}: the stream ends with the demo", repr(error))
        return status

    try:
        status = asyncio.run(day())
        judge(name, daemon, status)
        compare(name, daemon.out, received)
    finally:
        daemon.kill()


def compare(name, screen, received):
    """Feeds go live before anybody can subscribe: what counts is everything from the answer on."""
    kinds = [message.get("type") for message in received[:5]]
    if not check(f"{name}: the subscriber is greeted and acknowledged",
                 kinds[:1] == ["hello"] and "ack" in kinds, str(received[:2])[:300]):
        return
    start = received[kinds.index("ack")]["offset"]
    signals = [message for message in received if "offset" in message and "key" in message]
    offsets = [message["offset"] for message in signals]
    check(f"{name}: the subscriber's offsets follow the acknowledged one without a hole",
          offsets and offsets == list(range(start + 1, start + 1 + len(offsets))),
          f"after {start}: {len(offsets)} signals, first {offsets[:3]}, last {offsets[-3:]}")
    shown = [(kind, int(offset), words) for _, kind, offset, words in SHOWN.findall(screen)]
    order = [offset for _, offset, _ in shown]
    early = [f"#{offset} {words}" for kind, offset, words in shown
             if offset <= start and kind != "health"]
    check(f"{name}: the subscriber is there before the first signal about the market", not early,
          early[:3])
    by_offset = {message["offset"]: message for message in signals}
    wrong = [f"#{offset} {words}" for kind, offset, words in shown if offset > start
             and (by_offset.get(offset, {}).get("type") != kind
                  or not words.startswith(by_offset[offset]["key"].split("|")[0]))]
    check(f"{name}: the subscriber gets every signal that the screen shows, in order",
          len(shown) > 10 and not wrong and order == sorted(set(order)),
          f"{len(shown)} shown; {wrong[:3]}")
    published = re.findall(r"\| (\d+) signals$", screen, re.M)
    check(f"{name}: nothing is published that the subscriber does not get",
          published and offsets and int(published[-1]) <= offsets[-1],
          f"{published[-1:]} published, last offset {offsets[-1:]}")


def scrape(name, port):
    live = eventually(lambda: http_get(port, "/readyz")[0] == 200, 20)
    check(f"{name}: /readyz says 200 once every link is live", live, http_get(port, "/readyz"))
    status, text = http_get(port, "/metrics")
    if not check(f"{name}: /metrics answers", status == 200, f"{status} {text[:200]}"):
        return
    promtool = shutil.which("promtool")
    if not promtool:
        skipped(f"{name}: promtool accepts /metrics", "promtool is not installed")
        return
    verdict = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True,
                             text=True, timeout=20)
    check(f"{name}: promtool accepts /metrics", verdict.returncode == 0,
          verdict.stdout + verdict.stderr)


def whole_days(seeds, speed):
    """Days side by side: each waits most of the time for its own pace."""
    days = [(seed, Daemon("demo", "--once", "--seed", str(seed), "--speed", str(speed), "--port",
                          "0")) for seed in seeds]
    for seed, daemon in days:
        judge(f"demo seed {seed}", daemon, daemon.wait(DAY_SECONDS))


def interrupts():
    for number in (signal.SIGINT, signal.SIGTERM):
        port = free_port()
        daemon = Daemon("demo", "--port", str(port))
        if check(f"demo: it listens before {number.name}", listens(port), daemon.err[-300:]):
            eventually(lambda: http_get(port, "/readyz")[0] == 200, 20)
            ends_on("demo", daemon, number)
        daemon.kill()


def port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        daemon = Daemon("demo", "--once", "--port", str(port))
        status = daemon.wait(20)
        check("demo: a port in use ends it with status 1 and one line that names the port",
              status == 1 and daemon.err.count("\n") == 1 and str(port) in daemon.err,
              f"status {status}: {daemon.err}")


def main():
    # An empty folder: a config.yaml of the caller's folder must not decide what is tested.
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        port_in_use()
        interrupts()
        subscriber_day(7, 2000)
        whole_days((1, 2, 3), 3000)
        os.chdir("/")
    finish()


if __name__ == "__main__":
    main()
