import asyncio, json, websockets

async def main():
    async with websockets.connect("ws://127.0.0.1:8787/v1/stream") as stream:
        print(await stream.recv())  # {"type":"hello","protocol":"spillover.v1",...}
        await stream.send(json.dumps({"op": "subscribe", "id": 1, "types": ["breakout", "volume"]}))
        async for message in stream:
            signal = json.loads(message)  # first {"type":"ack","id":1,...}, then the signals
            print(signal["type"], signal.get("key"), signal.get("state"), signal.get("ev"))

asyncio.run(main())
