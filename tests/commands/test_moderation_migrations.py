"""Migrations 0011 to 0016 on a database in use, and processes of the version before them that still write."""

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from chat.actions import audit, sanctions
from chat.actions.messages import Draft, post
from chat.models import AuditEntry, Message, Room, User
from tests.migrations import migrate, migrated_back

BEFORE = "0010_indexes_of_changes"


def write(apps, name):
    """Write as a process of that version does: a person, a room, a membership and a message."""
    model = lambda kind: apps.get_model("chat", kind).objects  # noqa: E731
    user = model("User").create(username=name, name=name, name_key=name)
    room = model("Room").create(slug=name, name=name, name_key=name, epoch=uuid.uuid4())
    model("Membership").create(room=room, user=user)
    for number in (1, 2):
        say(apps, room.pk, user.pk, number)
    message = model("Message").filter(room=room, seq=2)
    message.update(deleted_at=timezone.now(), deleted_by=user, rev=3)


def say(apps, room_id, user_id, seq):
    apps.get_model("chat", "Message").objects.create(
        room_id=room_id, author_id=user_id, seq=seq, rev=seq, client_id=uuid.uuid4(), text="x", html="x",
        html_version=1, created_at=timezone.now(),
    )  # fmt: skip


def assert_usable(name):
    room, user = Room.objects.get(slug=name), User.objects.get(username=name)
    assert (room.decisions, room.slow_mode, room.posters, room.notice) == (0, 0, "everyone", "")
    assert not (room.is_locked or room.has_held or room.has_public_log or room.deleted_at)
    assert not user.is_sanctioned and room.messages.count() == 2
    Room.objects.filter(pk=room.pk).update(head=3)
    (message,) = post([Draft(room.pk, user.pk, uuid.uuid4(), "new")])
    assert message.seq == 4
    root = User.objects.create_superuser(f"root-{name}")
    mute = sanctions.impose("mute", user, by=root, room=room, reason="Spam", hides_messages=True)
    assert mute.hidden.count() == 2
    sanctions.lift(mute, by=root)
    assert room.messages.filter(deleted_at=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_database_in_use_is_migrated():
    with migrated_back(BEFORE) as old:
        write(old, "kitchen")
    assert_usable("kitchen")
    assert audit.first_broken() is None
    with transaction.atomic(), pytest.raises(Exception, match="audit log"), connection.cursor() as cursor:
        cursor.execute("UPDATE chat_auditentry SET reason = 'x'")
    assert AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_process_of_the_version_before_can_still_write():
    write(MigrationLoader(connection).project_state([("chat", BEFORE)]).apps, "kitchen")
    assert_usable("kitchen")


@pytest.mark.django_db(transaction=True)
def test_a_process_of_the_version_before_writes_during_the_migration(stack):
    if not stack.full:
        pytest.skip("SQLite has one writer, and one web process")
    with migrated_back(BEFORE) as old:
        write(old, "kitchen")
        room, user = (old.get_model("chat", kind).objects.get() for kind in ("Room", "User"))
        stop, failures, written = threading.Event(), [], []

        def post_all_the_time():
            while not stop.wait(0.002):
                try:
                    with transaction.atomic():
                        list(old.get_model("chat", "Room").objects.select_for_update().filter(pk=room.pk))
                        say(old, room.pk, user.pk, 10 + len(written))
                    written.append(1)
                except Exception as error:  # a deadlock, or a column that is missing
                    failures.append(error)
            connection.close()

        poster = threading.Thread(target=post_all_the_time)
        poster.start()
        try:
            migrate("0016_index_of_messages_by_author")
        finally:
            stop.set()
            poster.join()
    assert not failures and Message.objects.count() == 2 + len(written)
