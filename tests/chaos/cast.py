"""Fills an empty database: people who are signed in, the rooms they talk in, and a witness.

The witness is a trigger: whatever writes a message, the database itself notes the number it took.
Run with the web processes' environment; prints the cast as JSON.
"""

from __future__ import annotations

import argparse
import json
import os

WITNESS = {
    "postgresql": """
        CREATE TABLE chaos_change (room_id bigint, seq bigint, rev bigint, author_id bigint, client_id uuid);
        CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO chaos_change VALUES (NEW.room_id, NEW.seq, NEW.rev, NEW.author_id, NEW.client_id);
            RETURN NULL;
        END $$;
        CREATE TRIGGER chaos_insert AFTER INSERT ON chat_message FOR EACH ROW EXECUTE FUNCTION chaos_note();
        CREATE TRIGGER chaos_update AFTER UPDATE ON chat_message FOR EACH ROW
            WHEN (OLD.rev IS DISTINCT FROM NEW.rev) EXECUTE FUNCTION chaos_note();
    """,
    "sqlite": """
        CREATE TABLE chaos_change (room_id bigint, seq bigint, rev bigint, author_id bigint, client_id text);
        CREATE TRIGGER chaos_insert AFTER INSERT ON chat_message BEGIN
            INSERT INTO chaos_change VALUES (NEW.room_id, NEW.seq, NEW.rev, NEW.author_id, NEW.client_id);
        END;
        CREATE TRIGGER chaos_update AFTER UPDATE ON chat_message WHEN OLD.rev IS NOT NEW.rev BEGIN
            INSERT INTO chaos_change VALUES (NEW.room_id, NEW.seq, NEW.rev, NEW.author_id, NEW.client_id);
        END;
    """,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--rooms", type=int, required=True)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(gather(options.people, options.rooms)))


def gather(people: int, rooms: int) -> dict[str, object]:
    from chat.models import Membership, Room

    witness()
    opened = [Room.objects.create(slug=f"room-{n}", name=f"Room {n}") for n in range(rooms)]
    cast = []
    for number in range(people):
        person, cookie = sign_in(f"person {number}")
        room = opened[number % rooms]
        Membership.objects.create(room=room, user=person)
        cast.append(
            {"name": person.name, "user": person.pk, "cookie": cookie, "room": room.pk, "slug": room.slug}
        )
    return {"people": cast, "rooms": [room.pk for room in opened]}


def sign_in(name: str):
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from chat.models import User

    person = User.objects.create(username=f"guest:{name}", name=name, is_guest=True, password="!")
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return person, session.session_key


def witness() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.connection.executescript(WITNESS["sqlite"])
        else:
            cursor.execute(WITNESS["postgresql"])


if __name__ == "__main__":
    main()
