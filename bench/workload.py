"""The closed-loop workload: it sends messages, and counts and checks every delivery.

Each slot has one message in flight. When all readers of the slot's room have received it, and the sender has
the acknowledgement where the server sends one, the slot sends its next message. Each reader must receive
n, n + stride, n + 2·stride, … from each slot, and nothing else. So a lost, duplicate or reordered message is
noticed at once.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from .clients import Client

DIGITS = 10  # of the marker, the number at the beginning of each text
FILLER = " the kettle is on, who wants tea and who wants coffee?"  # 64 characters with the marker
MAX_EXAMPLES = 5  # faults of a run that are described
SAMPLED = 20  # readers whose latencies are kept, spread over all readers


class Slot:
    """A sender with one message in flight."""

    __slots__ = ("acked_seq", "marker", "pending", "room", "sender", "sent_at", "shown_seq")

    def __init__(self, room: Room, sender: Client, marker: int) -> None:
        self.room, self.sender, self.marker = room, sender, marker
        self.pending = 0  # deliveries and acknowledgements that have not arrived yet
        self.acked_seq = self.shown_seq = 0
        self.sent_at = 0.0


class Room:
    """The readers of one room, and its slots."""

    def __init__(self, clients: list[Client]) -> None:
        self.clients = clients
        self.slots: dict[int, Slot] = {}


class Workload:
    def __init__(self, clients_by_room: list[list[Client]], in_flight: int) -> None:
        self.rooms = [Room(clients) for clients in clients_by_room]
        self.stride = in_flight
        self.id = str(uuid4())[9:23]  # part of every idempotency key, so that no run repeats another's keys
        self.sending = self.measuring = False
        self.delivered = self.completed = self.open = self.faults = 0
        self.examples: list[str] = []
        self.latencies: list[float] = []  # seconds, from sending to receiving
        for number in range(in_flight):
            room = self.rooms[number % len(self.rooms)]
            sender = room.clients[number // len(self.rooms) % len(room.clients)]
            room.slots[number] = Slot(room, sender, number - in_flight)
        all_clients = [client for room in self.rooms for client in room.clients]
        step = max(1, len(all_clients) // SAMPLED)
        for index, client in enumerate(all_clients):
            client.sampled = index % step == step - 1
        for room in self.rooms:
            for client in room.clients:
                client.workload, client.slots, client.stride = self, room.slots, in_flight
                client.last_markers = {number: number - in_flight for number in room.slots}

    def start(self) -> None:
        self.sending = True
        for room in self.rooms:
            for slot in room.slots.values():
                self.send(slot)

    def send(self, slot: Slot) -> None:
        slot.marker += self.stride
        slot.pending = len(slot.room.clients) + slot.sender.acknowledges
        self.open += 1
        slot.sent_at = perf_counter()
        slot.sender.post(slot.marker, f"{slot.marker:0{DIGITS}d}{FILLER}")

    def arrived(self, slot: Slot) -> None:
        """Count one delivery or acknowledgement. After the last one the slot sends its next message."""
        slot.pending -= 1
        if slot.pending:
            return
        if slot.acked_seq != slot.shown_seq:
            self.fault(
                f"message {slot.marker} was acknowledged as {slot.acked_seq} and shown as {slot.shown_seq}"
            )
        self.completed += 1
        self.open -= 1
        if self.sending:
            self.proceed(slot)

    def proceed(self, slot: Slot) -> None:
        self.send(slot)

    def fault(self, description: str) -> None:
        self.faults += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(description)

    def missing(self) -> int:
        """Deliveries and acknowledgements that have not arrived."""
        return sum(slot.pending for room in self.rooms for slot in room.slots.values())
