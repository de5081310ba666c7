#!/usr/bin/env python3
"""The Python client against a running demo: torn off at random, it still gets the whole stream."""

import asyncio
import json
import os
import random
import sys
import tempfile
import urllib.parse

from lib_spill import ROOT, Daemon, check, finish, free_port, http_get, listens, skipped

sys.path.insert(0, os.path.join(ROOT, "deploy", "clients", "python"))

KILLS = 200
DAY_SECONDS = 120.0


async def torn(subscriber, received):
    """Collects until it is cancelled."""
    async for message in subscriber:
        received.append(message)


async def tear(subscriber, received, random_source):
    """Breaks the connection KILLS times, at moments that have nothing to do with the stream."""
    while subscriber.reconnects < KILLS:
        await asyncio.sleep(random_source.uniform(0.01, 0.15))
        subscriber.drop()
    return len(received)


async def near_misses(port, answers):
    """Asks about everything that stands short of a confirmation, while it does."""
    loop = asyncio.get_running_loop()
    while True:
        _, text = await loop.run_in_executor(None, http_get, port, "/v1/state?type=volume")
        if text.startswith("{"):
            for state in json.loads(text)["states"]:
                if state["state"] != "suspect":
                    continue
                key = state["key"]
                path = "/v1/explain?key=" + urllib.parse.quote(key)
                status, answer = await loop.run_in_executor(None, http_get, port, path)
                if status == 200:
                    answers[key] = json.loads(answer)
        await asyncio.sleep(0.5)


def judge_explanations(answers):
    blocked = {}
    for key, answer in answers.items():
        rule = next(rule for rule in answer["rules"] if rule["type"] == "volume")
        missing = {gate["gate"]: gate["missing"] for gate in rule["gates"] if not gate["pass"]}
        if rule["state"] == "suspect" and missing and list(missing) == rule["blocked_by"]:
            blocked[key] = missing
    check("gateway: explain names the gate that blocks a planted near miss, and the distance",
          any((gates.get("score") or 0) > 0 for gates in blocked.values()), blocked or answers)


def page(port, epoch):
    """The whole stream as HTTP shows it."""
    signals, after = [], 0
    while True:
        status, text = http_get(port, f"/v1/signals?limit=1000&after={after}")
        if status != 200:
            return None
        answer = json.loads(text)
        if answer["epoch"] != epoch or not answer["complete"]:
            return None
        signals += answer["signals"]
        after = answer["next"]
        if not answer["more"]:
            return signals


async def day(spillover, port, speed):
    daemon = Daemon("demo", "--once", "--seed", "7", "--speed", str(speed), "--port", str(port))
    received, answers, truth = [], {}, []
    try:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, listens, port)
        spillover.FIRST_PAUSE = 0.01
        subscriber = spillover.Subscriber(f"ws://127.0.0.1:{port}/v1/stream")
        tasks = [asyncio.create_task(torn(subscriber, received)),
                 asyncio.create_task(near_misses(port, answers))]
        tearing = asyncio.create_task(tear(subscriber, received, random.Random(7)))
        await asyncio.wait_for(tearing, DAY_SECONDS)
        await asyncio.sleep(1.0)
        truth = await loop.run_in_executor(None, page, port, subscriber.epoch) or []
        last = truth[-1]["offset"] if truth else 0
        for _ in range(200):
            if subscriber.offset >= last:
                break
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        broken = [repr(o) for o in outcomes if not isinstance(o, asyncio.CancelledError)]
        check("gateway: the client never sees a gap", not broken, broken)
    finally:
        daemon.kill()
    return subscriber, received, answers, truth


def compare(subscriber, received, truth):
    signals = [message for message in received if "ts_sent" in message]
    first = next((m["offset"] for m in received if m["type"] == "snapshot"), None)
    check(f"gateway: the client is cut off {KILLS} times and comes back",
          subscriber.reconnects >= KILLS, subscriber.reconnects)
    check("gateway: nothing is lost for good",
          not [m for m in received if m["type"] == "missed"], received[-1:])
    last = truth[-1]["offset"] if truth else 0
    mine = [s for s in signals if s["offset"] <= last]
    theirs = [s for s in truth if first is not None and s["offset"] > first]
    check("gateway: the client ends with exactly the stream that was published",
          len(theirs) > 50 and mine == theirs,
          f"{len(mine)} received, {len(theirs)} published after {first}")


def main():
    try:
        import spillover
    except ImportError:
        skipped("gateway: the Python client", "python3-websockets is not installed")
        finish()
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        subscriber, received, answers, truth = asyncio.run(day(spillover, free_port(), 600))
        compare(subscriber, received, truth)
        judge_explanations(answers)
        os.chdir("/")
    finish()


if __name__ == "__main__":
    main()
