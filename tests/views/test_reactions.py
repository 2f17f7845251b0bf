"""`/rooms/<slug>/<seq>/reactions/`: the names of the people who reacted."""

import uuid

import pytest

from chat.actions.changes import Delete, React
from chat.actions.messages import Draft, post

pytestmark = pytest.mark.django_db

PATH = "/rooms/{}/1/reactions/"
QUERIES = 5  # session, user, room, message, names


@pytest.fixture
def get(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")

    def get(slug="kitchen", seq=1):
        answer = client.get(f"/rooms/{slug}/{seq}/reactions/")
        return answer.status_code, answer.json()

    return get


def react(room, *people, emoji="👍"):
    post([Draft(room.pk, people[0].pk, uuid.uuid4(), "Tea?")])
    post([React(room.pk, person.pk, 1, emoji, True) for person in people])


def test_the_people_who_reacted_are_named(get, kitchen, alice, bob, charlie):
    react(kitchen, bob, charlie)
    post([React(kitchen.pk, bob.pk, 1, "❤️", True)])
    assert get() == (200, {"people": {str(bob.pk): "Bob", str(charlie.pk): "Charlie"}})


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(
    get, kitchen, bob, charlie, django_assert_num_queries
):
    react(kitchen, bob, charlie)
    with django_assert_num_queries(QUERIES):
        get()


def test_nobody_reacted_to_a_deleted_message(get, kitchen, bob):
    react(kitchen, bob)
    post([Delete(kitchen.pk, bob.pk, 1)])
    assert get() == (200, {"people": {}})


@pytest.mark.parametrize("seq", [2, 0, 2**53])
def test_a_message_that_does_not_exist_is_not_found(get, kitchen, bob, seq):
    react(kitchen, bob)
    status, answer = get(seq=seq)
    assert (status, answer["code"]) == (404, "no_message")


def test_an_invisible_room_looks_like_one_that_does_not_exist(client, vault, alice, charlie):
    react(vault, alice)
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    invisible, missing = client.get(PATH.format("vault")), client.get(PATH.format("attic"))
    assert invisible.status_code == missing.status_code == 404
    assert invisible.content == missing.content


def test_a_visitor_who_is_not_logged_in_is_asked_to_log_in(client, kitchen, alice):
    react(kitchen, alice)
    answer = client.get(PATH.format("kitchen"))
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")
