"""The quick switcher offers rooms, people and commands that the person may see."""

import pytest

from chat.actions.ignoring import ignore
from chat.limits import buckets
from chat.models import Membership, Room, User

pytestmark = pytest.mark.django_db
QUERIES = 4  # session, user, rooms, people


@pytest.fixture
def ask(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return lambda q="": client.get("/switch/", {"q": q}).json()


def names(found):
    return [each["name"] for each in found]


def test_without_a_text_the_own_rooms_are_offered(ask, kitchen, vault):
    Room.objects.create(slug="attic", name="Attic")
    found = ask()
    assert names(found["rooms"]) == ["Kitchen", "Vault"] and found["people"] == []


def test_rooms_are_found_by_a_part_of_their_name_in_any_script(ask, kitchen):
    Room.objects.create(slug="x", name="Кухня")
    assert names(ask("ITCH")["rooms"]) == ["Kitchen"]
    assert names(ask("КУХ")["rooms"]) == ["Кухня"]
    assert ask("\0")["people"] == []


def test_private_rooms_and_direct_conversations_of_others_stay_hidden(ask, client, charlie, vault):
    Room.objects.create(slug="d-1", name="Vault talk", kind=Room.DIRECT)
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert ask("vault")["rooms"] == []


def test_people_are_found_in_rooms_that_one_may_see(ask, alice, bob, charlie, vault):
    User.objects.create_user("lena", name="Lena Bobrova")
    assert names(ask("bob")["people"]) == ["Bob"]
    assert ask("charlie")["people"] == ask("alice")["people"] == []
    Membership.objects.create(room=vault, user=charlie)
    assert ask("char")["people"] == [{"id": charlie.pk, "name": "Charlie", "guest": False}]
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    assert ask("char")["people"] == []
    ignore(alice, bob, True)
    assert ask("bob")["people"] == []


def test_commands_lead_to_pages_that_exist_and_that_the_person_may_open(ask, client, settings):
    settings.OBROLAN_ROOM_CREATION = "staff"
    commands = {each["label"]: each["url"] for each in ask()["commands"]}
    assert commands["Mentions"] == "/mentions/" and not {"New room", "Admin"} & commands.keys()
    assert all(client.get(url).status_code == 200 for url in commands.values())


def test_visitors_get_an_error(client):
    answer = client.get("/switch/")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")


def test_a_person_who_asks_too_often_is_refused(ask, client, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(buckets, "monotonic", lambda: 0.0)  # nothing is refilled, however long this takes
    with django_assert_max_num_queries(45 * QUERIES):
        answers = [client.get("/switch/", {"q": "x"}) for _ in range(45)]
    assert answers[0].status_code == 200
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "too_many_requests")
