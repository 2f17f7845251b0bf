"""Rows of the message list: messages in groups and under day lines, in the user's time zone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from msgspec.structs import replace

from chat import frames
from chat.models import Message, Room, User

GROUP = timedelta(minutes=5)  # messages of one author within this time show avatar and name once


@dataclass(frozen=True, slots=True)
class Row:
    message: frames.MessageState
    slug: str
    own: bool
    continues: bool
    new_day: bool
    first_unread: bool = False
    html: str = ""  # the message's, with the mentions of the reader marked
    mentions_me: bool = False
    ignored: bool = False  # the reader ignores the author


def message_rows(
    messages: Iterable[Message], slug: str, user: User, first_unread: int | None = None
) -> Iterator[Row]:
    before: frames.MessageState | None = None
    for message in map(frames.message, messages):
        new_day = before is None or _day(before) != _day(message)
        unread = message.seq == first_unread
        continues = (
            not new_day
            and not unread
            and before is not None
            and before.author.id == message.author.id
            and message.created_at - before.created_at < GROUP
        )
        own = message.author.id == user.pk
        mine = not own and (message.mentions_all is True or str(user.pk) in (message.mentions or {}))
        html = mark_own(message.html, user.pk) if mine else message.html
        ignored = message.author.id in user.ignored
        yield Row(message, slug, own, continues, new_day, unread, html, mine, ignored)
        before = message


def mark_own(html: str, user_id: int) -> str:
    """Add the class `me` to the mentions that address the reader. In text `<` is escaped."""
    for target in (user_id, "all"):
        html = html.replace(
            f'<span class="mention" data-user="{target}">', f'<span class="mention me" data-user="{target}">'
        )
    return html


def states(rows: Iterable[Row]) -> str:
    """The messages as a JSON array for a `script` element, without the HTML, which the rows have."""
    encoded = [frames.encode(replace(row.message, html="")) for row in rows]
    return frames.array(encoded).replace("<", "\\u003C")


def template_row(slug: str) -> Row:
    """An empty row for the <template> that the browser clones for new messages."""
    nobody = frames.User(id=0, name="", guest=False)
    message = frames.MessageState(
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
    return Row(message, slug, own=False, continues=False, new_day=False)


def template_room() -> Room:
    """An empty room for the <template> that the browser clones for new rooms."""
    room = Room()
    room.last_at, room.people, room.unread, room.mentions = None, 0, 0, 0
    return room


def _day(message: frames.MessageState) -> date:
    return timezone.localdate(message.created_at)
