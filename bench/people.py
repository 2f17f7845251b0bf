"""People who are signed in and rooms that they belong to, for the load program.

`python -m bench.people FILE`, in Obrolan's environment, writes one Cookie header a line; the first is an
administrator's. Made straight in the tables: signing 5,000 people in by the form would measure the form.
"""

import os
import secrets
import sys
from importlib import import_module
from pathlib import Path

import django

PEOPLE = 5_000
ROOMS = 100
SPREAD = (1, 50, 100)  # rooms of the cases: person n reads room n modulo each of them


def main(target: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    django.setup()
    from django.conf import settings
    from django.contrib.sessions.models import Session

    from chat import names
    from chat.models import Membership, Room, User

    administrator = User.objects.create_superuser("benchadmin", name="Keeper")
    guests = [
        User(username=f"bench{number}", name=f"Bench {number}", is_guest=True) for number in range(PEOPLE)
    ]
    for guest in guests:
        guest.name_key = names.skeleton(guest.name)
        guest.set_unusable_password()
    User.objects.bulk_create(guests, batch_size=1_000)
    rooms = Room.objects.bulk_create(
        Room(slug=f"room{number}", name=f"Room {number}") for number in range(ROOMS)
    )
    belongs = {(rooms[index % count].pk, guest.pk) for count in SPREAD for index, guest in enumerate(guests)}
    Membership.objects.bulk_create(
        (Membership(room_id=room, user_id=user) for room, user in belongs), batch_size=1_000
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
    target.write_text("".join(f"{settings.SESSION_COOKIE_NAME}={each.session_key}\n" for each in sessions))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
