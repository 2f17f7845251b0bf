"""Catch-up: a client's missing changes, read from the database in pieces. The next follows when one was read.

A catch-up is bounded in changes and in size. A client that misses more gets a `reset` and the latest page,
which is bounded too. So a client with a made-up cursor that never reads costs one piece.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Cast, Length

from chat import frames
from chat.models import Message, Room
from chat.models.message import MessageQuerySet
from chat.models.message_queries import JsonLength

PAGE = 50  # messages on a first visit and after a reset
FAR_BEHIND = 200  # changes; beyond it the latest page is shorter
PIECE = 128 * 1024  # characters, but at least one message; a page is one piece
CATCH_UP = 1024 * 1024  # characters; beyond it the latest page is shorter too
MENTION = 100  # characters: a display name in `html` and in `mentions`
QUOTE = 300  # characters: the excerpt and the author
SIZE = (  # of an encoded message, approximately
    Length(F("text"))
    + Length(F("html"))
    + Length(Cast("reactions", TextField()))
    + JsonLength(F("mentions")) * Value(MENTION)
    + Case(When(reply_to=None, then=Value(400)), default=Value(400 + QUOTE))
)


class Piece(NamedTuple):
    """Encoded changes that bring a client to `cursor`."""

    cursor: int
    head: int  # the room's head when this was read; above `cursor` if another piece follows
    events: list[str]
    reset: str | None = None  # the reason if the client must drop its state first

    @property
    def size(self) -> int:
        return sum(map(len, self.events))


def read_piece(room_id: int, since: int | None, epoch: UUID | None, left: int = CATCH_UP) -> Piece:
    """The next piece for a client at `since` (None: first visit). It may be sent `left` more characters."""
    room = Room.objects.only("head", "epoch").get(pk=room_id)
    messages = Message.objects.filter(room=room_id)
    if since is None:
        return latest_page(messages, room.head)
    if reason := reason_to_reset(room, since, epoch):
        return latest_page(messages, room.head, reason)
    sizes = list(messages.changed_since(since).values_list("rev", SIZE)[: FAR_BEHIND + 1])
    if not sizes:
        return Piece(room.head, room.head, [])
    if len(sizes) > FAR_BEHIND or sum(size for _, size in sizes) > left:
        return latest_page(messages, room.head, "behind")
    last = sizes[fitting(sizes) - 1][0]
    # A message that changes between these two queries gets a number above `last`, and is in a later piece.
    return Piece(last, room.head, encode(messages.changed_since(since).filter(rev__lte=last)))


def latest_page(messages: MessageQuerySet, head: int, reset: str | None = None) -> Piece:
    sizes = list(messages.order_by("-seq").values_list("seq", SIZE)[:PAGE])
    if not sizes:
        return Piece(head, head, [], reset)
    first = sizes[fitting(sizes) - 1][0]
    page = messages.filter(seq__gte=first).with_head().before(None, PAGE)
    head = page[0].head if page else head  # from the same statement, so both are consistent
    return Piece(head, head, encode(page), reset)


def reason_to_reset(room: Room, since: int, epoch: UUID | None) -> str | None:
    if epoch != room.epoch:
        return "epoch"
    if since > room.head:
        return "ahead"
    if room.head - since > FAR_BEHIND:
        return "behind"
    return None


def fitting(sizes: Sequence[tuple[int, int]]) -> int:
    """How many rows fit in a piece, at least one. `sizes` has (number, size) of each row."""
    total = 0
    for count, (_, size) in enumerate(sizes):
        total += size
        if total > PIECE:
            return max(1, count)
    return len(sizes)


def encode(messages: Sequence[Message] | MessageQuerySet) -> list[str]:
    return [frames.encode(frames.message(message)) for message in messages]
