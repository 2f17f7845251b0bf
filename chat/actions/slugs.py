"""Slugs identify rooms in URLs. Those of public rooms are readable; private rooms have a random part."""

import unicodedata
from collections.abc import Iterator

from django.utils.crypto import get_random_string

from chat.models import FormerSlug, Room

SLUG_LENGTH = 60  # characters, before the suffix
MAX_NUMBER = 9  # public rooms with the same slug are numbered up to this: party-9
SUFFIX = "abcdefghjkmnpqrstuvwxyz23456789"  # characters that do not look alike
SUFFIX_LENGTH = 8
RESERVED_SLUGS = {"new"}  # /rooms/new/ is a page
FORMER_SLUGS = 10  # kept for one room


def slug_of(name: str) -> str:
    """A readable slug in the script of the name: `dapur-ibu` for Dapur Ibu.

    Django's slugify drops vowel signs, which makes Hindi and Thai names unreadable.
    """
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFKC", name))
    return "-".join("".join(kept).casefold().split())[:SLUG_LENGTH].strip("-") or "room"


def free_slugs(name: str, kind: str) -> Iterator[str]:
    """Yield slugs to try, the most readable first. Never ends.

    The slug of a private room always has a random suffix. Otherwise a public room with the same name would
    get `party-2`, which reveals that a room `party` exists.
    """
    slug = slug_of(name)
    if kind == Room.PUBLIC:
        numbered = [slug, *(f"{slug}-{number}" for number in range(2, MAX_NUMBER + 1))]
        taken = {*Room.objects.filter(slug__in=numbered).values_list("slug", flat=True), *RESERVED_SLUGS}
        yield from (candidate for candidate in numbered if candidate not in taken)
    while True:
        yield f"{slug}-{get_random_string(SUFFIX_LENGTH, SUFFIX)}"


def keep_former_slug(room: Room) -> None:
    """Keep only the latest slugs: an owner could fill the table by switching between public and private."""
    FormerSlug.objects.create(room=room, slug=room.slug)
    kept = room.former_slugs.order_by("-pk").values_list("pk", flat=True)[:FORMER_SLUGS]
    room.former_slugs.exclude(pk__in=list(kept)).delete()
