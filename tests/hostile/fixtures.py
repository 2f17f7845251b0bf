"""Fill an empty database with the bystanders, the attacker's guests and accounts, and the rooms of both.

The module runs as a program in the environment of the web process and prints the fixtures as JSON.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

BYSTANDERS = 10
GUESTS = 12  # of the attacker; all use one IP address
ACCOUNTS = 40  # the attacker knows their email addresses
MANY_ROOMS = 300  # in the lobby
HISTORY = 100  # messages in the bystanders' room
LONG_HISTORY = 1_000  # messages in the attacker's room
LARGE = "<>" * 2_000  # 4,000 characters, and 16,000 of HTML: about the largest row there can be
GARDEN, MARKET = "garden", "market"  # the bystanders' room and the attacker's


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    import django

    django.setup()
    print(json.dumps(create_fixtures()))


def create_fixtures() -> dict[str, Any]:
    from chat.models import Membership, Room

    garden = Room.objects.create(slug=GARDEN, name="Garden")
    market = Room.objects.create(slug=MARKET, name="Market")
    for number in range(MANY_ROOMS):
        Room.objects.create(slug=f"stall-{number}", name=f"Stall {number}")
    bystanders = [add_guest(f"bystander {number}", garden) for number in range(BYSTANDERS)]
    guests = [add_guest(f"visitor {number}", market) for number in range(GUESTS)]
    for guest in guests:  # each owns a room to rename and to add members to
        own = Room.objects.create(slug=f"own-{guest['user']}", name=f"Own {guest['user']}")
        Membership.objects.create(room=own, user_id=guest["user"], role=Membership.OWNER)
        guest["room"] = own.slug
    add_history(garden, [guest["user"] for guest in bystanders], HISTORY, "words " * 20)
    add_history(market, [guest["user"] for guest in guests], LONG_HISTORY, LARGE)
    market.refresh_from_db()
    return {
        "bystanders": bystanders,
        "guests": guests,
        "accounts": create_accounts(),
        "epoch": str(market.epoch),
        "head": market.head,
    }


def add_guest(name: str, room: Any) -> dict[str, Any]:
    from chat.models import Membership
    from tests.chaos.fixtures import create_guest

    user, cookie = create_guest(name)
    Membership.objects.create(room=room, user=user)
    return {"name": name, "user": user.pk, "cookie": cookie}


def create_accounts() -> list[dict[str, Any]]:
    from chat.models import User
    from chat.names import skeleton

    names = [f"Account {number}" for number in range(ACCOUNTS)]
    rows = [
        User(username=f"account{n}", name=name, name_key=skeleton(name), email=f"account{n}@example.org")
        for n, name in enumerate(names)
    ]
    rows[0].set_password("a long password that is never tried")  # only accounts with a password can reset it
    for row in rows:
        row.password = rows[0].password
    User.objects.bulk_create(rows)
    created = User.objects.filter(username__startswith="account").order_by("pk")
    return [{"user": row.pk, "name": row.name, "email": row.email} for row in created]


def add_history(room: Any, authors: list[int], count: int, body: str) -> None:
    """Insert messages without the writer. The authors take turns: `seq` n is by author n mod their number."""
    from django.utils import timezone

    from chat import text
    from chat.models import Message, Room

    html, now = text.render(body), timezone.now()
    Message.objects.bulk_create(
        Message(
            room=room, seq=seq, rev=seq, author_id=authors[seq % len(authors)], client_id=uuid.uuid4(),
            text=body, html=html, html_version=text.VERSION, created_at=now,
        )
        for seq in range(1, count + 1)
    )  # fmt: skip
    Room.objects.filter(pk=room.pk).update(head=count)


if __name__ == "__main__":
    main()
