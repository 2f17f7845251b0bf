"""The link from a message in a room to its page in the admin."""

from uuid import uuid4

import pytest

from chat.actions.messages import Draft, post
from chat.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(kitchen, alice):
    (message,) = post([Draft(kitchen.pk, alice.pk, uuid4(), "Words")])
    return message


@pytest.fixture
def mara(db):
    return User.objects.create_user("mara", name="Mara", is_staff=True)


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def link(client):
    page = client.get("/rooms/kitchen/").content.decode()
    return page.partition('data-admin="')[2].partition('"')[0]


def test_a_moderator_of_the_site_is_led_to_the_message(client, mara, message):
    target = link(log_in(client, mara)).replace("/0/", f"/{message.seq}/")
    answer = client.get(target)
    assert (answer.status_code, answer.url) == (302, f"/admin/chat/message/{message.pk}/change/")
    assert client.get(answer.url).status_code == 200


def test_other_people_have_no_link_and_no_access(client, bob, message):
    assert link(log_in(client, bob)) == ""
    target = f"/admin/chat/message/at/{message.room_id}/{message.seq}/"
    assert client.get(target).url.startswith("/admin/login/")


@pytest.mark.parametrize("place", ["1/99", "99/1", f"1/{2**70}", f"{2**70}/1"])
def test_an_unknown_message_is_not_found(client, mara, message, place):
    assert log_in(client, mara).get(f"/admin/chat/message/at/{place}/").status_code == 404
