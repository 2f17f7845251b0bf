"""Who has to see what: each delivery is counted and checked, and what is seen by all makes room for the next.

A closed loop: each slot has one message in flight. When every reader of its room has it (and, where the
server acknowledges, its sender knows), the slot sends its next one. So a marker that is missing, doubled or
out of order shows at once: each reader must see n, n + stride, n + 2·stride, … of each slot, nothing else.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from .wires import Client

DIGITS = 10  # of the marker that opens each text
WORDS = " the kettle is on, who wants tea and who wants coffee?"  # 64 characters with the marker
FAULTS_KEPT = 5  # of each run, to be read by people
SAMPLED = 20  # readers whose latencies are kept, spread over all


class Slot:
    __slots__ = ("acked", "marker", "owed", "room", "seen", "sender", "sent_at")

    def __init__(self, room: Room, sender: Client, marker: int) -> None:
        self.room, self.sender, self.marker = room, sender, marker
        self.owed = 0  # deliveries and acknowledgements that are still to come
        self.acked = self.seen = 0
        self.sent_at = 0.0


class Room:
    """The readers of one room, and its slots."""

    def __init__(self, tally: Tally, clients: list[Client]) -> None:
        self.tally, self.clients = tally, clients
        self.slots: dict[int, Slot] = {}


class Tally:
    def __init__(self, clients_by_room: list[list[Client]], in_flight: int) -> None:
        self.rooms = [Room(self, clients) for clients in clients_by_room]
        self.stride = in_flight
        self.name = str(uuid4())[9:23]  # part of every client id: what is said twice is not posted twice
        self.sending = self.measuring = False
        self.delivered = self.completed = self.open = self.faults = 0
        self.examples: list[str] = []
        self.latencies: list[float] = []  # seconds, from send to screen
        for number in range(in_flight):
            room = self.rooms[number % len(self.rooms)]
            sender = room.clients[number // len(self.rooms) % len(room.clients)]
            room.slots[number] = Slot(room, sender, number - in_flight)
        everybody = [client for room in self.rooms for client in room.clients]
        step = max(1, len(everybody) // SAMPLED)
        for index, client in enumerate(everybody):
            client.sampled = index % step == step - 1
        for room in self.rooms:
            for client in room.clients:
                client.tally, client.slots, client.stride = self, room.slots, in_flight
                client.last = {number: number - in_flight for number in room.slots}

    def start(self) -> None:
        self.sending = True
        for room in self.rooms:
            for slot in room.slots.values():
                self.send(slot)

    def send(self, slot: Slot) -> None:
        slot.marker += self.stride
        slot.owed = len(slot.room.clients) + slot.sender.acknowledges
        self.open += 1
        slot.sent_at = perf_counter()
        slot.sender.post(slot.marker, f"{slot.marker:0{DIGITS}d}{WORDS}")

    def settle(self, slot: Slot) -> None:
        """Something that was owed has come; the last of it frees the slot."""
        slot.owed -= 1
        if slot.owed:
            return
        if slot.acked != slot.seen:
            self.fault(f"message {slot.marker} was acknowledged as {slot.acked} and shown as {slot.seen}")
        self.completed += 1
        self.open -= 1
        if self.sending:
            self.send(slot)

    def fault(self, what: str) -> None:
        self.faults += 1
        if len(self.examples) < FAULTS_KEPT:
            self.examples.append(what)

    def missing(self) -> int:
        """Deliveries that are still owed."""
        return sum(slot.owed for room in self.rooms for slot in room.slots.values())
