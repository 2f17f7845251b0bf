"""The content of a push. Browsers decrypt it; the push service cannot read it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.urls import reverse

from chat import frames
from chat.actions.notices.untold import MAX_COUNT, Untold
from chat.mention_tokens import as_text
from chat.text import excerpt

MAX_SIZE = 3_000  # bytes; a push service accepts 4,096 with the encryption
MAX_LISTED = 5  # rooms named in a summary


class Content(msgspec.Struct):
    """The notification in `static/chat/sw.js`. `seq`: of the newest message, if it is about one room."""

    title: str
    body: str
    url: str  # that a click opens
    tag: str  # a later notification with the same tag replaces this one
    seq: int = 0

    def encoded(self) -> str:
        text = msgspec.json.encode(self)
        if len(text) > MAX_SIZE:  # an address in another script takes nine bytes for a letter
            self.url = reverse("lobby")
            text = msgspec.json.encode(self)
        return text.decode()


def content(untold: Sequence[Untold]) -> Content:
    """One message, those of one room, or a summary."""
    return of_room(untold[0]) if len(untold) == 1 else summary(untold)


def of_room(untold: Untold) -> Content:
    room, newest = untold.membership.room, untold.messages[-1]
    said = f"{newest.author.name}: {words(newest)}"
    title = newest.author.name if room.is_direct else room.name
    body = words(newest) if room.is_direct else said
    if untold.total > 1:
        body = f"{counted(untold.total)}, the latest from {said}"
    url = reverse("permalink", args=[room.slug, newest.seq])
    return Content(title, body, url, tag=f"room {room.slug}", seq=newest.seq)


def summary(untold: Sequence[Untold]) -> Content:
    count = sum(one.total for one in untold)
    names = [title_of(one) for one in untold[:MAX_LISTED]]
    more = f" and {len(untold) - MAX_LISTED} more" if len(untold) > MAX_LISTED else ""
    return Content(counted(count), f"In {', '.join(names)}{more}", reverse("lobby"), tag="rooms")


def title_of(untold: Untold) -> str:
    """The room's name, or in a direct conversation the name of the person who wrote."""
    room = untold.membership.room
    return untold.messages[-1].author.name if room.is_direct else room.name


def words(message: frames.MessageState) -> str:
    """The first line without Markdown, at most 140 characters, with names for mentions."""
    return excerpt(as_text(message.text, message.mentions or {}))


def counted(count: int) -> str:
    if count == 1:
        return "A new message"
    return f"{MAX_COUNT - 1}+ new messages" if count >= MAX_COUNT else f"{count} new messages"
