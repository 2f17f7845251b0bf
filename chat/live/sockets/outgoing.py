"""Sending to one client: events are collected during a turn of the event loop and leave in one frame."""

from __future__ import annotations

import asyncio
from time import monotonic

import msgspec
from msgspec.structs import replace

from chat import frames
from chat.models import Room
from chat.refusals import Refusal
from chat.standing import Sanctioned

from ..access.identity import Identity
from ..access.open_sockets import Sanctions
from ..connection import Connection, Frame

MAX_RATE_REFUSALS = 100  # refusals as `too_fast` without a pause between them; beyond it the socket is closed
REFUSALS_RESET_AFTER = 10.0  # seconds without such a refusal
CLOSES = {  # refusals that close the socket
    "hello_late": frames.CLOSE_SILENT,
    "sign_in": frames.CLOSE_SIGN_IN,
    "session_moved": frames.CLOSE_RESTART,
    "removed": frames.CLOSE_BANNED,
    "banned": frames.CLOSE_BANNED,
    "deactivated": frames.CLOSE_BANNED,
    "no_room": frames.CLOSE_NO_ROOM,
    "lagging": frames.CLOSE_SILENT,
    "too_many_sockets": frames.CLOSE_TOO_MANY,
    "opened_elsewhere": frames.CLOSE_TOO_MANY,
    "flood": frames.CLOSE_FLOOD,
}


class Outgoing:
    """The sending half of a consumer."""

    connection: Connection
    identity: Identity | None = None  # set by `hello`
    closed = False
    sanctions: Sanctions = {}  # as announced; replaced, never changed
    decisions = Room.UNKNOWN_DECISIONS  # Room.decisions, read before `sanctions`
    _events: list[str]  # encoded, to be sent at the end of this turn of the event loop
    _rate_refusals = 0
    _rate_refused_at = 0.0  # monotonic seconds

    def send_events(self, *events: frames.Event) -> None:
        """Send events at the end of this turn of the event loop, in one frame if they fit."""
        self.send_encoded([frames.encode(event) for event in events])

    def send_encoded(self, events: list[str]) -> None:
        if not self._events:
            asyncio.get_running_loop().call_soon(self.flush)
        self._events += events

    def refuse(self, refusal: Refusal, *, id: str | None = None) -> None:
        """Send the error of the command `id`, which was not executed. Some refusals close the socket.

        Before a close, a person who is banned is told everything about it.
        """
        if isinstance(refusal, Sanctioned) and refusal.code in CLOSES:
            self.send_events(refusal.event)
        self.send_events(
            frames.Error(
                code=refusal.code,
                message=refusal.message,
                retry=refusal.retry,
                id=id or msgspec.UNSET,
                retry_after_ms=refusal.retry_after_ms or msgspec.UNSET,
            )
        )
        if refusal.code == "too_fast":
            self._count_rate_refusal()
        if refusal.code in CLOSES:
            self.end(CLOSES[refusal.code])

    def update_sanctions(self, sanctions: Sanctions, decisions: int) -> bool:
        """Announce the sanctions in force that are new or changed, and those that ended.

        The heartbeat may know of one before the `welcome`. Then it returns False, and the next one announces
        it.
        """
        if self.identity is None:
            return False
        before, self.sanctions, self.decisions = self.sanctions, sanctions, decisions
        if before != sanctions:
            ended = [replace(before[id], ended=True) for id in before.keys() - sanctions.keys()]
            changed = [state for id, state in sanctions.items() if before.get(id) != state]
            self.send_events(*ended, *changed)
        return True

    def deliver(self, frame: Frame) -> bool:
        """Send a broadcast frame, after this socket's own events. Returns False if it is congested now."""
        if self._events:
            own, self._events = self._events, []
            self.connection.send_frames([*map(Frame, frames.pack(own)), frame])
        else:
            self.connection.send_frame(frame)
        return not self.connection.is_congested

    @property
    def is_congested(self) -> bool:
        """Too much is unsent: the client reads too slowly."""
        return self.connection.is_congested

    def flush(self) -> None:
        events, self._events = self._events, []
        if not self.closed:
            for text in frames.pack(events):
                self.connection.send_frame(Frame(text))

    def end(self, code: int) -> None:
        """Close the socket after the events that were sent to it."""
        if self.closed:
            return
        try:
            self.flush()
        finally:
            self._release()
            self.connection.close_with(code)

    def _release(self) -> None:
        """Mark the socket as closed, and give up everything that it holds."""
        raise NotImplementedError

    def _count_rate_refusal(self) -> None:
        now = monotonic()
        is_repeated = now - self._rate_refused_at < REFUSALS_RESET_AFTER
        self._rate_refusals = self._rate_refusals + 1 if is_repeated else 1
        self._rate_refused_at = now
        if self._rate_refusals > MAX_RATE_REFUSALS:
            self.refuse(Refusal("flood"))
