"""Migration 0006 on a database in use, and processes of the version before it that still write."""

import uuid

import pytest
from django.db import connection
from django.utils import timezone
from msgspec import UNSET

from chat import frames
from chat.models import Membership, Message, Room, User
from tests.migrations import migrated_back

# The columns that the version before 0006 inserts.
OLD_MESSAGE = """
    INSERT INTO chat_message (room_id, seq, rev, author_id, client_id, text, html, html_version, reactions,
        created_at)
    VALUES (%s, 2, 2, %s, %s, 'old', '<p>old</p>', 1, '{}', %s)
"""
OLD_ROOM = """
    INSERT INTO chat_room (slug, name, topic, kind, head, epoch, created_at)
    VALUES ('old', 'Old', '', 'public', 0, %s, %s)
"""
OLD_MEMBERSHIP = """
    INSERT INTO chat_membership (room_id, user_id, role, last_read, joined_at)
    VALUES (%s, %s, 'member', 0, %s)
"""


@pytest.mark.django_db(transaction=True)
def test_existing_rows_get_the_defaults():
    with migrated_back("0005_room_names_and_addresses") as old:
        room = old.get_model("chat", "Room").objects.create(slug="kitchen", name="Kitchen", head=1)
        user = old.get_model("chat", "User").objects.create(username="a", name="A", name_key="a")
        old.get_model("chat", "Membership").objects.create(room=room, user=user)
        old.get_model("chat", "Message").objects.create(
            room=room, author=user, seq=1, rev=1, client_id=uuid.uuid4(), text="x", html="x", html_version=1,
            created_at=timezone.now(),
        )  # fmt: skip
    assert_defaults()


@pytest.mark.django_db
def test_a_process_of_the_version_before_can_still_insert(kitchen, alice):
    key, now = uuid.uuid4(), timezone.now()
    if connection.vendor == "sqlite":
        key, now = key.hex, now.strftime("%Y-%m-%d %H:%M:%S.%f")
    with connection.cursor() as cursor:
        cursor.execute(OLD_MESSAGE, [kitchen.pk, alice.pk, key, now])
        cursor.execute(OLD_ROOM, [key, now])
        cursor.execute(OLD_MEMBERSHIP, [Room.objects.get(slug="old").pk, alice.pk, now])
    assert_defaults()


def assert_defaults():
    message = Message.objects.with_state().get()
    assert (message.mentions, message.mentions_all, message.mention_names) == ([], False, None)
    assert frames.message(message).quote is UNSET
    assert {(room.mention_all, room.shows_joins) for room in Room.objects.all()} == {("moderators", True)}
    assert set(Membership.objects.values_list("mentions", flat=True)) == {0}
    assert all(user.ignored == [] for user in User.objects.all())
