"""`/rooms/<slug>/<seq>/versions/`: earlier versions of an edited message."""

import uuid

import pytest

from chat.actions.changes import Delete, Edit
from chat.actions.messages import Draft, post
from chat.models import Membership, User
from chat.views.history import BYTES

pytestmark = pytest.mark.django_db

QUERIES = 6  # session, user, room, message, sizes of the versions, versions


@pytest.fixture
def tea(kitchen, alice):
    """A message that was edited twice."""
    (message,) = post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Tea")])
    edit(message, "Tea at *three*", "Tea at four")
    return message


def edit(message, *texts):
    for text in texts:
        (result,) = post([Edit(message.room_id, message.author_id, message.seq, text)])
        assert result.text == text


def get(client, user, path="/rooms/kitchen/1/versions/"):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(path)
    return answer.status_code, answer.json()


def texts(client, user):
    status, answer = get(client, user)
    assert status == 200
    return [version["text"] for version in answer["versions"]]


def test_the_earlier_versions_are_listed_newest_first_without_the_current_one(client, tea, bob):
    _, answer = get(client, bob)
    newest, first = answer["versions"]
    assert newest["html"] == "<p>Tea at <em>three</em></p>" and newest["text"] == "Tea at *three*"
    assert first["text"] == "Tea" and first["at"] < newest["at"]
    assert set(first) == {"html", "text", "at"}


def test_a_message_that_was_never_edited_has_no_versions(client, kitchen, alice):
    post([Draft(kitchen.pk, alice.pk, uuid.uuid4(), "Once")])
    assert texts(client, alice) == []


def test_a_deleted_message_shows_its_versions_to_moderators_only(client, tea, alice, bob, charlie):
    for author_of_deletion in (alice, bob):
        post([Delete(tea.room_id, author_of_deletion.pk, tea.seq)])
        assert texts(client, alice) == texts(client, charlie) == []
        assert texts(client, bob) == ["Tea at *three*", "Tea"]


def test_at_most_fifty_versions_and_256_kib_are_returned(client, tea, bob):
    edit(tea, *(f"Tea at {number}" for number in range(60)))
    found = texts(client, bob)
    assert found[0] == "Tea at 58" and len(found) == 50
    edit(tea, *("😀" * (3_900 + number) for number in range(12)))
    _, answer = get(client, bob)
    sizes = [len(one["text"].encode()) + len(one["html"].encode()) for one in answer["versions"]]
    assert 0 < sum(sizes) <= BYTES and len(sizes) < 12


def test_mentions_in_versions_show_the_names_of_members_and_of_nobody_else(client, tea, alice, bob, charlie):
    edit(tea, f"Tea, <@{bob.pk}> and <@{charlie.pk}>?", "Tea?")
    User.objects.filter(pk=bob.pk).update(name="Bobby & Co")
    _, answer = get(client, alice)
    html = answer["versions"][0]["html"]
    assert f'<span class="mention" data-user="{bob.pk}">@Bobby &amp; Co</span>' in html
    assert f'<span class="mention" data-user="{charlie.pk}">@unknown</span>' in html


def test_the_number_of_queries_is_fixed(client, tea, bob, django_assert_num_queries):
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    with django_assert_num_queries(QUERIES):
        client.get("/rooms/kitchen/1/versions/")


@pytest.mark.parametrize(
    "path",
    [
        "/rooms/nowhere/1/versions/",
        "/rooms/kitchen/99/versions/",
        "/rooms/kitchen/0/versions/",
        "/rooms/kitchen/99999999999999999999999/versions/",
    ],
)
def test_an_unknown_room_or_message_is_not_found(client, tea, bob, path):
    status, answer = get(client, bob, path)
    assert status == 404 and answer["type"] == "error"


def test_a_private_room_looks_like_an_unknown_one(client, vault, alice, charlie):
    post([Draft(vault.pk, alice.pk, uuid.uuid4(), "Secret")])
    hidden = get(client, charlie, "/rooms/vault/1/versions/")
    assert hidden == get(client, charlie, "/rooms/nowhere/1/versions/")
    assert hidden[0] == 404
    Membership.objects.create(room=vault, user=charlie)
    assert get(client, charlie, "/rooms/vault/1/versions/") == (200, {"versions": []})


def test_a_visitor_without_a_session_is_refused(client, tea):
    answer = client.get("/rooms/kitchen/1/versions/")
    assert answer.status_code == 401 and answer.json()["code"] == "sign_in"
