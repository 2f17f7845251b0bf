"""Shared parts of the clients of all protocols: a connection that checks each message that arrives."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from ..workload import DIGITS, Slot, Workload

T = TypeVar("T")
TEXT, CLOSE = WSMsgType.TEXT, WSMsgType.CLOSE


class Client(WSListener):
    """One connection. `on_ready` is called when it has joined its room, `on_lost` when it is closed early."""

    acknowledges = False
    has_cursor = True  # ready to connect; a client of Obrolan first needs its room's cursor

    def __init__(self, index: int, room: str, on_ready, on_lost) -> None:
        self.index, self.room = index, room
        self.on_ready, self.on_lost = on_ready, on_lost
        self.transport: WSTransport | None = None
        self.sampled = self.closing = self.reads = self.heard = False
        self.workload: Workload | None = None
        self.slots: dict[int, Slot] = {}
        self.last_markers: dict[int, int] = {}  # slot → the last marker received
        self.stride = 0

    def path(self) -> str:
        raise NotImplementedError

    def post(self, marker: int, text: str) -> None:
        raise NotImplementedError

    def receive(self, payload: bytes) -> None:
        raise NotImplementedError

    def take_cursor(self, other: Client) -> None:
        """Start at another client's cursor, as a browser starts at the cursor of the room's page."""

    def ping(self) -> None:
        pass

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == TEXT:
            self.heard = True
            self.receive(frame.get_payload_as_bytes())
        elif frame.msg_type == CLOSE:
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.closing:
            self.on_lost(self)

    def send(self, text: bytes) -> None:
        assert self.transport is not None
        self.transport.send(TEXT, text)

    def close(self) -> None:
        self.closing = True
        if self.transport is not None:
            self.transport.disconnect(graceful=False)

    def delivered(self, text: str, seq: int = 0) -> None:
        """Check a message that arrived: it must be the next one of its slot."""
        workload = self.workload
        if workload is None:
            return
        marker = int(text[:DIGITS])
        number = marker % self.stride
        last = self.last_markers.get(number)
        if last is None or last + self.stride != marker:
            workload.fault(f"reader {self.index} received {marker} after {last} from slot {number}")
            return
        self.last_markers[number] = marker
        workload.delivered += 1
        slot = self.slots[number]
        slot.shown_seq = seq
        if self.sampled and workload.measuring:
            workload.latencies.append(perf_counter() - slot.sent_at)
        workload.arrived(slot)


def cached(decode: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Decode a frame that all readers of a room receive only once.

    Otherwise the load generator would be slower than the servers that it measures.
    """
    last: tuple[bytes, T] | None = None

    def decoded(payload: bytes) -> T:
        nonlocal last
        if last is None or last[0] != payload:
            last = payload, decode(payload)
        return last[1]

    return decoded
