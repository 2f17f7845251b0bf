"""The card of a person, and the pages with which a conversation is started."""

import uuid
from unittest.mock import ANY

import pytest

from chat.actions import blocking, direct
from chat.limits import Limits, limits
from chat.models import Membership, Presence, Room, User
from chat.refusals import Refusal
from tests.conftest import create_person

pytestmark = pytest.mark.django_db


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_it_shows_the_person_and_what_one_can_do(alice, bob, kitchen, vault, log_in):
    User.objects.filter(pk=bob.pk).update(time_zone="Asia/Jakarta")
    page = text_of(log_in(alice), f"/people/{bob.pk}/?room=kitchen")
    for words in (
        "Bob",
        "moderator of this room",
        "there",
        "Kitchen",
        "Vault",
        "Message",
        "Ignore",
        "Block",
        "Report…",
    ):
        assert words in page, words
    assert "Moderate…" not in page
    assert "Moderate…" in text_of(log_in(bob), f"/people/{alice.pk}/?room=kitchen")
    own = text_of(log_in(bob), f"/people/{bob.pk}/")
    assert "This is you." in own and "Block" not in own


def test_a_broken_time_zone_is_left_out(alice, bob, kitchen, log_in):
    for zone in ("Nowhere/City", "../../etc/passwd", "/etc/passwd"):
        User.objects.filter(pk=bob.pk).update(time_zone=zone)
        assert " there</span>" not in text_of(log_in(alice), f"/people/{bob.pk}/")


def test_people_whom_one_cannot_see_look_like_nobody(alice, bob, charlie, vault, log_in):
    client = log_in(charlie)
    Room.objects.filter(pk=vault.pk).update(deleted_at=None)
    for id in (bob.pk, 999_999, 10**30):
        assert client.get(f"/people/{id}/").status_code == 404
        assert client.post(f"/people/{id}/block/", {"on": "1"}).status_code == 404
        answer = client.post("/direct/", {"to": id}, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (404, "direct_unknown")
    direct.set_may_write(bob, "everyone")
    assert "Bob" in text_of(client, f"/people/{bob.pk}/")
    assert "Vault" not in text_of(client, f"/people/{bob.pk}/?room={vault.slug}")
    client.logout()
    assert client.get(f"/people/{bob.pk}/")["Location"].startswith("/accounts/login/")


def test_somebody_who_is_only_present_can_be_seen(alice, kitchen, charlie, log_in):
    assert log_in(alice).get(f"/people/{charlie.pk}/").status_code == 404
    Presence.objects.create(room=kitchen, user=charlie, process=uuid.uuid4())
    assert "Charlie" in text_of(log_in(alice), f"/people/{charlie.pk}/")


def test_cards_are_limited(alice, bob, kitchen, log_in, monkeypatch):
    with pytest.raises(Refusal, match="too fast") as refused:
        for _ in range(1_000):
            limits().spend_card(alice.pk)

    def spend(*_):
        raise refused.value

    monkeypatch.setattr(Limits, "spend_card", spend)
    assert log_in(alice).get(f"/people/{bob.pk}/").status_code == 429


def test_people_whom_one_does_not_know_cost_as_much_as_cards(alice, bob, charlie, kitchen, log_in):
    client, strangers = log_in(alice), [charlie.pk, *range(900, 908)]
    with pytest.raises(Refusal, match="too fast"):
        for _ in range(1_000):
            limits().spend_card(alice.pk)
    assert client.get("/direct/new/", {"to": strangers}).status_code == 429
    answer = client.post("/direct/", {"to": strangers}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    direct.set_may_write(charlie, "everyone")
    assert client.get("/direct/new/", {"to": [bob.pk, charlie.pk]}).status_code == 200


def test_the_card_says_why_one_cannot_write(alice, bob, kitchen, log_in):
    direct.set_may_write(bob, "nobody")
    page = text_of(log_in(alice), f"/people/{bob.pk}/")
    assert "You cannot start a conversation with Bob." in page and ">Message<" not in page
    blocking.block(alice, bob, True)
    page = text_of(log_in(alice), f"/people/{bob.pk}/")
    assert "You blocked this person." in page and "Stop blocking" in page


def test_a_form_starts_it_and_the_card_leads_to_it_afterwards(alice, bob, kitchen, log_in):
    client = log_in(alice)
    address = client.post("/direct/", {"to": bob.pk})["Location"]
    assert client.post("/direct/", {"to": bob.pk}, headers={"Accept": "application/json"}).json() == {
        "url": address
    }
    assert f'href="{address}"' in text_of(client, f"/people/{bob.pk}/")
    assert "<title>Bob" in text_of(client, address)


def test_people_are_found_and_chosen_without_scripts(alice, bob, charlie, kitchen, log_in):
    direct.set_may_write(charlie, "everyone")
    client = log_in(alice)
    for query, names in (
        ("", ["Bob"]),
        ("cha", ["Charlie"]),
        ("BO", ["Bob"]),
        ("o", []),
        ("\0", []),
        ("%", []),
    ):
        found = client.get("/direct/new/", {"q": query}).context["found"]
        assert [person.name for person, _ in found] == names, query
    page = client.get(f"/direct/new/?to={bob.pk}&to={charlie.pk}&to=x&to=99999999999999999999&to={alice.pk}")
    assert [(person.name, link) for person, link in page.context["chosen"]] == [
        ("Bob", f"/direct/new/?to={charlie.pk}"), ("Charlie", f"/direct/new/?to={bob.pk}"),
    ]  # fmt: skip
    assert client.post("/direct/", {"to": [bob.pk, charlie.pk]}).status_code == 302
    assert client.post("/direct/", {}).status_code == 422


def test_people_who_refuse_are_not_found(alice, bob, kitchen, log_in):
    client = log_in(alice)
    for change in (
        {"may_write": "nobody"},
        {"ignored": [alice.pk]},
        {"is_active": False},
        {"is_guest": True},
    ):
        User.objects.filter(pk=bob.pk).update(**change)
        assert not client.get("/direct/new/", {"q": "bob"}).context["found"], change
        User.objects.filter(pk=bob.pk).update(may_write="shared", ignored=[], is_active=True, is_guest=False)
    assert client.get("/direct/new/", {"q": "bob"}).context["found"] == [(bob, ANY)]


def test_the_search_takes_few_queries_in_a_large_room(alice, kitchen, log_in, django_assert_max_num_queries):
    people = [User(username=f"p{n}", name=f"Person {n}", name_key=f"person{n}") for n in range(300)]
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(Membership(room=kitchen, user=person) for person in people)
    client = log_in(alice)
    client.get("/direct/new/")
    with django_assert_max_num_queries(4):
        found = client.get("/direct/new/", {"q": "person 2"}).context["found"]
    assert len(found) == 20


def test_the_setting_is_a_small_form(alice, log_in):
    client = log_in(alice)
    assert "People who share a room with you" in text_of(client, "/accounts/direct/")
    assert client.post("/accounts/direct/", {"may_write": "nobody"}).status_code == 302
    assert client.post("/accounts/direct/", {"may_write": "root"}).status_code == 422
    assert User.objects.get(pk=alice.pk).may_write == "nobody"


def test_a_guest_reads_why_there_is_no_form(kitchen, log_in):
    guest = create_person("Visitor")
    User.objects.filter(pk=guest.pk).update(is_guest=True)
    page = text_of(log_in(User.objects.get(pk=guest.pk)), "/direct/new/")
    assert "Guests cannot take part" in page and "data-find" not in page
