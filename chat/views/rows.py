"""Rows of the message list: messages in groups and under day lines, in the user's time zone.

A run of deleted messages is folded into its first row (`js/folding.js` does the same).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils import timezone
from msgspec.structs import replace

from chat import frames
from chat.models import Message, Room, User

FOLDED_FROM = 3  # deleted messages in a row
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
    folds: int = 0  # on the first row of a folded run: the number of its messages
    folded: bool = False  # hidden, because it is in the run of an earlier row

    @property
    def classes(self) -> str:
        names = {
            "own": self.own,
            "continues": self.continues,
            "mentions-me": self.mentions_me,
            "ignored": self.ignored,
            "folds": self.folds,
            "folded": self.folded,
        }
        return "".join(f" {name}" for name, applies in names.items() if applies)


def message_rows(
    messages: Iterable[Message], slug: str, user: User, first_unread: int | None = None
) -> Iterator[Row]:
    before: frames.MessageState | None = None  # None also after a folded run, which shows no author
    latest: date | None = None
    for message, folds, folded in _with_folds(map(frames.message, messages), first_unread):
        day = _day(message)
        unread = message.seq == first_unread
        continues = (
            before is not None
            and latest == day
            and not unread
            and before.author.id == message.author.id
            and message.created_at - before.created_at < GROUP
        )
        own = message.author.id == user.pk
        mine = not own and (message.mentions_all is True or str(user.pk) in (message.mentions or {}))
        html = mark_own(message.html, user.pk) if mine else message.html
        ignored = message.author.id in user.ignored
        yield Row(message, slug, own, continues, latest != day, unread, html, mine, ignored, folds, folded)
        before, latest = None if folds or folded else message, day


def _with_folds(
    messages: Iterable[frames.MessageState], first_unread: int | None
) -> Iterator[tuple[frames.MessageState, int, bool]]:
    """Each message with the values of `Row.folds` and `Row.folded`. A run ends with its day and at the line
    above the first unread message.
    """

    def run_of(message: frames.MessageState) -> tuple[bool, date, bool]:
        return message.deleted, _day(message), first_unread is not None and message.seq >= first_unread

    for (deleted, _, _), same in groupby(messages, key=run_of):
        run = list(same)
        folds = len(run) if deleted and len(run) >= FOLDED_FROM else 0
        for place, message in enumerate(run):
            yield message, 0 if place else folds, bool(place and folds)


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
    room.mine, room.notify, room.favourite, room.position = False, "", False, 0
    return room


def _day(message: frames.MessageState) -> date:
    return timezone.localdate(message.created_at)
