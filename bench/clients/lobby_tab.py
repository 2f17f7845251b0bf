"""A tab that shows the lobby of Obrolan."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from picows import WSTransport

from .client import Client, cached
from .events import AnyEvent, RoomState, Welcome

NEWEST = 2**31 - 1  # the page lists all rooms that exist


class LobbyTab(Client):
    """It lists `busy` rooms below its own one, and remembers the last head that it was sent for each."""

    decode = staticmethod(cached(msgspec.json.Decoder(list[AnyEvent]).decode))

    def __init__(self, index: int, room: str, on_ready, on_lost, busy: Sequence[str]) -> None:
        super().__init__(index, room, on_ready, on_lost)
        self.listed = [room, *busy]
        self.heads: dict[str, int] = {}
        self.frames = self.events = 0  # with changes of rooms

    def path(self) -> str:
        return "/ws/lobby/"

    def on_ws_connected(self, transport: WSTransport) -> None:
        super().on_ws_connected(transport)
        self.send(b'{"type":"hello","since":null,"epoch":null,"pongs":true}')

    def ping(self) -> None:
        if self.transport is not None:
            self.send(b'{"type":"ping"}')

    def receive(self, payload: bytes) -> None:
        events = self.decode(payload)
        states = [event for event in events if isinstance(event, RoomState)]
        self.heads.update({state.slug: state.head for state in states})
        self.frames += bool(states)
        self.events += len(states)
        if any(isinstance(event, Welcome) for event in events):
            self.send(msgspec.json.encode({"type": "watch", "rooms": self.listed, "newest": NEWEST}))
            self.on_ready(self)

    def behind(self, heads: dict[str, int]) -> int:
        """The number of listed rooms whose head, of these, it was not sent."""
        return sum(self.heads.get(room) != heads[room] for room in self.listed if room in heads)
