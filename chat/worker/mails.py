"""Mails about missed messages: one digest of all rooms, as text and as HTML, with a link that ends them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from chat import frames
from chat.actions.notices.untold import Untold
from chat.actions.notification_settings import unsubscribe_token
from chat.models.notification_settings import zone_named

from .payloads import counted, title_of, words

MAX_ROOMS = 20  # in one mail
PERMANENT = range(500, 600)  # codes of SMTP

logger = logging.getLogger(__name__)


class Mailer:
    """One connection to the mail server for several mails. It is opened with the first of them."""

    def __init__(self) -> None:
        self.connection = get_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def send(self, rooms: Sequence[Untold]) -> bool:
        """Send a digest. False if it is to be tried again later: not if the address is refused for good."""
        try:
            self.connection.open()
            digest(rooms, self.connection).send()
        except SMTPRecipientsRefused as refused:
            codes = {code for code, _ in refused.recipients.values()}
            logger.warning("The mail server refused an address with %s", sorted(codes))
            return all(code in PERMANENT for code in codes)
        except (SMTPException, OSError) as error:
            logger.warning("A mail was not sent: %s", type(error).__name__)
            self.connection.close()
            return False
        return True


def digest(rooms: Sequence[Untold], connection: Any) -> EmailMultiAlternatives:
    """The mail to one person about all their rooms, at most MAX_ROOMS of them."""
    user = rooms[0].membership.user
    unsubscribe = settings.OBROLAN_URL + reverse("unsubscribe", args=[unsubscribe_token(user)])
    context = {
        "user": user,
        "headline": counted(sum(one.total for one in rooms)),
        "rooms": [room_context(one) for one in rooms[:MAX_ROOMS]],
        "more_rooms": max(len(rooms) - MAX_ROOMS, 0),
        "site": settings.OBROLAN_URL,
        "settings": settings.OBROLAN_URL + reverse("notifications"),
        "unsubscribe": unsubscribe,
    }
    with timezone.override(zone_named(user.time_zone)):
        text = render_to_string("mails/digest.txt", context)
        html = render_to_string("mails/digest.html", context)
    mail = EmailMultiAlternatives(
        subject(rooms),
        text,
        to=[user.email],
        connection=connection,
        headers={
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            "Auto-Submitted": "auto-generated",
            "Message-ID": message_id(rooms),
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def subject(rooms: Sequence[Untold]) -> str:
    names = [title_of(one) for one in rooms]
    where = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return f"{counted(sum(one.total for one in rooms))} in {where}"


def room_context(untold: Untold) -> dict[str, Any]:
    room = untold.membership.room
    url = settings.OBROLAN_URL
    return {
        "title": title_of(untold),
        "url": url + reverse("room", args=[room.slug]),
        "more": untold.total - len(untold.messages),
        "messages": [message_context(message, url, room.slug) for message in untold.messages],
    }


def message_context(message: frames.MessageState, site: str, slug: str) -> dict[str, Any]:
    return {
        "author": message.author.name,
        "words": words(message) or "(no text to show)",
        "at": message.created_at,
        "url": site + reverse("permalink", args=[slug, message.seq]),
    }


def message_id(rooms: Sequence[Untold]) -> str:
    """The same for the same content: a mail that is sent again after a crash can be recognised."""
    marks = ".".join(f"{one.membership.pk}-{one.newest}" for one in rooms[:MAX_ROOMS])
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<digest.{marks}@{domain}>"
