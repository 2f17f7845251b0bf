"""The commands of a client in a room: each frame becomes an action's command, or acts at once."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from time import monotonic

from msgspec import UNSET

from chat import events, frames
from chat.actions import changes
from chat.actions.command import Stored
from chat.actions.messages import Draft
from chat.actions.writing import may_write
from chat.models import HeldMessage, Room
from chat.refusals import Refusal

from .. import database
from ..feeds.feed import Feed
from ..feeds.people import Crowded
from .consumer import Socket

TYPING_EVERY = 2.0  # seconds
MAX_IN_FLIGHT = 200  # unanswered commands of one socket


class RoomCommands(Socket):
    feed: Feed | None = None  # set by `hello`
    cursor: int | None = None  # during a catch-up: rev of the last change that was sent
    in_flight = 0
    typed_at = 0.0  # monotonic seconds

    def execute(self, command: frames.AnyCommand) -> None:
        assert self.feed and self.identity
        room, me = self.feed.room_id, self.identity.user.id
        match command:
            case frames.Post():
                self._write(command.id, self._draft(command))
            case frames.Edit():
                self._write(command.id, changes.Edit(room, me, command.seq, command.text))
            case frames.Delete():
                self._write(command.id, changes.Delete(room, me, command.seq, address=self.ip))
            case frames.Restore():
                self._write(command.id, changes.Restore(room, me, command.seq, address=self.ip))
            case frames.React():
                self._write(command.id, changes.React(room, me, command.seq, command.emoji, command.on))
            case frames.Pin():
                self._write(command.id, changes.Pin(room, me, command.seq, command.on, address=self.ip))
            case frames.Read():
                self.process.mark_read(room, me, min(command.seq, self.feed.cursor))
            case frames.Unread():
                self.process.mark_unread(room, me, command.seq)
            case frames.Typing():
                self._typing()
            case frames.Watch():
                shown = command.newest
                self.process.lobby.watch(self, me, command.rooms, None, adds_joined=True, shown=shown)
            case frames.Ping():
                self.send_events(frames.Pong(head=self.head))
            case _:
                raise Refusal("not_here")

    @property
    def head(self) -> int:
        assert self.feed
        return self.feed.forwarded if self.cursor is None else self.cursor

    def _draft(self, post: frames.Post) -> Draft:
        """The author counts as known only without sanctions: then the transaction does not read them."""
        assert self.feed and self.identity
        author = None if self.sanctions else self.identity.as_row()
        room, me = self.feed.room_id, self.identity.user.id
        return Draft(room, me, post.id, post.text, post.reply_to, author, known_decisions=self.decisions)

    def _write(self, id: object, command: Draft | changes.Change) -> None:
        assert self.identity
        self.process.limits.spend_post(self.identity.user.id, self.ip)
        if self.in_flight >= MAX_IN_FLIGHT:
            raise Refusal("too_fast", retry_after_ms=1_000)
        self.process.writer.put(command, partial(self._answer, str(id)))
        self.in_flight += 1

    def _answer(self, id: str, result: Stored | Refusal) -> None:
        self.in_flight -= 1
        if isinstance(result, Refusal):
            self.refuse(result, id=id)
        elif isinstance(result, HeldMessage):
            self.process.held.tell(self, [] if self.closed else [result])
        else:
            self.send_events(frames.Ack(id=id, seq=result.seq, rev=result.rev))

    def _typing(self) -> None:
        """Announce only people who may write. Some modes of a room depend on the role, which is read then."""
        assert self.feed
        room = self.feed.room
        if self.sanctions or room.archived or monotonic() - self.typed_at <= TYPING_EVERY:
            return
        if isinstance(self.feed.people, Crowded):  # the events of so many would be sent to as many
            return
        self.typed_at = monotonic()
        if room.locked or room.calm_until is not UNSET or room.posters != Room.EVERYONE:
            self.process.spawn(self._announce_typing_if_allowed())
        else:
            self._announce_typing()

    async def _announce_typing_if_allowed(self) -> None:
        assert self.feed and self.identity
        with suppress(database.Error):
            room, me = self.feed.room_id, self.identity.user.id
            if await database.run(database.READERS, may_write, room, me):
                self._announce_typing()

    def _announce_typing(self) -> None:
        assert self.feed and self.identity
        events.announce(self.feed.room_id, self.feed.epoch, frames.TypingBy(user=self.identity.user))
