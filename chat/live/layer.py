"""This process's side of the channel layer: it publishes hints, and subscribes to the groups of open rooms.

Hints of this process reach its own feeds directly. So its messages need no layer to reach its own sockets.

The layer may be slow, lose messages or be down. No operation takes longer than TIMEOUT, and nothing depends
on its success: the heartbeat finds every change in the database.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import get_ident
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer

from chat.events import Hint

TIMEOUT = 0.5  # seconds for one operation
RETRY_EVERY = 1.0  # seconds
MAX_UNSENT = 10_000  # hints; beyond it the oldest are dropped, and the heartbeat makes up for them

logger = logging.getLogger(__name__)

OnHint = Callable[[dict[str, Any]], None]


class Layer:
    def __init__(self, on_hint: OnHint) -> None:
        self._on_hint = on_hint
        self._id = uuid4().hex
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        self._layer = get_channel_layer()
        self._channel: str | None = None
        self._groups: set[str] = set()  # to be subscribed to
        self._subscribed: set[str] = set()
        self._outbox: deque[Hint] = deque(maxlen=MAX_UNSENT)
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._is_down = False

    def publish(self, hints: Sequence[Hint], others: Sequence[Hint] | None = None) -> None:
        """Pass hints to this process at once, and them or `others` to the other processes over the channel
        layer, which may lose them.

        Can be called from any thread. On the event loop this process has them when this returns.
        """
        if get_ident() != self._thread:
            self._loop.call_soon_threadsafe(self.publish, hints, others)
            return
        for _, hint in hints:
            self._handle(hint)
        for group, hint in hints if others is None else others:
            self.tell_others(group, hint)

    def tell_others(self, group: str, hint: dict[str, Any]) -> None:
        """Pass a hint to the other processes over the channel layer, which may lose it.

        Call this on the event loop.
        """
        self._put(group, {**hint, "process": self._id})

    def _put(self, group: str, hint: dict[str, Any]) -> None:
        self._outbox.append((group, hint))
        self._filled.set()
        self._emptied.clear()

    def _handle(self, hint: dict[str, Any]) -> None:
        try:
            self._on_hint(hint)
        except Exception:  # a bug of ours, not a failure of the layer
            logger.exception("A hint could not be handled")

    async def subscribe(self, group: str) -> None:
        """Receive the hints of a group. If the layer is down, `resubscribe` does it later."""
        self._groups.add(group)
        await self._join(group)

    async def unsubscribe(self, group: str) -> None:
        self._groups.discard(group)
        self._subscribed.discard(group)
        if self._channel:
            await self._try(self._layer.group_discard(group, self._channel))
        if group in self._groups:  # subscribed again meanwhile
            self._subscribed.discard(group)

    async def send(self) -> None:
        """Run for ever: send the published hints."""
        while True:
            await self._filled.wait()
            while self._outbox:
                group, hint = self._outbox.popleft()
                if not await self._try(self._layer.group_send(group, hint)):
                    self._outbox.clear()
                    await asyncio.sleep(RETRY_EVERY)
            self._filled.clear()
            self._emptied.set()

    async def finish(self) -> None:
        """Wait until the published hints are sent, at most TIMEOUT seconds."""
        await asyncio.sleep(0)  # hints of other threads are in the outbox on the next turn of the event loop
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT):
                await self._emptied.wait()

    async def receive(self) -> None:
        """Run for ever: pass on the hints of our groups."""
        while True:
            try:
                if self._channel is None:
                    self._channel = await self._layer.new_channel()
                    self._subscribed.clear()
                for group in self._groups - self._subscribed:
                    await self._join(group)
                hint = await self._layer.receive(self._channel)
            except Exception as error:
                self._note(error)
                self._channel = None
                await asyncio.sleep(RETRY_EVERY)
                continue
            if hint.get("process") != self._id:
                self._handle(hint)

    async def resubscribe(self) -> None:
        """Run for ever: subscribe to the groups for which that failed."""
        while True:
            await asyncio.sleep(RETRY_EVERY)
            for group in self._groups - self._subscribed:
                await self._join(group)

    async def _join(self, group: str) -> None:
        if self._channel and await self._try(self._layer.group_add(group, self._channel)):
            self._subscribed.add(group)

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
        if error and not self._is_down:
            reason = str(error).partition(" : <")[0]  # redis-py adds its objects after the reason
            logger.warning(
                "The channel layer is down (%s): messages take up to a second longer.",
                reason or type(error).__name__,
            )
        elif self._is_down and not error:
            logger.info("The channel layer works again.")
        self._is_down = error is not None
