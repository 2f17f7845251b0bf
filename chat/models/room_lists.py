"""Queries for lists of rooms: their order, and what a list shows of each room for one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from chat import names

from .counted import Counted
from .membership import Membership
from .message import Message
from .presence import Presence
from .previews import preview_of

if TYPE_CHECKING:
    from .user import User

Room = Any  # a `Room`, which imports this module

DIRECT = "direct"  # the kind of conversations that have people and no name
UNREAD_COUNTED = 100  # messages counted at most; the page shows 99+
PEOPLE_COUNTED = 100  # people likewise: each who opens the page of a crowd would count all others
ARCHIVED = models.ExpressionWrapper(Q(archived_at__isnull=False), models.BooleanField())


class RoomLists(models.QuerySet[Room]):
    def listed_for(self, user: User) -> Self:
        """Annotate `last_at`, `people` (present now, at most PEOPLE_COUNTED), and for members the unread
        messages and mentions, each at most UNREAD_COUNTED, and what they chose: `notify`, `favourite`,
        `position`. `mine`: a member. In a direct conversation unread messages count as mentions, unless the
        user ignores all others.
        """
        of_room = Q(room=OuterRef("pk"))
        last_read = Membership.objects.filter(room=OuterRef(OuterRef("pk")), user=user).values("last_read")
        unread = Message.objects.filter(of_room, seq__gt=Subquery(last_read)).order_by("seq")
        of_all = unread.filter(mentions_all=True, deleted_at=None).exclude(author__in=user.ignored)
        heard = Membership.objects.filter(of_room).exclude(user__in=[user.pk, *user.ignored])
        counted = Counted(unread.values("pk")[:UNREAD_COUNTED])
        present = Presence.objects.fresh().filter(of_room).order_by("user").values("user").distinct()
        return self.with_own(user).annotate(
            last_at=Subquery(Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1]),
            people=Counted(present[:PEOPLE_COUNTED]),
            unread=counted,
            mentions=Case(
                When(Q(kind=DIRECT) & ~Exists(heard), then=Value(0)),
                When(kind=DIRECT, then=counted),
                default=Coalesce(F("own__mentions"), 0) + Counted(of_all.values("pk")[:UNREAD_COUNTED]),
            ),
        )

    def with_own(self, user: User) -> Self:
        """Annotate what this person chose for each of their rooms."""
        return self.annotate(
            own=FilteredRelation("memberships", condition=Q(memberships__user=user)),
            mine=models.ExpressionWrapper(Q(own__isnull=False), models.BooleanField()),
            notify=Coalesce(F("own__notify"), Value("")),
            favourite=Coalesce(F("own__is_favourite"), Value(False)),
            position=Coalesce(F("own__position"), 0),
        )

    def with_preview(self) -> Self:
        """Annotate `preview`, see `previews`."""
        return self.annotate(preview=preview_of(OuterRef("pk")))

    def named_like(self, query: str) -> Self:
        """Rooms with this text in their name, ignoring case in every script."""
        key = names.room_key(query)
        # Rooms of an older version have no key until they are saved.
        return self.filter(Q(name_key__contains=key) | Q(name_key=None, name__icontains=query))

    def busiest(self, limit: int) -> Self:
        """The rooms with the most people now, then those with the latest messages. Annotates `people`."""
        of_room = Q(room=OuterRef("pk"))
        latest = Subquery(Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1])
        rooms = self.filter(archived_at=None).annotate(people=people_in(of_room), last_at=latest)
        return rooms.order_by("-people", F("last_at").desc(nulls_last=True), "name", "pk")[:limit]

    def in_lobby_order(self, user: User) -> Self:
        """The user's own rooms, favourites first, then the others, then muted and archived ones; each part by
        the latest message.
        """
        of_room = Q(room=OuterRef("pk"))
        latest = Message.objects.filter(of_room).order_by("-seq").values("created_at")[:1]
        own = Membership.objects.filter(of_room, user=user)
        rooms = self.annotate(
            apart=models.ExpressionWrapper(
                Q(archived_at__isnull=False) | Exists(own.filter(notify=Membership.NOTHING)),
                models.BooleanField(),
            ),
            belongs=Exists(own),
            favoured=Exists(own.filter(is_favourite=True)),
            latest=Subquery(latest),
        )
        return rooms.order_by(
            "apart", "-belongs", "-favoured", F("latest").desc(nulls_last=True), "name", "pk"
        )

    def by_activity(self) -> Self:
        """Favourites, then rooms in use, of `listed_for`."""
        muted = models.ExpressionWrapper(Q(notify=Membership.NOTHING), models.BooleanField())
        return self.order_by(ARCHIVED, "-favourite", muted, F("last_at").desc(nulls_last=True), "name")


def people_in(of_room: Q) -> Coalesce:
    present = Presence.objects.fresh().filter(of_room).order_by().values("room")
    return Coalesce(Subquery(present.annotate(n=Count("user", distinct=True)).values("n")), 0)
