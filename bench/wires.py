"""The three dialects that contestants speak, each as a client that does what a browser would, and no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from .tally import DIGITS, Slot, Tally

T = TypeVar("T")
TEXT, CLOSE = WSMsgType.TEXT, WSMsgType.CLOSE


class Client(WSListener):
    """One reader. `ready` is called once it is in its room."""

    acknowledges = False
    knows_the_room = True

    def __init__(self, index: int, room: str, on_ready, on_lost) -> None:
        self.index, self.room = index, room
        self.on_ready, self.on_lost = on_ready, on_lost
        self.transport: WSTransport | None = None
        self.sampled = self.leaving = False
        self.tally: Tally | None = None
        self.slots: dict[int, Slot] = {}
        self.last: dict[int, int] = {}
        self.stride = 0

    def path(self) -> str:
        raise NotImplementedError

    def post(self, marker: int, text: str) -> None:
        raise NotImplementedError

    def receive(self, payload: bytes) -> None:
        raise NotImplementedError

    def learn_from(self, scout: Client) -> None:
        """What a page would have told, before its socket opens."""

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
        if not self.leaving:
            self.on_lost(self)

    def send(self, text: bytes) -> None:
        assert self.transport is not None
        self.transport.send(TEXT, text)

    def leave(self) -> None:
        self.leaving = True
        if self.transport is not None:
            self.transport.disconnect(graceful=False)

    def seen(self, text: str, seq: int = 0) -> None:
        """A message is on this screen: is it the one that has to come?"""
        tally = self.tally
        if tally is None:
            return
        marker = int(text[:DIGITS])
        number = marker % self.stride
        last = self.last.get(number)
        if last is None or last + self.stride != marker:
            tally.fault(f"reader {self.index} saw {marker} after {last} of slot {number}")
            return
        self.last[number] = marker
        tally.delivered += 1
        slot = self.slots[number]
        slot.seen = seq
        if self.sampled and tally.measuring:
            tally.latencies.append(perf_counter() - slot.sent_at)
        tally.settle(slot)


def once(decode: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Decode what all readers of a room receive once, not for each: the load must not be the limit."""
    last: tuple[bytes, T] | None = None

    def decoded(payload: bytes) -> T:
        nonlocal last
        if last is None or last[0] != payload:
            last = payload, decode(payload)
        return last[1]

    return decoded


class Said(msgspec.Struct):
    message: str = ""


class Json(Client):
    """`{"message": text}` both ways, as in the Channels tutorial; the path is the room."""

    decode = staticmethod(once(msgspec.json.Decoder(Said).decode))

    def path(self) -> str:
        return f"/ws/chat/{self.room}/"

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.on_ready(self)

    def post(self, marker: int, text: str) -> None:
        self.send(json.dumps({"message": text}).encode())

    def receive(self, payload: bytes) -> None:
        self.seen(self.decode(payload).message)


class SocketIO(Client):
    """Socket.IO 5 over Engine.IO 4, on a WebSocket from the start: `transports: ["websocket"]`."""

    decode = staticmethod(once(msgspec.json.Decoder(tuple[str, Said]).decode))

    def path(self) -> str:
        return "/socket.io/?EIO=4&transport=websocket"

    def post(self, marker: int, text: str) -> None:
        self.send(b"42" + json.dumps(["text", {"message": text}]).encode())

    def receive(self, payload: bytes) -> None:
        if payload.startswith(b"42"):
            event, said = self.decode(payload[2:])
            if event == "message":
                self.seen(said.message)
        elif payload == b"2":
            self.send(b"3")  # the server's ping
        elif payload.startswith(b"0"):
            self.send(b"40")
        elif payload.startswith(b"40"):
            self.send(
                b"421" + json.dumps(["join", {"username": f"p{self.index}", "room": self.room}]).encode()
            )
        elif payload.startswith(b"431"):
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
    """The whole contract of docs/protocol.md: hello, a cursor without a hole, acknowledgements."""

    acknowledges = True
    decode = staticmethod(once(msgspec.json.Decoder(list[AnyEvent]).decode))

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.cursor = 0
        self.epoch: str | None = None
        self.since: int | None = None  # what the last visit knew
        self.entered = False
        self.resets = 0

    def path(self) -> str:
        return f"/ws/rooms/{self.room}/"

    @property
    def knows_the_room(self) -> bool:  # type: ignore[override]
        return self.since is not None

    def learn_from(self, scout: Obrolan) -> None:  # type: ignore[override]
        self.since = self.cursor = scout.cursor
        self.epoch = scout.epoch

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.send(msgspec.json.encode({"type": "hello", "since": self.since, "epoch": self.epoch}))

    def post(self, marker: int, text: str) -> None:
        assert self.tally is not None
        key = f"{self.index:08x}-{self.tally.name}-{marker:012x}"
        self.send(b'{"type":"post","id":"%s","text":"%s"}' % (key.encode(), text.encode()))

    def ping(self) -> None:
        if self.entered:
            self.send(b'{"type":"ping"}')

    def receive(self, payload: bytes) -> None:
        for event in self.decode(payload):
            kind = type(event)
            if kind is Message:
                if self.entered and event.rev != self.cursor + 1:
                    self.complain(f"reader {self.index} got change {event.rev} after {self.cursor}")
                self.cursor = max(self.cursor, event.rev)
                if self.entered:
                    self.seen(event.text, event.seq)
            elif kind is Ack:
                self.acknowledged(event)
            elif kind is Welcome:
                self.epoch = event.epoch
            elif kind is Synced:
                self.synced(event.head)
            elif kind is Reset:
                self.resets += 1
            elif kind is Error or kind is Bye or kind is Sanction:
                self.complain(f"reader {self.index} was told {event}")

    def synced(self, head: int) -> None:
        self.cursor = head
        if not self.entered:
            self.entered = True
            self.on_ready(self)

    def acknowledged(self, ack: Ack) -> None:
        marker = int(ack.id[24:], 16)
        slot = self.slots.get(marker % self.stride)
        if self.tally is None or slot is None or slot.marker != marker:
            self.complain(f"reader {self.index} got an acknowledgement of {marker} that it does not wait for")
            return
        slot.acked = ack.seq
        self.tally.settle(slot)

    def complain(self, what: str) -> None:
        if self.tally is not None:
            self.tally.fault(what)


WIRES: dict[str, type[Client]] = {"json": Json, "socketio": SocketIO, "obrolan": Obrolan}
