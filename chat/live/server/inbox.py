"""The queue of ASGI messages from a client to its consumer.

Daphne uses an `asyncio.Queue`, whose four deques take 3 kB of each idle socket.
"""

import asyncio
from typing import Any


class Inbox:
    """A queue for one reader, without a limit: the connection's input budget bounds it (`websocket.py`)."""

    __slots__ = ("_came", "_next", "_reader")

    def __init__(self) -> None:
        self._came: list[dict[str, Any]] = []
        self._next: list[dict[str, Any]] = []  # reversed: the next one is last
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: dict[str, Any]) -> None:
        self._came.append(message)
        if self._reader and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> dict[str, Any]:
        if not self._next:
            while not self._came:
                self._reader = asyncio.get_running_loop().create_future()
                await self._reader
            self._next, self._came = self._came[::-1], []
        return self._next.pop()
