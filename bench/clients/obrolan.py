"""A client in a room of Obrolan."""

from __future__ import annotations

import msgspec
from picows import WSTransport

from .client import Client, cached
from .events import Ack, AnyEvent, Bye, Error, Message, Reset, Sanction, Synced, Welcome


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
        self.send(
            msgspec.json.encode({"type": "hello", "since": self.since, "epoch": self.epoch, "pongs": True})
        )

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
                    if self.reads:
                        self.send(b'{"type":"read","seq":%d}' % event.seq)
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
