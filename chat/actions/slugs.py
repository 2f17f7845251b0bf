"""Slugs: the addresses of rooms. A public room's is readable; a private room's cannot be guessed."""

import unicodedata
from collections.abc import Iterator

from django.utils.crypto import get_random_string

from chat.models import Room

SLUG_LENGTH = 60  # characters, before the suffix
NUMBERED = 9  # public rooms with the same slug are numbered up to here
SUFFIX = "abcdefghjkmnpqrstuvwxyz23456789"  # no two of these look alike
SUFFIX_LENGTH = 8
KEPT_SLUGS = {"new"}  # the address of a page


def slug_of(name: str) -> str:
    """A room's readable address, in the script of its name: `Dapur Ibu` is at `dapur-ibu`.

    Django's slugify drops vowel signs, which leaves a Hindi or Thai name unreadable.
    """
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFKC", name))
    return "-".join("".join(kept).casefold().split())[:SLUG_LENGTH].strip("-") or "room"


def free_slugs(name: str, kind: str) -> Iterator[str]:
    """Addresses to try, the most readable first. Never ends.

    The address of a private room always has a random suffix. Otherwise a public room of the same name would
    get `party-2`, which tells everybody that there is a `party`.
    """
    slug = slug_of(name)
    if kind == Room.PUBLIC:
        numbered = [slug, *(f"{slug}-{number}" for number in range(2, NUMBERED + 1))]
        taken = {*Room.objects.filter(slug__in=numbered).values_list("slug", flat=True), *KEPT_SLUGS}
        yield from (candidate for candidate in numbered if candidate not in taken)
    while True:
        yield f"{slug}-{get_random_string(SUFFIX_LENGTH, SUFFIX)}"
