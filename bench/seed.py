"""Seed data for Obrolan: users who are logged in, rooms, and memberships.

`python -m bench.seed FILE`, with Obrolan's environment variables, writes one Cookie header per line to FILE.
The first line belongs to an administrator. The rows are inserted directly: 5,000 logins through the form
would take too long.
"""

import os
import secrets
import sys
from importlib import import_module
from pathlib import Path

import django

USERS = 5_000
ROOMS = 1_000
# Numbers of rooms in the cases. The user of session n is a member of room n modulo each of them.
ROOM_COUNTS = (1, 50, 100, 500, 1_000)


def main(target: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    django.setup()
    from django.conf import settings
    from django.contrib.sessions.models import Session

    from chat import names
    from chat.models import Membership, Room, User

    administrator = User.objects.create_superuser("benchadmin", name="Administrator")
    guests = [
        User(username=f"bench{number}", name=f"Bench {number}", is_guest=True) for number in range(USERS)
    ]
    for guest in guests:
        guest.name_key = names.skeleton(guest.name)
        guest.set_unusable_password()
    User.objects.bulk_create(guests, batch_size=1_000)
    rooms = Room.objects.bulk_create(
        Room(slug=f"room{number}", name=f"Room {number}") for number in range(ROOMS)
    )
    memberships = {
        (rooms[index % count].pk, guest.pk)
        for count in ROOM_COUNTS
        for index, guest in enumerate(guests, start=1)
    }
    Membership.objects.bulk_create(
        (Membership(room_id=room, user_id=user) for room, user in memberships), batch_size=1_000
    )

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    sessions = [
        Session(
            session_key=secrets.token_hex(16),
            session_data=store.encode(
                {
                    "_auth_user_id": str(user.pk),
                    "_auth_user_backend": settings.AUTHENTICATION_BACKENDS[-1],
                    "_auth_user_hash": user.get_session_auth_hash(),
                }
            ),
            expire_date=store.get_expiry_date(),
        )
        for user in (administrator, *guests)
    ]
    Session.objects.bulk_create(sessions, batch_size=1_000)
    target.write_text(
        "".join(f"{settings.SESSION_COOKIE_NAME}={session.session_key}\n" for session in sessions)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
