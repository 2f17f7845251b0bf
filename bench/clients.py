"""WebSocket clients for the protocols of the contestants. Each does what a browser would do, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from .workload import DIGITS, Slot, Workload

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
        self.sampled = self.closing = False
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


class TextMessage(msgspec.Struct):
    message: str = ""


class Json(Client):
    """`{"message": text}` in both directions, as in the Channels tutorial. The path names the room."""

    decode = staticmethod(cached(msgspec.json.Decoder(TextMessage).decode))

    def path(self) -> str:
        return f"/ws/chat/{self.room}/"

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.on_ready(self)

    def post(self, marker: int, text: str) -> None:
        self.send(json.dumps({"message": text}).encode())

    def receive(self, payload: bytes) -> None:
        self.delivered(self.decode(payload).message)


class SocketIO(Client):
    """Socket.IO 5 over Engine.IO 4, directly on a WebSocket: `transports: ["websocket"]`."""

    decode = staticmethod(cached(msgspec.json.Decoder(tuple[str, TextMessage]).decode))

    def path(self) -> str:
        return "/socket.io/?EIO=4&transport=websocket"

    def post(self, marker: int, text: str) -> None:
        self.send(b"42" + json.dumps(["text", {"message": text}]).encode())

    def receive(self, payload: bytes) -> None:
        if payload.startswith(b"42"):
            event, data = self.decode(payload[2:])
            if event == "message":
                self.delivered(data.message)
        elif payload == b"2":  # ping
            self.send(b"3")
        elif payload.startswith(b"0"):  # open
            self.send(b"40")
        elif payload.startswith(b"40"):  # connected
            self.send(
                b"421" + json.dumps(["join", {"username": f"p{self.index}", "room": self.room}]).encode()
            )
        elif payload.startswith(b"431"):  # the acknowledgement of "join"
            self.on_ready(self)


class Event(msgspec.Struct, tag_field="type"):
    pass


class Welcome(Event, tag="welcome"):
    epoch: str


class Reset(Event, tag="reset"):
    reason: str


class Synced(Event, tag="synced"):
    head: int


class Message(Event, tag="message"):
    seq: int
    rev: int
    text: str


class Ack(Event, tag="ack"):
    id: str
    seq: int


class Error(Event, tag="error"):
    code: str


class Joined(Event, tag="joined"):
    pass


class Left(Event, tag="left"):
    pass


class Typing(Event, tag="typing"):
    pass


class RoomState(Event, tag="room"):
    pass


class Sanction(Event, tag="sanction"):
    pass


class Pong(Event, tag="pong"):
    pass


class Bye(Event, tag="bye"):
    pass


AnyEvent = (
    Welcome
    | Reset
    | Synced
    | Message
    | Ack
    | Error
    | Joined
    | Left
    | Typing
    | RoomState
    | Sanction
    | Pong
    | Bye
)


class Obrolan(Client):
    """The protocol of docs/protocol.md: `hello`, a cursor that must not skip a change, acknowledgements."""

    acknowledges = True
    decode = staticmethod(cached(msgspec.json.Decoder(list[AnyEvent]).decode))

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.cursor = 0
        self.epoch: str | None = None
        self.since: int | None = None  # the cursor for `hello`
        self.is_synced = False
        self.resets = 0

    def path(self) -> str:
        return f"/ws/rooms/{self.room}/"

    @property
    def has_cursor(self) -> bool:  # type: ignore[override]
        return self.since is not None

    def take_cursor(self, other: Obrolan) -> None:  # type: ignore[override]
        self.since = self.cursor = other.cursor
        self.epoch = other.epoch

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.send(msgspec.json.encode({"type": "hello", "since": self.since, "epoch": self.epoch}))

    def post(self, marker: int, text: str) -> None:
        assert self.workload is not None
        key = f"{self.index:08x}-{self.workload.id}-{marker:012x}"
        self.send(b'{"type":"post","id":"%s","text":"%s"}' % (key.encode(), text.encode()))

    def ping(self) -> None:
        if self.is_synced:
            self.send(b'{"type":"ping"}')

    def receive(self, payload: bytes) -> None:
        for event in self.decode(payload):
            kind = type(event)
            if kind is Message:
                if self.is_synced and event.rev != self.cursor + 1:
                    self.fault(f"reader {self.index} received change {event.rev} after {self.cursor}")
                self.cursor = max(self.cursor, event.rev)
                if self.is_synced:
                    self.delivered(event.text, event.seq)
            elif kind is Ack:
                self.acknowledged(event)
            elif kind is Welcome:
                self.epoch = event.epoch
            elif kind is Synced:
                self.synced(event.head)
            elif kind is Reset:
                self.resets += 1
            elif kind is Error or kind is Bye or kind is Sanction:
                self.fault(f"reader {self.index} received {event}")

    def synced(self, head: int) -> None:
        self.cursor = head
        if not self.is_synced:
            self.is_synced = True
            self.on_ready(self)

    def acknowledged(self, ack: Ack) -> None:
        marker = int(ack.id[24:], 16)
        slot = self.slots.get(marker % self.stride)
        if self.workload is None or slot is None or slot.marker != marker:
            self.fault(f"reader {self.index} received an unexpected acknowledgement of {marker}")
            return
        slot.acked_seq = ack.seq
        self.workload.arrived(slot)

    def fault(self, description: str) -> None:
        if self.workload is not None:
            self.workload.fault(description)


PROTOCOLS: dict[str, type[Client]] = {"json": Json, "socketio": SocketIO, "obrolan": Obrolan}
