"""Sample data for the states of moderation. Dewi moderates every room."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sample import Sample


def moderate(sample: Sample) -> None:
    """Give a room reports, sanctions, slow mode and a message that waits, and lock another one."""
    from chat.actions import modes, reports, sanctions
    from chat.actions.messages import Draft, post
    from chat.models import HeldMessage, Membership, Room

    people, room = sample.people, sample.moderated
    dewi = people["Dewi"]
    Membership.objects.filter(user=dewi).update(role=Membership.MODERATOR)
    offer = "Cheap books at https://books.example, only today"
    (message,) = post([Draft(room.pk, people["Budi"].pk, uuid.uuid4(), offer)])
    reports.report_message(message, by=people["Citra"], reason="spam", words="Every day the same")
    reports.report_message(message, by=people["Hana"], reason="other")
    spam, words = "Please do not post spam or advertising.", "Please do not insult anybody."
    day = timedelta(days=1)
    sanctions.impose("mute", people["Eko"], by=dewi, room=room, reason=spam, note="Twice", duration=day / 24)
    sanctions.impose("warning", people["Farah"], by=dewi, room=room, reason="Please keep to the topic.")
    ban = sanctions.impose("ban", people["Gilang"], by=dewi, room=room, reason=words, duration=7 * day)
    sanctions.appeal(ban, "I was angry, and I am sorry.", person=people["Gilang"])
    HeldMessage.objects.create(
        room=room,
        author=people["Hana"],
        client_id=uuid.uuid4(),
        text="Read https://books.example/rainbow",
        cause="It has a link",
    )
    Room.objects.filter(pk=room.pk).update(has_held=True)
    modes.set_modes(room, by=dewi, slow_mode=30)
    modes.set_modes(sample.locked, by=dewi, is_locked=True, reason="We talk about it tomorrow.")
