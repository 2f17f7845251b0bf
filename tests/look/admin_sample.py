"""Sample data of moderation: reports, sanctions, an appeal, held messages, rules, and a private room."""

from __future__ import annotations

import uuid
from datetime import timedelta

LONG_NAME = "Maximiliane von Hohenstein-Wackernagel"
TEXTS = (
    "Buy cheap watches at https://watches.example, today only",
    "You are all fools, and your cooking is terrible",
    "Budi lives at 12 Jalan Melati, ask him yourself",
)


def add(people, room) -> None:
    """Add to the sample data of `sample.create`, in this room. Eko is the person who misbehaves."""
    from chat.actions import cases, reports, sanctions
    from chat.models import HeldMessage, Room, Rule, Sanction, User
    from tests.look.sample import say

    mara = User.objects.create_user("mara", name="Mara", is_staff=True)
    ayu, budi, citra, eko = (people[name] for name in ("Ayu", "Budi", "Citra", "Eko"))
    loud = User.objects.create_user("max", name=LONG_NAME)
    said = [post_as(eko, room, text) for text in TEXTS]
    for message, reason in zip(said, ("spam", "abuse", "private"), strict=True):
        reports.report_message(message, by=citra, reason=reason, words="Please have a look at this")
    reports.report_message(said[0], by=budi, reason="spam")
    reports.report_person(
        people["Gilang"], room=room, by=citra, reason="other", words="Is this a real person?"
    )
    cases.take(said[1].cases.get(), by=ayu)
    warning = sanctions.impose(Sanction.WARNING, eko, by=mara, reason="Please do not post advertising.")
    sanctions.acknowledge(warning, person=eko)
    mute = sanctions.impose(
        Sanction.MUTE, people["Hana"], by=mara, room=room, reason="Please keep to the topic of this room.",
        duration=timedelta(minutes=10), note="Third time this week",
    )  # fmt: skip
    sanctions.appeal(mute, "I only asked about lunch. Can you look again?", person=people["Hana"])
    sanctions.impose(Sanction.BAN, loud, by=mara, reason="Please do not insult, threaten or harass anybody.")
    for text, cause in (("Hello, is anybody here?", "first message"), (TEXTS[0], "a link rule")):
        HeldMessage.objects.create(
            room=room, author=people["Farah"], client_id=uuid.uuid4(), text=text, cause=cause
        )
    for pattern, effect in (("watches.example", Rule.REFUSE), ("terrible*", Rule.HOLD), ("fool*", Rule.MASK)):
        kind = Rule.LINK if "." in pattern else Rule.WORD
        Rule.objects.create(pattern=pattern, kind=kind, effect=effect, by=mara, explanation="Be kind")
    room.refresh_from_db()
    room.memberships.update(last_read=room.head)
    plans = Room.objects.create(slug="plans-x", name="Plans", kind=Room.PRIVATE)
    plans.memberships.create(user=budi)
    say(plans, budi, "A secret message")


def post_as(author, room, text):
    from chat.models import Message
    from tests.look.sample import say

    return Message.objects.get(room=room, seq=say(room, author, text))
