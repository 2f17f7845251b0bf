"""Connections to Redis that notice when the other host has vanished."""

from __future__ import annotations

from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError


class Noticing:
    """Raises ConnectionError if the kernel has given up the connection (ETIMEDOUT).

    redis-py 7.4 takes that error for the end of its own wait for a message, and reads again at once: the
    subscription would be lost, and the event loop would do nothing else.
    """

    async def read_response(self, *args: Any, **options: Any) -> Any:
        reader = self._reader  # type: ignore[attr-defined]
        if reader is not None and (error := reader.exception()):
            await self.disconnect(nowait=True)  # type: ignore[attr-defined]
            raise ConnectionError(f"The connection was lost: {error}")
        return await super().read_response(*args, **options)  # type: ignore[misc]


def noticing(base: type[AbstractConnection]) -> type[AbstractConnection]:
    return type(f"Noticing{base.__name__}", (Noticing, base), {})
