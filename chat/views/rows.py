"""Messages as the page shows them: in groups and under day lines, in the reader's own zone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from chat import frames
from chat.models import Message, Room, User

GROUP = timedelta(minutes=5)  # the same author within this time shows avatar and name once


@dataclass(frozen=True, slots=True)
class Row:
    message: frames.MessageState
    slug: str
    own: bool
    continues: bool
    new_day: bool


def rows(messages: Iterable[Message], slug: str, reader: User) -> Iterator[Row]:
    before: frames.MessageState | None = None
    for message in map(frames.message, messages):
        new_day = before is None or _day(before) != _day(message)
        continues = (
            not new_day
            and before is not None
            and before.author.id == message.author.id
            and message.created_at - before.created_at < GROUP
        )
        yield Row(message, slug, message.author.id == reader.pk, continues, new_day)
        before = message


def blank(slug: str) -> Row:
    """What the browser clones for a message that comes later."""
    nobody = frames.User(id=0, name="", guest=False)
    nothing = frames.MessageState(
        seq=0,
        rev=0,
        client_id="",
        author=nobody,
        text="",
        html="",
        reply_to=None,
        created_at=timezone.now(),
        edited_at=None,
        deleted=False,
        hidden=False,
        reactions={},
    )
    return Row(nothing, slug, own=False, continues=False, new_day=False)


def blank_room() -> Room:
    """What the browser clones for a room that appears later."""
    room = Room()
    room.last_at, room.people, room.unread = None, 0, 0
    return room


def _day(message: frames.MessageState) -> date:
    return timezone.localdate(message.created_at)
