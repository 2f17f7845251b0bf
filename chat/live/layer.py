"""This process's side of the channel layer: publishes hints and subscribes to the groups of the open rooms.

The layer may be slow, lose messages or be down. No operation takes longer than TIMEOUT, and nothing depends
on its success: the heartbeat finds every change in the database.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer

TIMEOUT = 0.5  # seconds for one operation
RETRY_EVERY = 1.0  # seconds
WAITING = 10_000  # unsent hints; the oldest are dropped, and the heartbeat makes up for them

logger = logging.getLogger(__name__)

Hear = Callable[[dict[str, Any]], None]


class Layer:
    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._layer = get_channel_layer()
        self._channel: str | None = None
        self._wanted: set[str] = set()
        self._joined: set[str] = set()
        self._outbox: deque[tuple[str, dict[str, Any]]] = deque(maxlen=WAITING)
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._away = False

    def publish(self, group: str, payload: dict[str, Any]) -> None:
        """Send a hint soon, or never. From any thread."""
        self._loop.call_soon_threadsafe(self._put, group, payload)

    def _put(self, group: str, payload: dict[str, Any]) -> None:
        self._outbox.append((group, payload))
        self._filled.set()
        self._emptied.clear()

    async def listen(self, group: str) -> None:
        """Subscribe to a group. If the layer is down, `mend` does it later."""
        self._wanted.add(group)
        await self._join(group)

    async def ignore(self, group: str) -> None:
        self._wanted.discard(group)
        self._joined.discard(group)
        if self._channel:
            await self._try(self._layer.group_discard(group, self._channel))
        if group in self._wanted:  # subscribed again meanwhile
            self._joined.discard(group)

    async def send(self) -> None:
        """Run for ever: send the published hints."""
        while True:
            await self._filled.wait()
            while self._outbox:
                group, payload = self._outbox.popleft()
                if not await self._try(self._layer.group_send(group, payload)):
                    self._outbox.clear()
                    await asyncio.sleep(RETRY_EVERY)
            self._filled.clear()
            self._emptied.set()

    async def finish(self) -> None:
        """Wait until the published hints are sent, at most TIMEOUT seconds."""
        await asyncio.sleep(0)  # `publish` puts them into the outbox on the next turn of the event loop
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT):
                await self._emptied.wait()

    async def receive(self) -> None:
        """Run for ever: pass on the hints of our groups."""
        while True:
            try:
                if self._channel is None:
                    self._channel = await self._layer.new_channel()
                    self._joined.clear()
                for group in self._wanted - self._joined:
                    await self._join(group)
                payload = await self._layer.receive(self._channel)
            except Exception as error:
                self._note(error)
                self._channel = None
                await asyncio.sleep(RETRY_EVERY)
                continue
            try:
                self._hear(payload)
            except Exception:  # a bug of ours, not a failure of the layer
                logger.exception("A hint could not be handled")

    async def mend(self) -> None:
        """Run for ever: subscribe to the groups for which that failed."""
        while True:
            await asyncio.sleep(RETRY_EVERY)
            for group in self._wanted - self._joined:
                await self._join(group)

    async def _join(self, group: str) -> None:
        if self._channel and await self._try(self._layer.group_add(group, self._channel)):
            self._joined.add(group)

    async def _try(self, operation: Any) -> bool:
        try:
            async with asyncio.timeout(TIMEOUT):
                await operation
        except Exception as error:
            self._note(error)
            return False
        self._note(None)
        return True

    def _note(self, error: Exception | None) -> None:
        if error and not self._away:
            logger.warning(
                "The channel layer is down (%s): messages take up to a second longer.",
                error or type(error).__name__,
            )
        elif self._away and not error:
            logger.info("The channel layer works again.")
        self._away = error is not None
