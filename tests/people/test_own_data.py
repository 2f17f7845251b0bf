"""The download of one's own data."""

import json
import uuid

import httpx
import pytest
from django.conf import settings
from django.core.signals import request_finished

from chat.actions.messages import Draft, post
from chat.models import Membership, User, own_data
from chat.refusals import Refusal
from chat.views import own_data as views
from tests.wire import signed_in

ADDRESS = "/accounts/data/download/"


def say(room, author, text):
    post([Draft(room.pk, author.pk, uuid.uuid4(), text)])


@pytest.mark.django_db
def test_it_has_everything_of_the_person_and_of_others_only_names(monkeypatch, alice, bob, kitchen, vault):
    monkeypatch.setattr(own_data, "AT_ONCE", 2)
    alice.ignored = [bob.pk]
    for number in range(5):
        say(kitchen, alice, f"own {number}")
    say(kitchen, alice, f"<@{bob.pk}> hello")
    say(kitchen, bob, "a secret of Bob")
    say(vault, alice, "in the vault")
    Membership.objects.filter(room=vault, user=alice).delete()
    text = "".join(own_data.parts_of(alice))
    data = json.loads(text)
    assert data["profile"]["name"] == "Alice" and data["profile"]["ignored"] == ["Bob"]
    assert [room["name"] for room in data["rooms"]] == ["Kitchen"]
    assert [message["number"] for message in data["messages"]] == [1, 2, 3, 4, 5, 6, 1]
    assert data["messages"][5]["mentions"] == {str(bob.pk): "Bob"}
    assert "secret of Bob" not in text and "Vault" not in text and alice.password not in text


@pytest.mark.django_db
def test_somebody_without_anything_gets_a_complete_file(charlie):
    assert json.loads("".join(own_data.parts_of(charlie)))["messages"] == []


@pytest.fixture
def kept_connection(monkeypatch):
    """The end of a response closes the database, also that of the test."""
    monkeypatch.setattr(request_finished, "send", lambda **_: [])


@pytest.mark.django_db
def test_it_is_made_one_at_a_time_and_few_times_an_hour(client, alice, bob, kept_connection):
    client.force_login(alice)
    first = client.post(ADDRESS)
    assert client.post(ADDRESS).status_code == 503, "it counts before anything of it is read"
    first.close()
    assert client.get(ADDRESS).status_code == 405
    codes = []
    for _ in range(3):
        answer = client.post(ADDRESS)
        answer.close()
        codes.append(answer.status_code)
    assert codes == [200, 200, 429]
    assert not views._running, "a refusal occupies nothing"


def test_a_process_makes_only_some_and_forgets_one_that_is_never_sent():
    made = [views._Download(number, iter([])) for number in range(views.AT_ONCE)]
    with pytest.raises(Refusal, match="busy"):
        views._Download(100, iter([]))
    del made
    assert not views._running


async def test_a_long_history_arrives_whole_over_http(server, alice, kitchen):
    for number in range(0, 3_000, 500):
        text = "x" * 2_000
        post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), f"{number + n} {text}") for n in range(500)])
    person = signed_in(server, alice)
    token = await person.token("/accounts/data/")
    answer = await person.http.post("/accounts/data/download/", data={"csrfmiddlewaretoken": token})
    data = json.loads(answer.text)
    assert len(data["messages"]) == 3_000 and answer.headers["cache-control"] == "no-store"
    assert "attachment" in answer.headers["content-disposition"]


async def test_an_uploaded_picture_of_some_megabytes_arrives_and_a_larger_one_is_refused(server, alice):
    from .pictures import picture

    person = signed_in(server, alice)
    token = await person.token("/accounts/profile/")
    address, form = "/accounts/profile/picture/", {"csrfmiddlewaretoken": token}
    large = picture() + b"\0" * 4_000_000
    answer = await person.http.post(address, data=form, files={"picture": ("me.png", large)})
    assert answer.status_code == 302
    user = User.objects.get(pk=alice.pk)
    shown = await person.get(f"/pictures/{user.avatar}-small.webp")
    assert shown.headers["content-type"] == "image/webp"
    for size in (5_300_000, 6_000_000):
        answer = await person.http.post(address, data=form, files={"picture": ("me.png", b"x" * size)})
        assert answer.status_code == 413
    answer = await person.http.post("/accounts/profile/", data=form | {"name": "x" * 100_000})
    assert answer.status_code == 413
    stranger = httpx.get(f"{server.url}/pictures/{user.avatar}-small.webp")
    assert stranger.status_code == 403 and settings.SESSION_COOKIE_NAME not in stranger.cookies
