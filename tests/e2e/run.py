#!/usr/bin/env python3
"""`run` against venues that are not there, and what bad input gets."""

import asyncio
import json
import os
import signal
import tempfile

from lib_spill import (Daemon, ROOT, check, ends_on, eventually, failed, finish, free_port,
                       http_get, listens, skipped)

CONFIG = """
daemon:
  threads: {threads}
gateway:
  port: {port}
  heartbeat: 7 s
  limits: {{outbox_messages: 300, messages_per_second: 9}}
venues:
  bybit-linear: {{host: 127.0.0.1, port: {closed}, tls: false}}
  kraken: {{host: 127.0.0.1, port: {closed}, tls: false, trusted: true}}
groups:
  baskets: {{memory: {{}}}}
  buckets: {{infra: {{}}}}
instruments:
  - {{name: MU, market: XNYS, role: leader, group: memory}}
  - {{name: MU.P, proxy_for: MU, lot: 0.01, feeds: [{{venue: bybit-linear, symbol: MUUSDT}}]}}
  - {{name: TAO, role: token, group: infra, feeds: [{{venue: kraken, symbol: TAO/USD}}]}}
"""


def without_venues(folder, threads):
    port = free_port()
    path = os.path.join(folder, f"{threads}.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(threads=threads, port=port, closed=free_port()))
    name = f"run {threads}"
    daemon = Daemon("run", "--config", path)
    try:
        if not check(f"{name}: it starts although no venue answers", listens(port, 10),
                     daemon.err[-300:]):
            return
        status, body = http_get(port, "/readyz")
        check(f"{name}: /readyz says 503 and names each link that is not live",
              status == 503 and "bybit-linear" in body and "kraken" in body, f"{status} {body}")
        greeting(name, port)
        refused = 'venue="kraken"'
        dialled = eventually(lambda: refused in http_get(port, "/metrics")[1], 5)
        check(f"{name}: /metrics has the links that do not come up", dialled)
        again = Daemon("run", "--config", path)
        status = again.wait(10)
        check(f"{name}: a second one on the same port ends with status 1 and the remedy",
              status == 1 and f":{port} is in use" in again.err, f"status {status}: {again.err}")
        ends_on(name, daemon, signal.SIGTERM if threads == "inline" else signal.SIGINT)
    finally:
        daemon.kill()


def greeting(name, port):
    """What the configuration says about bots is what a bot is told."""
    try:
        import websockets
    except ImportError:
        skipped(f"{name}: a bot is told its limits", "python3-websockets is not installed")
        return

    async def hello():
        async with websockets.connect(f"ws://127.0.0.1:{port}/v1/stream") as stream:
            return json.loads(await stream.recv())

    try:
        limits = asyncio.run(asyncio.wait_for(hello(), 5))["limits"]
    except (OSError, KeyError, asyncio.TimeoutError, websockets.WebSocketException) as error:
        failed(f"{name}: a bot is told its limits", repr(error))
        return
    check(f"{name}: a bot is told its limits",
          (limits["heartbeat_ms"], limits["outbox_messages"], limits["messages_per_second"])
          == (7000, 300, 9), limits)


def faults(folder):
    path = os.path.join(folder, "bad.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("gateway:\n  prot: 1\n  heartbeat: 5 km\n")
    bad = Daemon("run", "--config", path)
    status = bad.wait(10)
    check("run: a bad configuration ends with status 78", status == 78, f"{status}: {bad.err}")
    check("run: every fault stands on its line, the unknown key with the nearest known one",
          f"{path}:2:3: " in bad.err and f"{path}:3:" in bad.err and "port" in bad.err, bad.err)
    for arguments in (["rnu"], ["demo", "--sped", "3"], ["replay"], ["decode", "binance"],
                      ["run", "--log-level", "loud"]):
        wrong = Daemon(*arguments)
        status = wrong.wait(10)
        check(f"`spilloverd {' '.join(arguments)}` ends with status 64 and a word about it",
              status == 64 and wrong.err.strip(), f"status {status}: {wrong.err}")
    for arguments in (["--version"], ["--help"], ["check", "--config",
                                                  os.path.join(ROOT, "config.yaml")]):
        right = Daemon(*arguments)
        status = right.wait(10)
        check(f"`spilloverd {os.path.basename(arguments[-1])}` ends with status 0",
              status == 0 and right.out.strip(), f"status {status}: {right.err}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        faults(folder)
        without_venues(folder, "inline")
        without_venues(folder, "split")
        os.chdir("/")
    finish()


if __name__ == "__main__":
    main()
