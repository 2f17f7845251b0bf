"""The index: its plans, and the command that writes it again while people post."""

import io
import threading
import uuid

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from chat.actions import search_index
from chat.actions.messages import Draft, post
from chat.management.commands.search_index import bar
from chat.models import Message
from chat.search import finding, schema
from tests.live.test_state_plans import PLAN, fill
from tests.migrations import migrated_back


@pytest.mark.django_db
def test_a_rare_word_is_found_through_the_index(kitchen, alice, say, found, monkeypatch):
    fill(kitchen, alice)
    monkeypatch.setattr(finding, "FEW", 0)
    monkeypatch.setattr(finding, "WALKED", 100)
    kitchen.refresh_from_db()
    type(kitchen).objects.filter(pk=kitchen.pk).update(head=20_000)
    say(kitchen, alice, "a xylophone", *("tea" for _ in range(120)))
    call_command("search_index", stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as captured:
        assert found(alice, "lophon") == ["a xylophone"]
    (asked,) = [each["sql"] for each in captured if "@@" in each["sql"] or "MATCH" in each["sql"]][-1:]
    with connection.cursor() as cursor:
        cursor.execute(PLAN[connection.vendor] + asked.replace("%", "%%"))
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "chat_message_search" in plan or "chat_search VIRTUAL TABLE" in plan, plan


@pytest.mark.django_db
def test_messages_without_words_are_found_once_they_are_indexed(kitchen, alice, say, found, way):
    """A process of an older version wrote them during an upgrade, or edited them."""
    say(kitchen, alice, "green tea", "black tea")
    Message.objects.filter(seq=1).update(search_text=None)
    Message.objects.filter(seq=2).update(text="white coffee")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM chat_search_word")
    assert found(alice, "green") == []
    out = io.StringIO()
    call_command("search_index", stdout=out)
    assert "Indexed 2 messages; 2 had changed." in out.getvalue()
    assert found(alice, "reen") == ["green tea"] and found(alice, "offe") == ["white coffee"]


@pytest.mark.django_db(transaction=True)
def test_people_can_post_and_edit_while_the_index_is_written(kitchen, alice, say, found, monkeypatch, way):
    monkeypatch.setattr(search_index, "AT_ONCE", 2)
    say(kitchen, alice, *(f"tea {n}" for n in range(10)))

    def write():
        try:
            for n in range(10, 20):
                post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"tea {n}")])
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    for _ in search_index.rebuild():
        pass
    writer.join()
    assert found(alice, "tea") == [f"tea {n}" for n in range(19, -1, -1)]


@pytest.mark.django_db(transaction=True)
def test_the_migration_indexes_the_messages_that_exist():
    with migrated_back("0019_rooms_of_people") as old:
        room = old.get_model("chat", "Room").objects.create(slug="kitchen", name="Kitchen", head=1)
        user = old.get_model("chat", "User").objects.create(username="a", name="A", name_key="a")
        old.get_model("chat", "Message").objects.create(
            room=room, author=user, seq=1, rev=1, client_id=uuid.uuid4(), text="Green tea", html="x",
            html_version=1, created_at="2026-03-03T01:00Z",
        )  # fmt: skip
    assert Message.objects.get().search_text == " green tea "
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute('SELECT rowid FROM chat_search WHERE chat_search MATCH \'"gre" AND "tea"\'')
        else:
            cursor.execute("SELECT 1 FROM chat_search_word WHERE word = 'green'")
        assert cursor.fetchone()


@pytest.mark.django_db
def test_a_lost_trigger_is_created_again_by_the_next_migrate(kitchen, alice, say, found, way):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps triggers when a column changes")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER chat_search_insert")
    schema.install(connection)
    say(kitchen, alice, "tea")
    assert found(alice, "tea") == ["tea"]


@pytest.mark.once
def test_the_progress_has_per_cent_a_rate_and_the_time_left():
    line = bar(search_index.Progress(0.25, 5_000, 10), 20.0)
    assert line.startswith("[########                      ]  25%  250 messages/s  1:00 left")
