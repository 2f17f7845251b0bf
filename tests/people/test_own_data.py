"""The download of one's own data."""

import json
import uuid

import httpx
import pytest
from django.conf import settings

from chat.actions.messages import Draft, post
from chat.models import Membership, User, own_data
from chat.views import own_data as views
from tests.wire import signed_in


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


@pytest.mark.django_db
def test_it_is_made_one_at_a_time_and_few_times_an_hour(client, alice, bob):
    client.force_login(alice)
    views._running.add(alice.pk)
    assert client.post("/accounts/data/download/").status_code == 503
    views._running.discard(alice.pk)
    assert client.get("/accounts/data/download/").status_code == 405
    answers = [client.post("/accounts/data/download/").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


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
