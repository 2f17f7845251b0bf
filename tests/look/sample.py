"""Sample data: people, rooms and a conversation that shows what messages can have.

Everything has a fixed time of today, so two pictures of the same state are equal.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from .moderation_sample import moderate

NAMES = ("Ayu", "Budi", "Citra", "Dewi", "Eko", "Farah", "Gilang", "Hana")
ROOMS = {
    "Kitchen": "What is for lunch, and who cooks",
    "Garden": "Seeds, tools and the watering plan",
    "Reading group": "This month: The Rainbow Troops",
    "مطبخ": "نتحدث هنا عن الطعام",
    "厨房": "今天吃什么",
}
PRIVATE = "Birthday plans"
FIRST = time(9, 2)
STEP = timedelta(seconds=70)  # between two messages

LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
TABLE = "| dish | cook | for |\n|---|---|---|\n| soto ayam | Ayu | 12 |\n| gado-gado | Budi | 8 |"
TASKS = "- [x] rice\n- [ ] peanuts\n- [ ] limes"
CODE = "```python\ndef portions(people: int) -> int:\n    return people + 2  # somebody brings a friend\n```"
QUOTE = "> Enough for everybody.\n\nThen *two* pots, and **no** peanuts for Dewi."
ARABIC = "صباح الخير، هل نطبخ معًا اليوم؟"
CHINESE = "我带水果来，下午三点到。"
LINK = "The recipe: https://example.org/recipes/soto-ayam?servings=12"


@dataclass
class Sample:
    """The people by name, and the room of the conversation. Ayu owns every room and looks at the pages."""

    people: dict[str, object]
    kitchen: object
    first_unread: int  # seq, for Ayu
    garden: object  # a room with a description, pinned messages and invite links
    moderated: object  # a room with reports, sanctions and slow mode
    locked: object


def create() -> Sample:
    """Fill an empty database. Call this after `django.setup()`."""
    from chat.actions import rooms
    from chat.models import Membership, User

    from . import admin_sample, room_sample

    people = {name: User.objects.create_user(name.lower(), name=name, password=None) for name in NAMES}
    people["Ayu"].is_staff = people["Ayu"].is_superuser = True
    people["Ayu"].save()
    made = [rooms.create(name, by=people["Ayu"], topic=topic) for name, topic in ROOMS.items()]
    made.append(rooms.create(PRIVATE, by=people["Ayu"], kind="private"))
    for room in made:
        for person in people.values():
            Membership.objects.get_or_create(room=room, user=person)
    for room in made[1:]:
        say(room, people["Budi"], "Good morning")
    kitchen = made[0]
    first_unread = talk(kitchen, people)
    admin_sample.add(people, made[1])
    room_sample.tend(made[1], people)
    sample = Sample(people, kitchen, first_unread, made[1], moderated=made[2], locked=made[4])
    set_times()
    moderate(sample)
    read_all(people)
    Membership.objects.filter(room=kitchen, user=people["Ayu"]).update(last_read=first_unread - 1)
    return sample


def talk(room, people) -> int:
    """The conversation in the kitchen. Returns the seq of the first message that Ayu has not read."""
    from chat.actions.changes import Delete, Edit, React
    from chat.actions.messages import post

    ayu, budi, citra, dewi = (people[name] for name in NAMES[:4])

    def act(kind, author, message, *values):
        post([kind(room.pk, author.pk, message, *values)])

    for number in range(24):  # enough to scroll
        say(room, (budi, citra, dewi)[number % 3], f"Earlier message {number + 1}")
    say(room, people["Eko"], LONG_WORD)
    plan = say(room, budi, "Lunch at **half past twelve**? I would make gado-gado.")
    say(room, citra, "Yes please", reply_to=plan)
    say(room, ayu, QUOTE, reply_to=plan)
    say(room, dewi, f"Thank you, <@{ayu.pk}>")
    say(room, dewi, "🎉")
    for person in (ayu, citra, dewi):
        act(React, person, plan, "👍", True)
    act(React, ayu, plan, "❤️", True)
    first_unread = say(room, budi, f"<@{ayu.pk}>, who cooks what?\n\n{TABLE}")
    say(room, citra, TASKS)
    wrong = say(room, citra, "I bring limse")
    act(Edit, citra, wrong, "I bring limes")
    say(room, budi, CODE)
    gone = say(room, dewi, "Wrong room, sorry")
    act(Delete, dewi, gone)
    say(room, people["Farah"], ARABIC)
    say(room, people["Hana"], CHINESE)
    last = say(room, people["Gilang"], LINK)
    act(React, ayu, last, "😋", True)
    say(room, budi, "See you at half past twelve", reply_to=last)
    return first_unread


def say(room, author, text: str, **fields) -> int:
    """Post a message and return its seq."""
    from chat.actions.messages import Draft, post

    (message,) = post([Draft(room.pk, author.pk, uuid.uuid4(), text, **fields)])
    return message.seq


def set_times() -> None:
    from django.utils import timezone

    from chat.models import Message

    begin = timezone.make_aware(datetime.combine(timezone.localdate(), FIRST))
    for message in Message.objects.all():
        at = begin + message.seq * STEP
        edited = message.edited_at and at + STEP
        Message.objects.filter(pk=message.pk).update(created_at=at, edited_at=edited)


def read_all(people) -> None:
    from chat.models import Membership

    for membership in Membership.objects.filter(user__in=people.values()).select_related("room"):
        membership.last_read, membership.mentions = membership.room.head, 0
        membership.save()
