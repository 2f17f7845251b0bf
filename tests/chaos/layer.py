"""Channel layers that mistreat what they carry: the feeds must not notice."""

from __future__ import annotations

import os
import random
from typing import Any

from channels.layers import InMemoryChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

HARMS = ("drop", "repeat", "reorder")


class Harmful:
    """Harms a share of the group messages. `reorder`: kept back, and sent after a later one."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.share = float(os.environ.get("CHAOS_HINTS", 0))
        self.harms = os.environ.get("CHAOS_HARM", ",".join(HARMS)).split(",")
        self.dice = random.Random(os.environ.get("CHAOS_SEED"))
        self.kept: list[tuple[str, dict[str, Any]]] = []

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        harm = self.dice.choice(self.harms) if self.dice.random() < self.share else ""
        if harm == "reorder":
            self.kept.append((group, message))
            return
        if harm != "drop":
            await self.pass_on(group, message)
        if harm == "repeat":
            await self.pass_on(group, message)
        late, self.kept = self.kept, []
        for kept in reversed(late):
            await self.pass_on(*kept)

    async def pass_on(self, group: str, message: dict[str, Any]) -> None:
        raise NotImplementedError


class HarmedRedis(Harmful, RedisPubSubChannelLayer):
    async def pass_on(self, group: str, message: dict[str, Any]) -> None:
        await self._get_layer().group_send(group, message)  # the class itself has none: it is a proxy


class HarmedMemory(Harmful, InMemoryChannelLayer):
    async def pass_on(self, group: str, message: dict[str, Any]) -> None:
        await super().group_send(group, message)
