"""A client's socket in a room: `hello` with a cursor, the catch-up, then the feed."""

from __future__ import annotations

import logging
from uuid import UUID

from chat import frames, standing
from chat.models import HeldMessage, Room

from .. import database
from ..access.handshake import room_of_epoch
from ..access.held_messages import unanswered
from ..access.identity import Identity
from ..feeds.feed import Feed
from ..feeds.people import Crowded, People, count_of, listed_for, with_local
from .catch_up import CATCH_UP, FAR_BEHIND, Piece, read_piece
from .room_commands import RoomCommands

logger = logging.getLogger(__name__)


class RoomSocket(RoomCommands):
    """While `cursor` is a number, the socket catches up. Then it is None, and the feed sends changes."""

    _people: People  # during a catch-up: as sent to the client
    _room: frames.RoomState  # as sent to the client
    _room_is_stale = False  # changes of the room may have been skipped
    _left = CATCH_UP  # characters that this catch-up may still send

    # ── opening and closing ──────────────────────────────────────────────────────────────────────

    async def hello(self, command: frames.Hello) -> None:
        identity, room = await self.authorize()
        if self.closed or room is None:
            return
        if command.epoch not in (None, room.epoch):
            slug = self.scope["url_route"]["kwargs"]["slug"]
            room = await database.run(database.READERS, room_of_epoch, room, slug, command.epoch, identity)
        self.process.sockets.admit(self, identity, room.pk)
        feed = await self.process.feed(room)
        feed.read_up_to(room.head)
        piece = await self._first_piece(feed, identity, command, room.head)
        held = await self._held(identity, room)
        if self.closed:  # by the server meanwhile; the user did not join then
            return
        self._welcome(identity, room, feed, piece)
        self.process.held.tell(self, held)
        self._send_piece(piece)
        if not self._enter_feed():
            self.process.spawn(self._catch_up())

    async def _first_piece(self, feed: Feed, identity: Identity, command: frames.Hello, head: int) -> Piece:
        """Empty if the feed remembers all changes between the client's cursor and the room's head."""
        since = command.since
        if since is not None and command.epoch == UUID(feed.epoch):
            is_near = head <= feed.forwarded <= since + FAR_BEHIND
            if is_near and feed.broadcast.recent.since(since) is not None:
                return Piece(since, feed.forwarded, [])
        limits, user_id = self.process.limits, identity.user.id
        limits.spend_catch_up(user_id, self.ip)
        piece = await database.run(database.READERS, read_piece, feed.room_id, since, command.epoch)
        limits.charge_catch_up(user_id, self.ip, piece.size)
        return piece

    async def _held(self, identity: Identity, room: Room) -> list[HeldMessage]:
        """The user's messages that wait for approval."""
        if not room.has_held:
            return []
        return await database.run(database.READERS, unanswered, identity.user.id, room.pk)

    def _welcome(self, identity: Identity, room: Room, feed: Feed, piece: Piece) -> None:
        self._cancel_deadline()
        self.identity, self.feed = identity, feed
        feed.join(self)
        self.process.presence.arrive(room.pk, identity.user)
        feed.rename({identity.user.id: identity.user})
        people = with_local(feed.people, self.process.presence.people(room.pk))  # includes unannounced ones
        if isinstance(people, Crowded) and not isinstance(feed.people, Crowded):
            feed.update_people(people)  # so nobody else is announced by name
        self._people, self._room = feed.people, frames.room_state(room)
        user, listed = identity.user, listed_for(identity.user, people)
        present = count_of(people)
        self.send_events(
            frames.Welcome(frames.PROTOCOL, user, self._room, feed.epoch, piece.head, listed, present)
        )
        states = standing.states(identity.sanctions, identity.user.id, room.pk)
        self.update_sanctions(states, room.decisions)

    def on_closed(self) -> None:
        self.process.lobby.leave(self)
        self.process.held.forget(self)
        if self.feed and self.identity:
            self.feed.leave(self)
            self.process.presence.leave(self.feed.room_id, self.identity.user.id)

    # ── catch-up ─────────────────────────────────────────────────────────────────────────────────

    def fall_behind(self, cursor: int, people: People) -> None:
        """Called when the feed stops sending to this socket because it is congested."""
        self.cursor, self._people, self._left = cursor, people, CATCH_UP
        self._room_is_stale = True
        self.process.spawn(self._catch_up())

    async def _catch_up(self) -> None:
        """Send piece after piece, each when the client has read the last one. Then enter the feed."""
        try:
            while not await self._enter_feed_once_drained():
                if not await self._send_next_piece():
                    self.end(frames.CLOSE_RESTART)
        except database.UNAVAILABLE as error:
            logger.warning("A client was not caught up: %s", str(error).strip())
            self.end(frames.CLOSE_RESTART)  # it reconnects with its cursor
        except Exception:
            logger.exception("A client was not caught up")
            self.end(frames.CLOSE_RESTART)

    async def _enter_feed_once_drained(self) -> bool:
        assert self.feed and self.cursor is not None
        await self.connection.drained()
        await self.feed.reached(self.cursor)
        return self.closed or self._enter_feed()

    def _enter_feed(self) -> bool:
        """Returns True once the feed sends to this socket. It must not `await`: the feed would move on."""
        assert self.feed and self.cursor is not None
        if self.connection.is_congested or not self.feed.enter(self, self.cursor, self._people):
            return False
        self.cursor = None
        if self._room_is_stale or self._room != self.feed.room:
            self.send_events(frames.room_change(self._room, self.feed.room))
        self.send_events(*self.process.names.of_room(self.feed.room_id))
        self._room, self._room_is_stale = self.feed.room, False
        return True

    async def _send_next_piece(self) -> bool:
        """Returns False if there is none: a backup was restored, and the feed's changes are not valid."""
        assert self.feed and self.cursor is not None
        if self.connection.is_congested:
            return True  # not yet
        before, epoch = self.cursor, UUID(self.feed.epoch)
        piece = await database.run(database.READERS, read_piece, self.feed.room_id, before, epoch, self._left)
        if piece.reset == "epoch" or (piece.cursor == before and not piece.events):
            return False
        if not self.closed:
            self._send_piece(piece)
        return True

    def _send_piece(self, piece: Piece) -> None:
        if piece.reset:
            self.send_events(frames.Reset(reason=piece.reset, head=piece.cursor))
            self._left = CATCH_UP
        self.send_encoded(piece.events)
        self.cursor = piece.cursor
        self._left -= piece.size
        if piece.size > frames.SENT_CHARACTERS:
            self.flush()  # updates `is_congested`
