"""Channel layers that drop, repeat or reorder messages. Clients must not notice."""

from __future__ import annotations

import os
import random
from typing import Any

from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

HARMS = ("drop", "repeat", "reorder")


class FaultyLayer:
    """Disturbs a share of the group messages. `reorder` holds a message back until a later one was sent."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.share = float(os.environ.get("CHAOS_HINTS", 0))
        self.harms = os.environ.get("CHAOS_HARM", ",".join(HARMS)).split(",")
        self.random = random.Random(os.environ.get("CHAOS_SEED"))
        self.held_back: list[tuple[str, dict[str, Any]]] = []
        if os.environ.get("CHAOS_OWN_HINTS"):
            from chat.live.layer import Layer  # not at the top: Django is not set up there

            Layer.publish = publish_through_layer

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        harm = self.random.choice(self.harms) if self.random.random() < self.share else ""
        if harm == "reorder":
            self.held_back.append((group, message))
            return
        if harm != "drop":
            await self.deliver(group, message)
        if harm == "repeat":
            await self.deliver(group, message)
        late, self.held_back = self.held_back, []
        for delayed in reversed(late):
            await self.deliver(*delayed)

    async def deliver(self, group: str, message: dict[str, Any]) -> None:
        raise NotImplementedError


class FaultyRedisLayer(FaultyLayer, RedisPubSubChannelLayer):
    async def deliver(self, group: str, message: dict[str, Any]) -> None:
        await self._get_layer().group_send(group, message)  # the class is a proxy without a group_send


class FaultyInMemoryLayer(FaultyLayer, InMemoryChannelLayer):
    async def deliver(self, group: str, message: dict[str, Any]) -> None:
        await super().group_send(group, message)


def publish_through_layer(self: Any, hints: Any, others: Any = None) -> None:
    """Instead of `Layer.publish`: a process receives its own hints through the layer too."""
    for group, hint in hints if others is None else others:
        self._loop.call_soon_threadsafe(self._put, group, hint)
