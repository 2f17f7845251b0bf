"""The page that a room opens with: around the first unread message if the latest page does not show it."""

import re
import uuid

import pytest

from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read

from .test_room import QUERIES_OF_A_ROOM_PAGE, seqs

pytestmark = pytest.mark.django_db
QUERIES_WITH_MUCH_UNREAD = QUERIES_OF_A_ROOM_PAGE + 1 + 4  # the first unread message, and the page around it


def say(room, author, count):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), f"Line {n}") for n in range(count)])


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def line(page):
    """The seq of the message below the line, or None."""
    found = re.search(r'class="unread-line".*?data-seq="(\d+)"', body(page), re.S)
    return found and int(found[1])


def body(page):
    html = page.content.decode()
    return html[: html.index("data-states")]


def test_the_line_is_above_the_first_unread_message_of_somebody_else(reader, kitchen, alice, bob):
    say(kitchen, bob, 3)
    mark_read({(kitchen.pk, alice.pk): 3})
    say(kitchen, alice, 2)
    say(kitchen, bob, 2)
    page = reader.get("/rooms/kitchen/")
    assert line(page) == 6
    assert 'data-first-unread="6"' in body(page) and 'data-unread="4"' in body(page)


def test_there_is_no_line_if_everything_is_read_or_ones_own(reader, kitchen, alice, bob):
    say(kitchen, bob, 3)
    mark_read({(kitchen.pk, alice.pk): 3})
    say(kitchen, alice, 80)
    page = reader.get("/rooms/kitchen/")
    assert line(page) is None and 'data-first-unread=""' in body(page)
    assert seqs(page)[-1] == 83


def test_with_more_than_a_page_unread_the_room_opens_around_the_first_unread_message(
    reader, kitchen, alice, bob
):
    say(kitchen, bob, 200)
    mark_read({(kitchen.pk, alice.pk): 100})
    page = reader.get("/rooms/kitchen/")
    assert line(page) == 101
    assert seqs(page) == list(range(76, 126))
    assert 'data-later="true"' in body(page) and "Later messages" in body(page)


def test_the_message_below_the_line_shows_its_author(reader, kitchen, alice, bob):
    say(kitchen, bob, 3)
    mark_read({(kitchen.pk, alice.pk): 1})
    groups = re.findall(
        r'<li class="message([^"]*)"\s+id="message-(\d)"', body(reader.get("/rooms/kitchen/"))
    )
    assert [seq for kind, seq in groups if "continues" not in kind] == ["1", "2"]


def test_a_permalink_shows_its_message_wherever_the_line_is(reader, kitchen, alice, bob):
    say(kitchen, bob, 200)
    mark_read({(kitchen.pk, alice.pk): 100})
    page = reader.get("/rooms/kitchen/30/")
    assert seqs(page) == list(range(5, 55)) and line(page) is None
    assert 'data-first-unread="101"' in body(page)
    assert 'aria-current="true"' in body(page)


def test_a_message_sent_without_scripts_marks_the_room_as_read(reader, kitchen, bob):
    say(kitchen, bob, 200)
    reader.post("/rooms/kitchen/", {"text": "By hand", "client_id": str(uuid.uuid4())})
    page = reader.get("/rooms/kitchen/")
    assert line(page) is None and seqs(page)[-1] == 201


def test_much_unread_takes_four_more_queries_and_little_takes_none(
    reader, kitchen, alice, bob, django_assert_num_queries
):
    say(kitchen, bob, 200)
    reader.get("/rooms/kitchen/")
    with django_assert_num_queries(QUERIES_WITH_MUCH_UNREAD):
        reader.get("/rooms/kitchen/")
    mark_read({(kitchen.pk, alice.pk): 160})
    with django_assert_num_queries(QUERIES_OF_A_ROOM_PAGE + 1):
        reader.get("/rooms/kitchen/")
