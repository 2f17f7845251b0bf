"""Sending without a task: run ASGI's `send` up to its first wait.

Daphne's never waits, so a fan-out is a plain loop; a task for each delivery would cost more than the
delivery. uvicorn's waits while the client reads too slowly, and then the rest of it becomes a task.
"""

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import suppress
from types import coroutine
from typing import Any

# Under uvicorn a send to a client that is gone, or was told to go, raises. Its room must not suffer from it:
# the end of the fan-out once took two messages from the last reader.
GONE = (OSError, RuntimeError)

Message = dict[str, Any]  # of ASGI


def shared(frames: list[str]) -> list[Message]:
    """Frames for one socket or many: our server (server.py) encodes each once, and keeps it in `prepared`."""
    return [{"type": "websocket.send", "text": text, "prepared": None} for text in frames]


def start(sending: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
    """Run `sending` until it ends (None) or waits for something (a task with the rest of it)."""
    try:
        waits_for = sending.send(None)
    except (StopIteration, *GONE):
        return None
    return asyncio.ensure_future(_rest(sending, waits_for))


async def _rest(sending: Coroutine[Any, Any, None], waits_for: Any) -> None:
    with suppress(*GONE):
        await _go_on(sending, waits_for)


@coroutine
def _go_on(sending: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    yield waits_for
    yield from sending  # type: ignore[misc]  # a coroutine is not a generator to the type checker
