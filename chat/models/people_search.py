"""Find people by the beginning of a word of their name: members of a room, as a person types it after
`@`, and all whom a person may know.

A room may have 100,000 members, and a client may ask at each key. Therefore one query looks only at a bounded
number of rows, each found by an index: people who are present, authors of the latest messages, the newest
accounts among the members, and people whose name begins with the query. Rooms of up to NEWEST members are
searched completely.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from chat import names

from .membership import Membership
from .presence import Presence
from .room import Room
from .user import User

_WILDCARDS = {ord(character): None for character in "%_\\"}
FOUND = 10  # people in one answer
PRESENT, AUTHORED, NEWEST, NAMED = 1_000, 1_000, 2_000, 500  # rows of each kind
CANDIDATES = """
    SELECT user_id FROM (SELECT user_id FROM chat_presence WHERE room_id = %s LIMIT %s) here
    UNION SELECT author_id FROM (
        SELECT author_id FROM chat_message WHERE room_id = %s ORDER BY seq DESC LIMIT %s
    ) authors
    UNION SELECT user_id FROM (
        SELECT user_id FROM chat_membership WHERE room_id = %s ORDER BY user_id DESC LIMIT %s
    ) newest
    UNION SELECT id FROM (SELECT id FROM chat_user WHERE name_key LIKE %s LIMIT %s) named
"""


KNOWN = """
    SELECT id FROM (SELECT id FROM chat_user ORDER BY id DESC LIMIT %s) newest
    UNION SELECT id FROM (SELECT id FROM chat_user WHERE name_key LIKE %s LIMIT %s) named
"""


def members_named(room: Room, query: str, *, for_user: User) -> Sequence[User]:
    """At most FOUND active members, present ones first, without the user and the people they ignore."""
    parameters = (room.pk, PRESENT, room.pk, AUTHORED, room.pk, NEWEST, _key(query), NAMED)
    candidates = RawSQL(CANDIDATES, parameters)  # noqa: S611  # nosec: all are bound
    here = Presence.objects.fresh().filter(room=room, user=OuterRef("user"))
    found = (
        Membership.objects.filter(room=room, user__in=candidates, user__is_active=True)
        .filter(begins_a_word(query, "user__name"))
        .exclude(user__in=[for_user.pk, *for_user.ignored])
        .annotate(here=Exists(here))
        .order_by("-here", "user__name", "user")
        .select_related("user")
        .only("room", "user__name", "user__is_guest", "user__picture")
    )
    return [membership.user for membership in found[:FOUND]]


def known_people_named(query: str, *, for_user: User) -> Sequence[User]:
    """At most FOUND active people who are in a room that the user may see, accounts first."""
    visible = Room.objects.visible_to(for_user).values("pk")
    candidates = RawSQL(KNOWN, (NEWEST, _key(query), NAMED))  # noqa: S611  # nosec: all are bound
    together = Membership.objects.filter(user=OuterRef("pk"), room__in=visible)
    found = (
        User.objects.filter(pk__in=candidates, is_active=True)
        .filter(begins_a_word(query), Exists(together))
        .exclude(pk__in=[for_user.pk, *for_user.ignored])
        .order_by("is_guest", "name", "pk")
    )
    return list(found.only("name", "is_guest", "picture")[:FOUND])


def _key(query: str) -> str:
    """A pattern for `User.name_key`."""
    return names.skeleton(query).translate(_WILDCARDS) + "%" if query else "-"


def begins_a_word(query: str, column: str = "name") -> Q:
    """SQLite ignores case in ASCII only, so other usual spellings are tried as well."""
    condition = Q()
    for spelling in {query, query.lower(), query.upper(), query.title()}:
        condition |= Q(**{f"{column}__istartswith": spelling}) | Q(**{f"{column}__icontains": f" {spelling}"})
    return condition
