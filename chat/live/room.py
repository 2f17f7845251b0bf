"""A socket in a room: says hello with its cursor, is brought up to date, then takes part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from chat import events, frames
from chat.actions import changes
from chat.actions.messages import Draft
from chat.models import Message, Room
from chat.refusals import Refusal

from . import database, sending
from .consumer import Socket
from .feed import Feed
from .handshake import room_of_epoch
from .identity import Identity

PAGE = 50  # messages on a first visit and after a reset
FAR_BEHIND = 200  # changes; beyond it a new page is shorter than what was missed
TYPING_EVERY = 2.0  # seconds
IN_FLIGHT = 200  # commands of one socket that are not answered yet


class CatchUp(NamedTuple):
    """What brings a client from its cursor to `cursor`."""

    cursor: int
    events: list[str]
    reset: str | None = None  # why the client has to forget what it has


class RoomSocket(Socket):
    feed: Feed | None = None

    # ── coming and going ─────────────────────────────────────────────────────────────────────────

    async def hello(self, command: frames.Hello) -> None:
        identity, room = await self.arrival()
        if self.closed or room is None:
            return
        if command.epoch not in (None, room.epoch):
            slug = self.scope["url_route"]["kwargs"]["slug"]
            room = await database.run(database.ARRIVALS, room_of_epoch, room, slug, command.epoch, identity)
        await self.process.sockets.admit(self, identity, room.pk)
        feed = await self.process.feed(room)
        feed.heard(room.head)
        catch_up = await self._catch_up(feed, command.since, command.epoch, room.head)
        if self.closed:  # meanwhile, by us: nobody arrived
            return
        self._welcome(identity, room, feed, catch_up)
        await self._enter(feed, catch_up)

    def _welcome(self, identity: Identity, room: Room, feed: Feed, catch_up: CatchUp) -> None:
        self.identity, self.feed = identity, feed
        self.process.presence.arrive(room.pk, identity.user)
        people = feed.people | self.process.presence.people(room.pk)  # some are not told of yet
        self.tell(
            frames.Welcome(
                protocol=frames.PROTOCOL,
                user=identity.user,
                room=frames.room_info(room),
                epoch=feed.epoch,
                head=catch_up.cursor,
                people=list(people.values()),
            )
        )

    async def _enter(self, feed: Feed, catch_up: CatchUp) -> None:
        """Bring up to date, then enter the feed with no `await` in between."""
        while not self.closed:
            if catch_up.reset:
                self.tell(frames.Reset(reason=catch_up.reset, head=catch_up.cursor))
            self.deliver(sending.shared(frames.pack(catch_up.events)))
            if feed.enter(self, catch_up.cursor):
                return
            catch_up = await self._catch_up(feed, catch_up.cursor, UUID(feed.epoch))

    async def _catch_up(self, feed: Feed, since: int | None, epoch: UUID | None, head: int = 0) -> CatchUp:
        """From the feed's memory if it reaches from `since` to `head`, else from the database."""
        if since is not None and epoch == UUID(feed.epoch) and head <= feed.forwarded <= since + FAR_BEHIND:
            remembered = feed.since(since)
            if remembered is not None:
                return CatchUp(feed.forwarded, remembered)
        return await database.run(database.ARRIVALS, catch_up_from, feed.room_id, since, epoch)

    def left(self) -> None:
        if self.feed and self.identity:
            self.feed.leave(self)
            self.process.presence.leave(self.feed.room_id, self.identity.user.id)

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
            case frames.Got():
                self._got(command.head)
            case frames.Read():
                self.process.mark_read(room, me, min(command.seq, self.feed.cursor))
            case frames.Type():
                self._type()
            case frames.Ping():
                self.tell(frames.Pong(head=self.feed.forwarded))
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

    def _got(self, head: int) -> None:
        assert self.feed
        catch_up_from = self.feed.got(self, head)
        if catch_up_from is not None:
            self.come_back(catch_up_from)

    def come_back(self, cursor: int) -> None:
        """A socket that is outside of the feed and has everything up to `cursor` is brought up to date."""
        assert self.feed
        self.process.spawn(self._come_back(self.feed, cursor))

    async def _come_back(self, feed: Feed, cursor: int) -> None:
        try:
            await self._enter(feed, await self._catch_up(feed, cursor, UUID(feed.epoch)))
        except database.AWAY:
            self.end(frames.CLOSE_RESTART)  # it comes back and says hello with its cursor


def catch_up_from(room_id: int, since: int | None, epoch: UUID | None) -> CatchUp:
    """What a client at this cursor needs, from the database alone.

    Each query reads the head along with the rows, in one statement, so that both are of one moment.
    """
    room = Room.objects.get(pk=room_id)
    messages = Message.objects.filter(room=room_id).with_head()
    reset = None
    if since is not None:
        reset = reason_to_reset(room, since, epoch)
        if reset is None:
            missed = list(messages.changed_since(since)[: FAR_BEHIND + 1])
            if len(missed) <= FAR_BEHIND:
                return CatchUp(missed[0].head if missed else room.head, encode(missed))
            reset = "behind"
    page = messages.before(None, PAGE)
    return CatchUp(page[0].head if page else room.head, encode(page), reset)


def reason_to_reset(room: Room, since: int, epoch: UUID | None) -> str | None:
    if epoch != room.epoch:
        return "epoch"
    if since > room.head:
        return "ahead"
    if room.head - since > FAR_BEHIND:
        return "behind"
    return None


def encode(messages: Sequence[Message]) -> list[str]:
    return [frames.encode(frames.message(message)) for message in messages]
