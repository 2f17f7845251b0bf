"""Fill an empty database with guests, their sessions and rooms, and install an audit trigger.

The trigger logs each change of a message in the transaction that makes it, whichever code path that is.
The module runs as a program in the environment of the web processes and prints the fixtures as JSON.
"""

from __future__ import annotations

import argparse
import json
import os

AUDIT_TRIGGER = {
    "postgresql": """
        CREATE TABLE chaos_change (room_id bigint, seq bigint, rev bigint, author_id bigint, client_id uuid);
        CREATE FUNCTION chaos_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO chaos_change VALUES (NEW.room_id, NEW.seq, NEW.rev, NEW.author_id, NEW.client_id);
            RETURN NULL;
        END $$;
        CREATE TRIGGER chaos_insert AFTER INSERT ON chat_message
            FOR EACH ROW EXECUTE FUNCTION chaos_log_change();
        CREATE TRIGGER chaos_update AFTER UPDATE ON chat_message FOR EACH ROW
            WHEN (OLD.rev IS DISTINCT FROM NEW.rev) EXECUTE FUNCTION chaos_log_change();
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
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--rooms", type=int, required=True)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    install_audit_trigger()
    print(json.dumps(create_fixtures(options.clients, options.rooms)))


def create_fixtures(clients: int, rooms: int) -> dict[str, object]:
    from chat.models import Membership, Room, User

    User.objects.create_superuser("moderator")
    created = [Room.objects.create(slug=f"room-{n}", name=f"Room {n}") for n in range(rooms)]
    profiles = []
    for number in range(clients):
        user, cookie = create_guest(f"person {number}")
        room = created[number % rooms]
        Membership.objects.create(room=room, user=user)
        profiles.append(
            {"name": user.name, "user": user.pk, "cookie": cookie, "room": room.pk, "slug": room.slug}
        )
    for profile in profiles:
        profile["members"] = [one["user"] for one in profiles if one["room"] == profile["room"]]
    return {"clients": profiles, "rooms": [room.pk for room in created]}


def create_guest(name: str):
    """A guest and the key of their session, without the entry form."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from chat.models import User

    user = User.objects.create(username=f"guest:{name}", name=name, is_guest=True, password="!")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return user, session.session_key


def install_audit_trigger() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.connection.executescript(AUDIT_TRIGGER["sqlite"])
        else:
            cursor.execute(AUDIT_TRIGGER["postgresql"])


if __name__ == "__main__":
    main()
