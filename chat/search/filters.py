"""The filters of a query as conditions: names become ids, days become times and ranges of ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils import timezone

from chat import names
from chat.models import Membership, Message, Room, User

from .index import contains
from .query import HAS_LINK, Query, Term
from .words import ALL, mark_of

MOST_PEOPLE = 20  # with one name: several guests can have it
MOST_ROOMS = 50
ID_SLACK = 1_000  # ids: a message with a higher id may be slightly older


class Filters:
    def __init__(self, query: Query, user: User) -> None:
        self.query, self.user = query, user
        self.terms: list[Term] = [*query.terms, *([HAS_LINK] if query.has_link else [])]
        self.authors = _people(query.people, user)
        self.mentioned = _people(query.mentions, user)

    @property
    def is_impossible(self) -> bool:
        """Whether nobody has a name that was typed. A person cannot see whether others have it elsewhere."""
        query = self.query
        nobody = (query.people and not self.authors) or (query.mentions and not self.mentioned)
        return bool(nobody) or self.id_range is None

    def rooms(self, visible: QuerySet[Room]) -> QuerySet[Room]:
        """Those of `in:`, by name or address, else by the beginning of the name."""
        if not self.query.rooms:
            return visible
        found: list[int] = []
        for name in self.query.rooms:
            exact = visible.filter(Q(name_key=names.room_key(name)) | Q(slug=name))
            beginning = visible.filter(name_key__startswith=names.room_key(name))
            found += _ids(exact, MOST_ROOMS) or _ids(beginning, MOST_ROOMS)
        return visible.filter(pk__in=found)

    @property
    def alternatives(self) -> Sequence[Term]:
        """Terms of which a message has one: the people that it mentions."""
        marks = [mark_of(id) for id in self.mentioned]
        if self.user.pk in self.mentioned:
            marks.append(ALL)
        return [Term(f" {mark} ") for mark in marks]

    def by_author(self, field: str) -> Q:
        """The authors of `from:`, else all but those whom the person ignores."""
        if self.query.people:
            return Q(**{f"{field}__in": self.authors})
        return ~Q(**{f"{field}__in": self.user.ignored}) if self.user.ignored else Q()

    @property
    def exact(self) -> Q:
        condition = Q()
        if self.query.after:
            condition &= Q(created_at__gte=_begin_of(self.query.after))
        if self.query.before:
            condition &= Q(created_at__lt=_begin_of(self.query.before))
        if self.query.mentions:
            condition &= self._mentions()
        return condition

    def _mentions(self) -> Q:
        """`@all` mentions the members of the room."""
        condition = Q()
        for id in self.mentioned:
            condition |= Q(contains(Term(f" {mark_of(id)} ")))
        if self.user.pk in self.mentioned:
            mine = Membership.objects.filter(user=self.user).values("room")
            condition |= Q(mentions_all=True, room__in=mine)
        return condition

    @cached_property
    def id_range(self) -> Q | None:
        """Bounds of the ids for the days, since hits are read by id. None: there is no message."""
        condition = Q()
        if self.query.after:
            since = Message.objects.filter(created_at__gte=_begin_of(self.query.after)).order_by("created_at")
            if (first := since.values_list("pk", flat=True).first()) is None:
                return None
            condition &= Q(pk__gte=first - ID_SLACK)
        if self.query.before:
            until = Message.objects.filter(created_at__lt=_begin_of(self.query.before)).order_by(
                "-created_at"
            )
            if (last := until.values_list("pk", flat=True).first()) is None:
                return None
            condition &= Q(pk__lte=last + ID_SLACK)
        return condition


def _begin_of(day: date) -> datetime:
    """The first moment of a day in the user's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _people(typed: Sequence[str], user: User) -> list[int]:
    """The ids of people with these names; else of those whose name begins so."""
    found: list[int] = []
    for name in typed:
        if name.casefold().removeprefix("@") == "me":
            found.append(user.pk)
            continue
        if key := names.skeleton(name.removeprefix("@")):
            same = User.objects.filter(name_key=key)
            beginning = User.objects.filter(name_key__startswith=key).order_by("name_key")
            found += _ids(same, MOST_PEOPLE) or _ids(beginning, MOST_PEOPLE)
    return found


def _ids(rows: QuerySet, most: int) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:most])
