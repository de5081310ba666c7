#!/usr/bin/env python3
"""The published schemas against a running demo, and the promise that they do not change silently."""

import asyncio
import hashlib
import json
import os
import tempfile

from lib_spill import ROOT, Daemon, check, finish, free_port, listens, skipped

API = os.path.join(ROOT, "deploy", "api")
FILES = ("messages.schema.json", "asyncapi.yaml")
# What a bot may write, and whether the schema and the daemon accept it.
REQUESTS = [
    (True, {"op": "explain", "id": 1, "key": "TAO"}),
    (True, {"op": "subscribe", "id": 2, "types": ["breakout"], "min_state": "confirmed"}),
    (True, {"op": "subscribe", "buckets": ["infra"], "baskets": ["semis"], "min_score": 0.1}),
    (True, {"op": "unsubscribe", "types": ["rotation"]}),
    (True, {"op": "subscribe", "id": 3}),
    (False, {"op": "subscribe", "id": -1}),
    (False, {"op": "subscribe", "types": ["brekout"]}),
    (False, {"op": "subscribe", "types": []}),
    (False, {"op": "subscribe", "offset": 3}),
    (False, {"op": "unsubscribe", "min_score": 0.1}),
    (False, {"op": "resume", "offset": 3}),
    (False, {"op": "explain"}),
    (False, {"op": "restart"}),
    (False, {"op": "subscribe", "extra": 1}),
]


def versions():
    """CHANGES names every version of every file with its hash: a change needs a line there."""
    with open(os.path.join(API, "CHANGES"), encoding="utf-8") as file:
        lines = [line.split(None, 3) for line in file if line.strip() and line[0] != "#"]
    for name in FILES:
        with open(os.path.join(API, name), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()[:16]
        rows = [line for line in lines if line[0] == name]
        check(f"api: {name} is as its last line in deploy/api/CHANGES says",
              rows and len(rows[-1]) == 4 and rows[-1][2] == digest,
              f"{digest} is not there: add a line with the next version and what changed")
        numbers = [tuple(map(int, row[1].split("."))) for row in rows]
        check(f"api: the versions of {name} ascend", numbers == sorted(set(numbers)), numbers)


def contract():
    """Every message that the AsyncAPI file names is defined by the schema, and no other."""
    import yaml
    with open(os.path.join(API, "asyncapi.yaml"), encoding="utf-8") as file:
        api = yaml.safe_load(file)
    with open(os.path.join(API, "messages.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    named = {message["payload"]["$ref"].split("/")[-1]
             for message in api["channels"]["stream"]["messages"].values()}
    both = [schema["definitions"][side]["oneOf"] for side in ("fromDaemon", "toDaemon")]
    known = {row["$ref"].split("/")[-1] for side in both for row in side}
    check("api: the AsyncAPI file and the schema name the same messages", named == known,
          named ^ known)


async def talk(port, received):
    """Everything that a bot gets in a whole demo day, its odd requests included."""
    import websockets
    url = f"ws://127.0.0.1:{port}/v1/stream"
    async with websockets.connect(url, max_size=None) as stream:
        received.append(json.loads(await stream.recv()))
        for number, (_, request) in enumerate(REQUESTS):
            await asyncio.sleep(0.1)
            await stream.send(json.dumps(request))
            while True:
                received.append(json.loads(await asyncio.wait_for(stream.recv(), 5)))
                if received[-1]["type"] in ("ack", "reject", "explain"):
                    received[-1]["request"] = number
                    break
        epoch = received[0]["epoch"]
        for old in (epoch, "gone"):
            async with websockets.connect(url, max_size=None) as again:
                await again.recv()
                await again.send(json.dumps({"op": "resume", "epoch": old, "offset": 0}))
                for _ in range(5):
                    received.append(json.loads(await asyncio.wait_for(again.recv(), 5)))
                    if old == "gone" and received[-1]["type"] == "snapshot":
                        break
        try:
            async for message in stream:
                received.append(json.loads(message))
        except websockets.ConnectionClosed:
            pass


def messages():
    port = free_port()
    daemon = Daemon("demo", "--once", "--seed", "3", "--speed", "2000", "--port", str(port))
    received = []
    try:
        listens(port)
        asyncio.run(asyncio.wait_for(talk(port, received), 100))
    finally:
        daemon.kill()
    return received


def validate(received):
    import jsonschema
    with open(os.path.join(API, "messages.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)

    def of(side):
        return jsonschema.Draft7Validator(
            {"$ref": f"#/definitions/{side}", "definitions": schema["definitions"]})

    bad = [(message, error.message) for message in received
           for error in of("fromDaemon").iter_errors(message)]
    kinds = {"signal" if "ts_sent" in message else message["type"] for message in received}
    check("api: a bot has seen every kind of message in a demo day",
          kinds == {"hello", "ack", "reject", "snapshot", "explain", "signal"}
          or kinds == {"hello", "ack", "reject", "snapshot", "explain", "signal", "heartbeat"},
          kinds)
    check("api: every one of them is as the schema says", len(received) > 100 and not bad,
          f"{len(received)} messages, {len(bad)} wrong: {str(bad[:1])[:400]}")
    answers = {m["request"]: m["type"] for m in received if "request" in m}
    wrong = [(number, request) for number, (good, request) in enumerate(REQUESTS)
             if of("toDaemon").is_valid(request) != good
             or (answers.get(number) != "reject") != good]
    check("api: the schema and the daemon accept the same requests", not wrong, wrong)


def main():
    versions()
    for module in ("yaml", "websockets", "jsonschema"):
        try:
            __import__(module)
        except ImportError:
            skipped("api: the schemas against a demo day", f"python3-{module} is not installed")
            finish()
    contract()
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        validate(messages())
        os.chdir("/")
    finish()


if __name__ == "__main__":
    main()
