"""Fill an empty database: bystanders, the attacker's guests and accounts, and the rooms of both.

Runs as a program with the web process's environment and prints the cast as JSON.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

BYSTANDERS = 10
GUESTS = 12  # of the attacker, all at one IP address
ACCOUNTS = 40  # whose email addresses the attacker knows
MANY_ROOMS = 300  # in the lobby
HISTORY = 100  # messages in the bystanders' room
LONG_HISTORY = 1_000  # messages in the attacker's room
LARGE = "<>" * 2_000  # a text of 4,000 characters whose HTML has 16,000: what a row may weigh
GARDEN, MARKET = "garden", "market"  # the bystanders' room and the attacker's


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    import django

    django.setup()
    print(json.dumps(gather()))


def gather() -> dict[str, Any]:
    from chat.models import Membership, Room

    garden = Room.objects.create(slug=GARDEN, name="Garden")
    market = Room.objects.create(slug=MARKET, name="Market")
    for number in range(MANY_ROOMS):
        Room.objects.create(slug=f"stall-{number}", name=f"Stall {number}")
    bystanders = [enter(f"bystander {number}", garden) for number in range(BYSTANDERS)]
    guests = [enter(f"visitor {number}", market) for number in range(GUESTS)]
    for guest in guests:  # each has a room to rename and to fill with members
        own = Room.objects.create(slug=f"own-{guest['user']}", name=f"Own {guest['user']}")
        Membership.objects.create(room=own, user_id=guest["user"], role=Membership.OWNER)
        guest["room"] = own.slug
    fill(garden, [guest["user"] for guest in bystanders], HISTORY, "words " * 20)
    fill(market, [guest["user"] for guest in guests], LONG_HISTORY, LARGE)
    market.refresh_from_db()
    return {
        "bystanders": bystanders,
        "guests": guests,
        "accounts": accounts(),
        "epoch": str(market.epoch),
        "head": market.head,
    }


def enter(name: str, room: Any) -> dict[str, Any]:
    from chat.models import Membership
    from tests.chaos.fixtures import create_guest

    person, cookie = create_guest(name)
    Membership.objects.create(room=room, user=person)
    return {"name": name, "user": person.pk, "cookie": cookie}


def accounts() -> list[dict[str, Any]]:
    from chat.models import User
    from chat.names import skeleton

    names = [f"Account {number}" for number in range(ACCOUNTS)]
    rows = [
        User(username=f"account{n}", name=name, name_key=skeleton(name), email=f"account{n}@example.org")
        for n, name in enumerate(names)
    ]
    rows[0].set_password("a long password that is never tried")  # a reset is for accounts that have one
    for row in rows:
        row.password = rows[0].password
    User.objects.bulk_create(rows)
    made = User.objects.filter(username__startswith="account").order_by("pk")
    return [{"user": row.pk, "name": row.name, "email": row.email} for row in made]


def fill(room: Any, authors: list[int], many: int, words: str) -> None:
    """A history without the writer: `seq` n is by the author n modulo their number."""
    from django.utils import timezone

    from chat import text
    from chat.models import Message, Room

    html, now = text.render(words), timezone.now()
    Message.objects.bulk_create(
        Message(
            room=room, seq=seq, rev=seq, author_id=authors[seq % len(authors)], client_id=uuid.uuid4(),
            text=words, html=html, html_version=text.VERSION, created_at=now,
        )
        for seq in range(1, many + 1)
    )  # fmt: skip
    Room.objects.filter(pk=room.pk).update(head=many)


if __name__ == "__main__":
    main()
