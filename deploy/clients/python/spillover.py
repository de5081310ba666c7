"""A subscriber of spilloverd that gets every signal exactly once, in order, or is told what it missed.

    import asyncio, spillover

    async def main():
        async for signal in spillover.Subscriber(types=["breakout"], min_state="confirmed"):
            print(signal["key"], signal["state"], signal["ev"])

    asyncio.run(main())

Needs python3-websockets. It reconnects by itself with growing, jittered pauses and resumes with the
epoch and the offset that it has. Three kinds of objects come out, told apart by "type":
signals; {"type": "snapshot", ...}: the state everything is in, at the start and after a loss;
{"type": "missed", "reason": ...}: signals were lost for good (the snapshot follows).
"""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any, AsyncIterator, Optional, Sequence

import websockets

Message = dict[str, Any]
FIRST_PAUSE = 0.25  # seconds; doubles up to LAST_PAUSE, each drawn between half and whole
LAST_PAUSE = 30.0
SILENCE = 3  # heartbeats without a word before the connection is given up


class Gap(Exception):
    """The daemon skipped an offset of a stream that was subscribed whole: a bug, never weather."""


class Rejected(Exception):
    """The daemon refused the subscription; the text says why and what was meant."""


class Subscriber:
    """Iterate over it. `epoch` and `offset` may be stored and given again after a restart."""

    def __init__(self, url: str = "ws://127.0.0.1:8787/v1/stream", *,
                 types: Optional[Sequence[str]] = None, keys: Optional[Sequence[str]] = None,
                 instruments: Optional[Sequence[str]] = None,
                 baskets: Optional[Sequence[str]] = None,
                 buckets: Optional[Sequence[str]] = None, min_state: Optional[str] = None,
                 min_score: Optional[float] = None, epoch: Optional[str] = None,
                 offset: int = 0) -> None:
        self.url = url
        self.epoch = epoch
        self.offset = offset  # everything up to it that was asked for has been handed out
        self.reconnects = 0
        wanted = {"types": types, "keys": keys, "instruments": instruments, "baskets": baskets,
                  "buckets": buckets, "min_state": min_state, "min_score": min_score}
        self._wanted: Message = {k: v for k, v in wanted.items() if v is not None}
        self._heartbeat = 5.0
        self._stream: Any = None

    def request(self) -> Message:
        """What is asked for next: a resume when there is something to resume."""
        if self.epoch is None:
            return {"op": "subscribe", "id": 1, **self._wanted}
        return {"op": "resume", "id": 1, "epoch": self.epoch, "offset": self.offset,
                **self._wanted}

    async def __aiter__(self) -> AsyncIterator[Message]:
        pause = FIRST_PAUSE
        while True:
            try:
                async with websockets.connect(self.url, max_size=None,
                                              subprotocols=["spillover.v1"]) as stream:
                    self._stream = stream
                    async for message in self._messages(stream):
                        pause = FIRST_PAUSE
                        yield message
            except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as error:
                if getattr(error, "code", 0) == 4400:  # our offset is not of this stream
                    self.epoch = None
            self.reconnects += 1
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, LAST_PAUSE)

    def drop(self) -> None:
        """Breaks the connection without a goodbye, as a bad network does."""
        if self._stream is not None and self._stream.transport is not None:
            self._stream.transport.abort()

    async def _messages(self, stream: Any) -> AsyncIterator[Message]:
        while True:
            text = await asyncio.wait_for(stream.recv(), SILENCE * self._heartbeat)
            message = json.loads(text)
            handler = getattr(self, "_on_" + message["type"], None)
            if "ts_sent" in message:
                if self._is_next(message):
                    yield message
            elif handler is not None:
                answer = handler(message)
                if isinstance(answer, str):
                    await stream.send(answer)
                elif answer is not None:
                    yield answer

    def _is_next(self, signal: Message) -> bool:
        offset = signal["offset"]
        if signal["epoch"] != self.epoch or offset <= self.offset:
            return False
        if not self._wanted and offset != self.offset + 1:
            raise Gap(f"{self.offset} is followed by {offset}")
        self.offset = offset
        return True

    def _on_hello(self, hello: Message) -> str:
        self._heartbeat = hello["limits"]["heartbeat_ms"] / 1000
        return json.dumps(self.request())

    def _on_ack(self, ack: Message) -> Optional[Message]:
        if ack["op"] != "resume" or ack["recovered"]:
            return None
        return {"type": "missed", "reason": ack["reason"], "after": self.offset,
                "until": ack["offset"]}

    def _on_snapshot(self, snapshot: Message) -> Message:
        if snapshot["last"]:  # torn off between its parts, it is asked for again
            self.epoch = snapshot["epoch"]
            self.offset = snapshot["offset"]
        return snapshot

    def _on_heartbeat(self, beat: Message) -> None:
        # Comes only when nothing waits: what it counts and we did not get was not asked for.
        if not self._wanted and beat["offset"] != self.offset:
            raise Gap(f"{self.offset} was received, {beat['offset']} was sent")
        self.offset = max(self.offset, beat["offset"])

    def _on_reject(self, reject: Message) -> None:
        meant = f" (did you mean {reject['nearest']}?)" if "nearest" in reject else ""
        raise Rejected(f"{reject['code']}: {reject['message']}{meant}")
