"""PostgreSQL's list of words has only words that a message has, and no encoded data."""

import io
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from chat.actions import purging, search_index
from chat.models import Message
from chat.search import schema
from tests.services import wait_until

LONG = "m" + "x" * schema.LONGEST_WORD
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture(autouse=True)
def only_postgresql(request):
    if connection.vendor != "postgresql" and "way" not in request.fixturenames:
        pytest.skip("SQLite has no list of words")


def listed():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT word FROM chat_search_word ORDER BY word")
        return [word for (word,) in cursor.fetchall()]


@pytest.mark.django_db
def test_a_very_long_word_is_found_whole_and_by_its_beginning(kitchen, alice, say, found, way):
    say(kitchen, alice, LONG, "tea")
    assert found(alice, LONG) == found(alice, LONG[:20]) == [LONG]
    if connection.vendor == "postgresql":
        assert listed() == ["tea"]


@pytest.mark.django_db
def test_tidy_removes_words_that_no_message_has(kitchen, alice, say, found, monkeypatch):
    monkeypatch.setattr(search_index, "AT_ONCE", 2)
    say(kitchen, alice, "green tea", "black tea", "white coffee")
    Message.objects.filter(text="black tea").update(search_text=" red tea ")
    Message.objects.filter(text="white coffee").update(search_text="")
    call_command("tidy", stdout=(out := io.StringIO()))
    assert listed() == ["green", "red", "tea"] and "3 words" in out.getvalue()


@pytest.mark.django_db
def test_a_purged_word_does_not_stay(kitchen, alice, say):
    say(kitchen, alice, "tea", "secretword")
    long_ago = timezone.now() - timedelta(days=1_000)
    Message.objects.filter(text="secretword").update(search_text="", deleted_at=long_ago)
    purging.purge()
    assert listed() == ["tea"]


@pytest.mark.django_db(transaction=True)
def test_a_word_stays_if_a_message_with_it_is_just_being_written(kitchen, alice, say):
    say(kitchen, alice, "zebra", "tea")
    Message.objects.filter(text="zebra").update(search_text="")

    def forget():
        try:
            search_index.forget_words()
        finally:
            connections.close_all()

    forgetting = threading.Thread(target=forget)
    with transaction.atomic():
        Message.objects.filter(text="tea").update(search_text=" zebra ")
        forgetting.start()
        wait_until(lambda: is_waiting() or not forgetting.is_alive(), "the removal neither waits nor ends")
    forgetting.join()
    assert "zebra" in listed()


def is_waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db
def test_words_are_looked_up_in_the_index():
    with connection.cursor() as cursor:
        cursor.execute(schema.USE_INDEX)
        for asked, values in ((schema.SOME_WORDS, ["", 500]), (schema.FORGET, [["tea"]])):
            cursor.execute("EXPLAIN " + asked, values)
            assert "Bitmap Index Scan on chat_message_search" in str(cursor.fetchall())
