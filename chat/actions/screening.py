"""Checks of a text in its transaction, besides sanctions and modes: rules, slow mode and approval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery

from chat.models import HeldMessage, Message, Room, User
from chat.models.counted import Counted
from chat.models.user_queries import UserQuerySet
from chat.ranks import Rank
from chat.refusals import Refusal
from chat.rule_sets import HOLD, RuleRow

from . import rule_cache, rule_log
from .command import Command
from .rule_log import Applied
from .writing import too_soon

NEW_FOR = timedelta(days=7)  # an account; a spammer rarely prepares one a week ahead
MAX_WAITING = 20  # held messages of one person, in all rooms
FIRST_MESSAGES = "The first messages of new people in this room wait for approval."


def against(rule: RuleRow) -> Refusal:
    return Refusal("against_rules", explanation=rule.reason)


class Screening:
    def __init__(self, rooms: Iterable[Room], commands: Collection[Command], now: datetime) -> None:
        """The rooms are locked. `now` is the database's clock."""
        self._rooms = {room.pk: room for room in rooms}
        self._now = now
        self._authors = {(command.room_id, command.actor_id) for command in commands if command.key}
        self._latest: dict[int, dict[int, datetime]] = {}  # room id → user id → when they last wrote there
        self._counts: dict[int, Counter[int]] = {}  # room id → user id → messages, up to those that matter
        self._waiting: Counter[int] | None = None  # user id → held messages
        self._held: list[HeldMessage] = []
        self._applied: list[Applied] = []

    def outdated(self, commands: Iterable[Command]) -> list[Command]:
        """The commands whose texts were matched with rules that are no longer in force."""
        in_force = rule_cache.in_force(self._rooms.values())
        return [
            command
            for command in commands
            if command.follows_rules
            and command.prepared
            and command.prepared.rules != in_force.get(command.room_id, ())
        ]

    def refuse_by_rules(self, command: Command) -> None:
        """Raises Refusal: against_rules."""
        assert command.prepared
        rule = command.prepared.stopped_by
        if rule and rule.effect != HOLD:
            self._applied.append(Applied("refuse", command.actor_id, command.room_id, rule))
            raise against(rule)

    def refuse_too_soon(self, room: Room, user: User, rank: Rank) -> None:
        """Slow mode. Raises Refusal: slow_mode."""
        if not room.slow_mode or rank >= Rank.ROOM_MODERATOR:
            return
        latest = self._latest_in(room).get(user.pk)
        wait = latest and latest + timedelta(seconds=room.slow_mode) - self._now
        if wait and wait > timedelta():
            raise too_soon(room, wait)

    def cause_to_hold(self, command: Command, room: Room, user: User, rank: Rank) -> str | None:
        """Why a message must wait for approval, if it must."""
        assert command.prepared
        if rank >= Rank.ROOM_MODERATOR:
            return None
        if command.prepared.stopped_by:
            return command.prepared.stopped_by.reason
        if not room.approve_first or not (user.is_guest or self._now - user.date_joined < NEW_FOR):
            return None
        return FIRST_MESSAGES if self._count_in(room)[user.pk] < room.approve_first else None

    def hold(self, held: HeldMessage) -> HeldMessage:
        """Raises Refusal: too_many_held."""
        if self._waiting is None:
            authors = {author for _, author in self._authors}
            rows = HeldMessage.objects.waiting().filter(author__in=authors).values("author").order_by()
            self._waiting = Counter(dict(rows.annotate(n=Count("pk")).values_list("author", "n")))
        if self._waiting[held.author_id] >= MAX_WAITING:
            raise Refusal("too_many_held", limit=MAX_WAITING)
        self._waiting[held.author_id] += 1
        self._held.append(held)
        self._applied.append(Applied("hold", held.author_id, held.room_id, None, held.cause))
        return held

    def posted(self, message: Message, command: Command) -> None:
        """Count a message for those after it in the same transaction."""
        room_id, author_id = message.room_id, message.author_id
        if room_id in self._latest:
            self._latest[room_id][author_id] = self._now
        if room_id in self._counts:
            self._counts[room_id][author_id] += 1
        masked_by = command.prepared.masked_by if command.prepared else ()
        self._applied += [Applied("mask", author_id, room_id, rule) for rule in masked_by]

    def save(self) -> None:
        """Store held messages, and count what rules did for the audit log."""
        if self._applied:
            transaction.on_commit(partial(rule_log.note, self._applied))
        if self._held:
            HeldMessage.objects.bulk_create(self._held)
            Room.objects.filter(pk__in={held.room_id for held in self._held}).update(has_held=True)

    def _latest_in(self, room: Room) -> dict[int, datetime]:
        """One query for all authors of the transaction: one index lookup each."""
        if room.pk not in self._latest:
            since = self._now - timedelta(seconds=room.slow_mode)
            written = Message.objects.filter(room=room, author=OuterRef("pk"), created_at__gt=since)
            latest = Subquery(written.order_by("-created_at").values("created_at")[:1])
            rows = self._authors_in(room).annotate(latest=latest).values_list("pk", "latest")
            self._latest[room.pk] = {id: at for id, at in rows if at}
        return self._latest[room.pk]

    def _count_in(self, room: Room) -> Counter[int]:
        if room.pk not in self._counts:
            written = Message.objects.filter(room=room, author=OuterRef("pk")).values("pk")
            counted = Counted(written[: room.approve_first])
            self._counts[room.pk] = Counter(
                dict(self._authors_in(room).annotate(n=counted).values_list("pk", "n"))
            )
        return self._counts[room.pk]

    def _authors_in(self, room: Room) -> UserQuerySet:
        return User.objects.filter(pk__in=[author for room_id, author in self._authors if room_id == room.pk])
