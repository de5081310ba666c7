#!/usr/bin/python3
"""Subscribes with python3-websockets, an implementation that is not ours.

usage: ws_subscriber.py PORT REQUEST
Prints "hello EPOCH", then "ack TYPES" (or "reject CODE"), then one offset a line, and in the end
"closed CODE REASON".
"""
import asyncio
import json
import sys

import websockets


async def main(port, request):
    url = f"ws://127.0.0.1:{port}/v1/stream"
    async with websockets.connect(url, subprotocols=["spillover.v1"]) as socket:
        assert socket.subprotocol == "spillover.v1"
        hello = json.loads(await socket.recv())
        print("hello", hello["epoch"], flush=True)
        await socket.send(request)
        answer = json.loads(await socket.recv())
        words = answer["types"] if answer["type"] == "ack" else [answer["code"]]
        await (await socket.ping())
        print(answer["type"], ",".join(words), flush=True)
        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] not in ("heartbeat", "snapshot"):
                    print(message["offset"], flush=True)
        except websockets.ConnectionClosed:
            pass
        print("closed", socket.close_code, socket.close_reason, flush=True)


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
