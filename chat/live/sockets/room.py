"""A socket in a room: `hello` with a cursor, the catch-up, then taking part."""

from __future__ import annotations

import logging
from functools import partial
from time import monotonic
from uuid import UUID

from chat import events, frames
from chat.actions import changes
from chat.actions.messages import Draft
from chat.models import Message, Room
from chat.refusals import Refusal

from .. import database
from ..access.handshake import room_of_epoch
from ..access.identity import Identity
from ..feeds.feed import Feed
from ..feeds.reader import People
from .catch_up import CATCH_UP, FAR_BEHIND, Piece, read_piece
from .consumer import Socket

TYPING_EVERY = 2.0  # seconds
IN_FLIGHT = 200  # commands of one socket that are not answered yet

logger = logging.getLogger(__name__)


class RoomSocket(Socket):
    feed: Feed | None = None
    cursor: int | None = None  # while it catches up: it was sent every change up to here
    _people: People  # while it catches up: as it was told of them
    _room: frames.RoomState  # as it was told of the room
    _room_is_stale = False
    _left = CATCH_UP  # characters that this catch-up may still send

    # ── coming and going ─────────────────────────────────────────────────────────────────────────

    async def hello(self, command: frames.Hello) -> None:
        identity, room = await self.arrival()
        if self.closed or room is None:
            return
        if command.epoch not in (None, room.epoch):
            slug = self.scope["url_route"]["kwargs"]["slug"]
            room = await database.run(database.ARRIVALS, room_of_epoch, room, slug, command.epoch, identity)
        self.process.sockets.admit(self, identity, room.pk)
        feed = await self.process.feed(room)
        feed.heard(room.head)
        piece = await self._first_piece(feed, identity, command, room.head)
        if self.closed:  # by the server, meanwhile: then nobody joined
            return
        self._welcome(identity, room, feed, piece)
        self._take(piece)
        if not self._is_up_to_date():
            self.process.spawn(self._catch_up())

    async def _first_piece(self, feed: Feed, identity: Identity, command: frames.Hello, head: int) -> Piece:
        """Empty where the feed remembers everything from the client's cursor to the room's head."""
        since = command.since
        if since is not None and command.epoch == UUID(feed.epoch):
            is_near = head <= feed.forwarded <= since + FAR_BEHIND
            if is_near and feed.broadcast.recent.since(since) is not None:
                return Piece(since, feed.forwarded, [])
        self.process.limits.spend_catch_up(identity.user.id, self.ip)
        return await database.run(database.ARRIVALS, read_piece, feed.room_id, since, command.epoch)

    def _welcome(self, identity: Identity, room: Room, feed: Feed, piece: Piece) -> None:
        self._forget_deadline()
        self.identity, self.feed = identity, feed
        feed.join(self)
        self.process.presence.arrive(room.pk, identity.user)
        self._people, self._room = feed.people, frames.room_state(room)
        people = feed.people | self.process.presence.people(room.pk)  # not all of these are announced yet
        self.tell(
            frames.Welcome(
                protocol=frames.PROTOCOL,
                user=identity.user,
                room=self._room,
                epoch=feed.epoch,
                head=piece.head,
                people=list(people.values()),
            )
        )

    def left(self) -> None:
        if self.feed and self.identity:
            self.feed.leave(self)
            self.process.presence.leave(self.feed.room_id, self.identity.user.id)

    # ── catching up ──────────────────────────────────────────────────────────────────────────────

    def fall_behind(self, cursor: int, people: People) -> None:
        """The feed skips this socket from now on: it has too much unsent data."""
        self.cursor, self._people, self._left = cursor, people, CATCH_UP
        self._room_is_stale = True  # it may have changed with what was not sent
        self.process.spawn(self._catch_up())

    async def _catch_up(self) -> None:
        """Send piece after piece, each when the client has taken the last one, then enter the feed."""
        try:
            while not await self._is_up_to_date_once_drained():
                if not await self._send_next_piece():
                    self.end(frames.CLOSE_RESTART)
        except database.AWAY as error:
            logger.warning("A client was not caught up: %s", str(error).strip())
            self.end(frames.CLOSE_RESTART)  # it reconnects with its cursor
        except Exception:
            logger.exception("A client was not caught up")
            self.end(frames.CLOSE_RESTART)

    async def _is_up_to_date_once_drained(self) -> bool:
        assert self.feed and self.cursor is not None
        await self.connection.drained()
        await self.feed.reached(self.cursor)
        return self.closed or self._is_up_to_date()

    def _is_up_to_date(self) -> bool:
        """True when the socket is in the feed. Neither it nor the feed may wait in between."""
        assert self.feed and self.cursor is not None
        if self.connection.is_congested or not self.feed.enter(self, self.cursor, self._people):
            return False
        self.cursor = None
        if self._room_is_stale or self._room != self.feed.room:
            self.tell(frames.moved(self._room, self.feed.room))
        self._room, self._room_is_stale = self.feed.room, False
        return True

    async def _send_next_piece(self) -> bool:
        """False when there is none: then the feed and the database are of two worlds, after a restore."""
        assert self.feed and self.cursor is not None
        if self.connection.is_congested:
            return True  # not yet
        before, epoch = self.cursor, UUID(self.feed.epoch)
        piece = await database.run(
            database.ARRIVALS, read_piece, self.feed.room_id, before, epoch, self._left
        )
        if piece.reset == "epoch" or (piece.cursor == before and not piece.events):
            return False
        if not self.closed:
            self._take(piece)
        return True

    def _take(self, piece: Piece) -> None:
        if piece.reset:
            self.tell(frames.Reset(reason=piece.reset, head=piece.cursor))
            self._left = CATCH_UP
        self.tell_encoded(piece.events)
        self.cursor = piece.cursor
        self._left -= piece.size
        if piece.size > frames.SENT_CHARACTERS:
            self.flush()  # to see whether the client takes it

    # ── taking part ──────────────────────────────────────────────────────────────────────────────

    in_flight = 0
    typed_at = 0.0

    def obey(self, command: frames.AnyCommand) -> None:
        assert self.feed and self.identity
        room, me = self.feed.room_id, self.identity.user.id
        match command:
            case frames.Post():
                author = self.identity.as_row()
                self._write(command.id, Draft(room, me, command.id, command.text, command.reply_to, author))
            case frames.Edit():
                self._write(command.id, changes.Edit(room, me, command.seq, command.text))
            case frames.Delete():
                self._write(command.id, changes.Delete(room, me, command.seq))
            case frames.React():
                self._write(command.id, changes.React(room, me, command.seq, command.emoji, command.on))
            case frames.Read():
                self.process.mark_read(room, me, min(command.seq, self.feed.cursor))
            case frames.Type():
                self._type()
            case frames.Ping():
                self.tell(frames.Pong(head=self.feed.forwarded if self.cursor is None else self.cursor))
            case _:
                raise Refusal("not_here")

    def _write(self, id: object, command: Draft | changes.Change) -> None:
        assert self.identity
        self.process.limits.spend_post(self.identity.user.id, self.ip)
        if self.in_flight >= IN_FLIGHT:
            raise Refusal("too_fast", retry_after_ms=1_000)
        self.process.writer.put(command, partial(self._answer, str(id)))
        self.in_flight += 1

    def _answer(self, id: str, result: Message | Refusal) -> None:
        self.in_flight -= 1
        if isinstance(result, Refusal):
            self.refuse(result, id=id)
        else:
            self.tell(frames.Ack(id=id, seq=result.seq, rev=result.rev))

    def _type(self) -> None:
        assert self.feed and self.identity
        if monotonic() - self.typed_at > TYPING_EVERY:
            self.typed_at = monotonic()
            events.announce(self.feed.room_id, self.feed.epoch, frames.TypingBy(user=self.identity.user))
