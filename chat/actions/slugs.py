"""Where rooms are: readable, in the script of their name, and never changed afterwards."""

import unicodedata
from collections.abc import Iterator

from django.utils.crypto import get_random_string

from chat.models import Room

SLUG_LENGTH = 60  # characters, before what tells two of the same name apart
NUMBERED = 9  # rooms of one name have readable numbers up to here
SUFFIX = "abcdefghjkmnpqrstuvwxyz23456789"  # no two of these look alike
KEPT_SLUGS = {"new"}  # a page of ours has this address


def slug_of(name: str) -> str:
    """A room's readable address, in the script of its name: `Dapur Ibu` is at `dapur-ibu`.

    Django's slugify drops vowel signs, which leaves a Hindi or Thai name unreadable.
    """
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in unicodedata.normalize("NFKC", name))
    return "-".join("".join(kept).casefold().split())[:SLUG_LENGTH].strip("-") or "room"


def free_slugs(name: str, kind: str) -> Iterator[str]:
    """Addresses to try, the most readable first."""
    slug = slug_of(name)
    if kind == Room.PUBLIC:
        numbered = [slug, *(f"{slug}-{number}" for number in range(2, NUMBERED + 1))]
        taken = {*Room.objects.filter(slug__in=numbered).values_list("slug", flat=True), *KEPT_SLUGS}
        yield from (candidate for candidate in numbered if candidate not in taken)
    while True:
        yield f"{slug}-{get_random_string(8, SUFFIX)}"
