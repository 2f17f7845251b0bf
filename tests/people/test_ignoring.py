"""Ignore a person: their messages fold for this user alone, and their mentions do not notify."""

import re
import uuid

import pytest

from chat.actions import ignoring
from chat.actions.ignoring import ignore
from chat.actions.messages import Draft, post
from chat.models import Membership, Mention, Room, User
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def say(room, author, *texts):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text) for text in texts])


def test_ignoring_removes_the_unread_mentions_of_this_person_only(alice, bob, charlie, kitchen):
    Membership.objects.create(room=kitchen, user=charlie)
    (read,) = say(kitchen, bob, f"<@{alice.pk}> read")
    Membership.objects.filter(user=alice).update(last_read=read.seq)
    say(kitchen, bob, f"<@{alice.pk}> unread")
    say(kitchen, charlie, f"<@{alice.pk}> unread")
    assert ignore(alice, bob, True) == [bob.pk]
    assert Membership.objects.get(user=alice, room=kitchen).mentions == 1
    assert list(Mention.objects.order_by("seq").values_list("seq", flat=True)) == [1, 3]


def test_a_repetition_has_no_effect_and_ignoring_can_be_taken_back(alice, bob):
    for _ in range(2):
        assert ignore(alice, bob, True) == [bob.pk]
    for _ in range(2):
        assert ignore(alice, bob, False) == []


def test_nobody_ignores_themselves_or_more_people_than_the_limit(alice, bob, charlie, monkeypatch):
    monkeypatch.setattr(ignoring, "MAX_IGNORED", 1)
    ignore(alice, bob, True)
    for other, code in ((alice, "ignoring_yourself"), (charlie, "too_many_ignored")):
        with pytest.raises(Refusal) as refused:
            ignore(alice, other, True)
        assert refused.value.code == code
    assert User.objects.get(pk=alice.pk).ignored == [bob.pk]


def test_changes_of_two_tabs_are_both_kept(alice, bob, charlie):
    first, second = User.objects.get(pk=alice.pk), User.objects.get(pk=alice.pk)
    ignore(first, bob, True)
    assert ignore(second, charlie, True) == [bob.pk, charlie.pk]


def test_messages_of_an_ignored_person_are_folded_for_this_person_only(client, reader, alice, bob, kitchen):
    say(kitchen, bob, "rude", "ruder")
    ignore(alice, bob, True)
    page = reader.get("/rooms/kitchen/").content.decode()
    rows = re.findall(r'(?s)<li class="message[^"]* ignored[^"]*".*?</li>', page.partition("<template")[0])
    assert len(rows) == 2 and all("Message from someone you ignore" in row for row in rows)
    assert f'data-ignored="[{bob.pk}]"' in page
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert " ignored" not in client.get("/rooms/kitchen/").content.decode().partition("<template")[0]


def test_a_form_ignores_and_redirects_back(reader, alice, bob, kitchen):
    answer = reader.post(f"/people/{bob.pk}/ignore/", {"on": "1", "next": "/rooms/kitchen/"})
    assert answer["Location"] == "/rooms/kitchen/"
    page = reader.get("/accounts/ignored/").content.decode()
    assert "Bob" in page and "Stop ignoring" in page
    answer = reader.post(f"/people/{bob.pk}/ignore/", {"on": "0", "next": "https://example.com/"})
    assert answer["Location"] == "/accounts/ignored/"
    assert "You ignore nobody" in reader.get("/accounts/ignored/").content.decode()


def test_a_script_gets_the_list_or_the_refusal_as_json(reader, client, alice, bob, kitchen):
    headers = {"Accept": "application/json"}
    answer = reader.post(f"/people/{bob.pk}/ignore/", {"on": "1"}, headers=headers)
    assert answer.json() == {"ignored": [bob.pk], "message": "You ignore Bob now"}
    answer = reader.post(f"/people/{alice.pk}/ignore/", {"on": "1"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "ignoring_yourself")
    assert reader.post("/people/999999999999999999999/ignore/", {"on": "1"}).status_code == 404
    client.logout()
    assert client.post(f"/people/{bob.pk}/ignore/", {"on": "1"}, headers=headers).status_code == 401
    assert client.get("/accounts/ignored/")["Location"].startswith("/accounts/login/")


def test_people_of_rooms_that_are_not_visible_cannot_be_looked_up(client, alice, bob, charlie, vault):
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/people/{bob.pk}/ignore/", {"on": "1"}).status_code == 404
    assert "Bob" not in client.get("/accounts/ignored/").content.decode()
    Membership.objects.create(room=vault, user=charlie)
    Membership.objects.filter(user=bob).delete()
    say(vault, alice, "Hello")
    assert client.post(f"/people/{bob.pk}/ignore/", {"on": "1"}).status_code == 404
    assert client.post(f"/people/{alice.pk}/ignore/", {"on": "1"}).status_code == 302
    Membership.objects.filter(user=alice).delete()
    client.post(f"/people/{alice.pk}/ignore/", {"on": "0"})
    assert client.post(f"/people/{alice.pk}/ignore/", {"on": "1"}).status_code == 302, "an author who left"
    Membership.objects.filter(user=charlie).delete()
    assert client.post(f"/people/{alice.pk}/ignore/", {"on": "0"}).status_code == 302


def test_a_mention_of_all_by_an_ignored_person_does_not_count(reader, alice, bob, kitchen):
    say(kitchen, bob, f"<@all> <@{alice.pk}>")
    assert Room.objects.listed_for(alice).get(pk=kitchen.pk).mentions == 2
    ignore(alice, bob, True)
    assert Room.objects.listed_for(alice).get(pk=kitchen.pk).mentions == 0
    assert "nobody has mentioned you" in reader.get("/mentions/").content.decode().lower()
    ignore(alice, bob, False)
    assert Room.objects.listed_for(alice).get(pk=kitchen.pk).mentions == 1
