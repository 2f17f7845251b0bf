"""The open-loop workload: messages are sent by the clock, however long the server takes.

Latencies count from the moment at which a message was due. Each room has TURNS slots, which take turns, so
each of them still has one message in flight, and every delivery is checked as in the closed loop.
"""

from __future__ import annotations

import asyncio
from itertools import cycle
from time import perf_counter
from typing import TYPE_CHECKING

from .workload import Slot, Workload

if TYPE_CHECKING:
    from .clients import Client

TURNS = 10  # messages of a room that may be in flight; a server that is further behind makes the run void


class OpenLoop(Workload):
    """`rate`: messages a second in each room. They are spread evenly over the second."""

    def __init__(self, clients_by_room: list[list[Client]], rate: float) -> None:
        super().__init__(clients_by_room, len(clients_by_room) * TURNS)
        self.pause = 1 / (rate * len(clients_by_room))  # seconds
        by_number = {number: slot for room in self.rooms for number, slot in room.slots.items()}
        self.turns = cycle(by_number[number] for number in range(self.stride))
        self.pacer: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.sending = True
        self.pacer = asyncio.create_task(self.pace())
        self.pacer.add_done_callback(self.ended)

    def ended(self, pacer: asyncio.Task[None]) -> None:
        if not pacer.cancelled() and (error := pacer.exception()):
            self.fault(f"the clock stopped: {error!r}")

    async def pace(self) -> None:
        due = perf_counter()
        while self.sending:
            while due <= perf_counter():
                self.send_due(next(self.turns), due)
                due += self.pause
            await asyncio.sleep(max(0.0, due - perf_counter()))

    def send_due(self, slot: Slot, due: float) -> None:
        if slot.pending:
            self.fault(f"message {slot.marker} is still in flight after {TURNS} turns")
            return
        self.send(slot)
        slot.sent_at = due

    def proceed(self, slot: Slot) -> None:
        """The clock decides."""
