"""Invite links: moderators make them, a page shows them, and only its button joins."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chat.actions import join_links, members, modes, people, sanctions
from chat.models import AuditEntry, JoinLink, Membership, Room, Sanction, User
from chat.refusals import Refusal
from chat.views import former_guests
from tests.at_once import at_once


def make(room, by, age="week", uses="5"):
    return join_links.make(room, by=by, age=age, uses=uses)[1]


def page_of(client, token):
    return client.get(f"/join/{token}/")


@pytest.mark.django_db
def test_a_moderator_makes_a_link_that_is_shown_once_and_stored_as_a_digest(as_person, vault, bob, charlie):
    moderator = as_person(bob)
    made = moderator.post("/rooms/vault/links/", {"age": "week", "uses": "5"}).content.decode()
    token = re.search(r"/join/([\w-]{22})/", made)[1]
    listed = moderator.get("/rooms/vault/links/").content.decode()
    assert token not in listed and "0 of 5 used" in listed and "Bob" in listed
    assert token not in str(list(JoinLink.objects.values()))
    assert as_person(charlie).post(f"/join/{token}/")["Location"] == "/rooms/vault/"
    assert "1 of 5 used" in moderator.get("/rooms/vault/links/").content.decode()
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["make_link"]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"age": "year", "uses": "5"}, {"age": "day", "uses": "7"}, {}])
def test_a_time_or_a_number_that_is_not_offered_makes_no_link(as_person, vault, bob, fields):
    assert as_person(bob).post("/rooms/vault/links/", fields).status_code == 422
    assert not JoinLink.objects.exists()


@pytest.mark.django_db
def test_a_member_cannot_make_see_or_revoke_links(as_person, vault, alice, bob):
    make(vault, bob)
    link, member = JoinLink.objects.get(), as_person(alice)
    assert member.get("/rooms/vault/links/").status_code == 403
    assert member.post("/rooms/vault/links/", {"age": "day", "uses": "1"}).status_code == 403
    assert member.post(f"/rooms/vault/links/{link.pk}/revoke/").status_code == 403
    assert "/rooms/vault/links/" not in member.get("/rooms/vault/about/").content.decode()
    for act in (lambda: make(vault, alice), lambda: join_links.revoke(link, by=alice)):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "not_allowed"
    link.refresh_from_db()
    assert link.revoked_at is None


@pytest.mark.django_db
def test_a_room_has_at_most_twenty_open_links(as_person, vault, bob):
    for _ in range(join_links.OPEN_LINKS):
        make(vault, bob)
    refused = as_person(bob).post("/rooms/vault/links/", {"age": "day", "uses": "1"})
    assert refused.status_code == 422 and "Revoke one first" in refused.content.decode()
    join_links.revoke(JoinLink.objects.first(), by=bob)
    make(vault, bob)


@pytest.mark.django_db
def test_looking_at_the_page_uses_nothing_up_and_shows_nothing_of_the_room(as_person, vault, bob, charlie):
    token = make(vault, bob, uses="1")
    for client in (Client(), as_person(charlie)):
        answer = page_of(client, token)
        assert "You are invited to <bdi>Vault</bdi>" in answer.content.decode()
        assert "A private room with 2 members." in answer.content.decode()
        assert answer["X-Robots-Tag"] == "noindex" and "no-store" in answer["Cache-Control"]
        assert client.head(f"/join/{token}/").status_code == 200
    assert JoinLink.objects.get().uses == 0
    assert as_person(charlie).get("/rooms/vault/").status_code == 404


@pytest.mark.django_db
def test_a_private_room_is_visible_after_joining_and_a_member_uses_nothing_up(as_person, vault, bob, charlie):
    token, person = make(vault, bob, uses="1"), as_person(charlie)
    assert person.post(f"/join/{token}/")["Location"] == "/rooms/vault/"
    assert person.get("/rooms/vault/").status_code == 200
    assert JoinLink.objects.get().uses == 1
    member = as_person(bob)
    assert page_of(member, make(vault, bob))["Location"] == "/rooms/vault/"
    assert list(JoinLink.objects.order_by("pk").values_list("uses", flat=True)) == [1, 0]


@pytest.mark.django_db
def test_a_visitor_joins_as_a_guest_at_once(client, vault, bob):
    token = make(vault, bob, uses="1")
    assert client.post(f"/join/{token}/", {"username": "Bob"}).status_code == 422
    assert not User.objects.guests().exists()
    assert client.post(f"/join/{token}/", {"username": "Gus"})["Location"] == "/rooms/vault/"
    assert client.get("/rooms/vault/").status_code == 200
    assert vault.memberships.get(user__name="Gus").role == Membership.MEMBER


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["link_used_up", "removed"])
def test_a_guest_who_entered_but_did_not_get_in_is_remembered(client, vault, bob, monkeypatch, code):
    def refuse(*_):
        raise Refusal(code)

    token = make(vault, bob)
    monkeypatch.setattr(join_links, "join", refuse)
    answer = client.post(f"/join/{token}/", {"username": "Gus"})
    assert answer.status_code >= 400 and User.objects.guests().count() == 1
    assert former_guests.COOKIE in answer.cookies


@pytest.mark.django_db
def test_login_and_sign_up_lead_back_to_the_invitation(client, vault, bob, settings):
    settings.OBROLAN_GUESTS = False
    User.objects.create_user("eko", password="a quiet pond 7")
    token = make(vault, bob)
    page = page_of(client, token).content.decode()
    assert "Join as a guest" not in page
    assert client.post(f"/join/{token}/", {"username": "Gus"}).status_code == 422
    assert not User.objects.guests().exists()
    for link in (f"/accounts/login/?next=/join/{token}/", f"/accounts/signup/?next=/join/{token}/"):
        assert f'href="{link}"' in page
    fields = {"username": "eko", "password": "a quiet pond 7", "next": f"/join/{token}/"}
    assert client.post("/accounts/login/", fields)["Location"] == f"/join/{token}/"
    fields = {"username": "fitri", "password": "a quiet pond 7", "next": f"/join/{token}/"}
    assert Client().post("/accounts/signup/", fields)["Location"] == f"/join/{token}/"


@pytest.mark.django_db
def test_a_link_that_has_ended_says_why(as_person, vault, bob, alice, charlie):
    dead = {state: make(vault, bob) for state in ("expired", "used", "revoked", "deleted")}
    members_of = vault.memberships
    members_of.filter(user=alice).update(role=Membership.MODERATOR)
    dead["demoted"] = make(vault, alice)
    members_of.filter(user=alice).update(role=Membership.MEMBER)
    JoinLink.objects.of(dead["expired"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    JoinLink.objects.of(dead["used"]).update(uses=5)
    join_links.revoke(JoinLink.objects.of(dead["revoked"]).get(), by=bob)
    for client in (Client(), as_person(charlie)):
        for state, words in {
            "expired": "has expired",
            "used": "has been used as often",
            "revoked": "was revoked",
            "demoted": "was revoked",
        }.items():
            for answer in (page_of(client, dead[state]), client.post(f"/join/{dead[state]}/")):
                assert answer.status_code == 410 and words in answer.content.decode()
                assert "Vault" not in answer.content.decode()
        assert page_of(client, "x" * 22).status_code == 404
        assert page_of(client, "x" * 400).status_code == 404
    modes.delete(vault, by=User.objects.create_superuser("rut"))
    assert page_of(Client(), dead["deleted"]).status_code == 404
    assert not vault.memberships.filter(user=charlie).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Sanction.REMOVAL, Sanction.BAN])
def test_a_person_who_was_removed_or_banned_cannot_join(as_person, vault, bob, charlie, kind):
    token = make(vault, bob)
    members.add(vault, charlie, by=User.objects.create_superuser("rut"))
    sanctions.impose(kind, charlie, by=bob, room=vault, reason="Adverts")
    for answer in (page_of(as_person(charlie), token), as_person(charlie).post(f"/join/{token}/")):
        assert answer.status_code == 403 and "Adverts" in answer.content.decode()
    assert JoinLink.objects.get().uses == 0


@pytest.mark.django_db
def test_a_member_whom_an_owner_removed_needs_the_owner_to_come_back(as_person, vault, bob, dewi, charlie):
    token, person = make(vault, bob), as_person(charlie)
    person.post(f"/join/{token}/")
    members.remove(vault, charlie, by=dewi)
    for answer in (page_of(person, token), person.post(f"/join/{token}/")):
        assert answer.status_code == 403 and "Ask an owner to add you again" in answer.content.decode()
    members.add(vault, charlie, by=dewi)
    person.post("/rooms/vault/leave/")
    assert person.post(f"/join/{token}/")["Location"] == "/rooms/vault/"


@pytest.mark.django_db
def test_a_guest_who_was_banned_does_not_come_back_under_another_name(client, vault, bob):
    token = make(vault, bob)
    client.post(f"/join/{token}/", {"username": "Gus"})
    sanctions.impose(Sanction.BAN, User.objects.get(name="Gus"), by=bob, room=vault, reason="Adverts")
    client.post("/accounts/logout/")
    assert client.post(f"/join/{token}/", {"username": "Hugo"}).status_code in (403, 422)
    assert not vault.members.filter(name="Hugo").exists()


@pytest.mark.django_db
def test_wrong_links_are_limited_by_address_and_right_ones_are_not(client, vault, bob):
    token = make(vault, bob)
    statuses = [page_of(client, f"{number:022}").status_code for number in range(150)]
    assert statuses[0] == 404 and statuses[-1] == 429
    refused = page_of(client, token)
    assert refused.status_code == 429 and refused["Retry-After"]
    other = Client(REMOTE_ADDR="198.51.100.7")
    assert {page_of(other, token).status_code for _ in range(60)} == {200}


@pytest.mark.django_db
def test_the_link_of_a_deactivated_account_works_no_more(vault, bob):
    token = make(vault, bob)
    people.deactivate(bob, by=User.objects.create_superuser("rut"))
    with pytest.raises(Refusal) as refused:
        join_links.find(token)
    assert refused.value.code == "link_revoked"


@pytest.mark.django_db
def test_a_direct_conversation_has_no_links(as_person, vault, bob):
    token = make(vault, bob)
    Room.objects.filter(pk=vault.pk).update(kind=Room.DIRECT)
    assert page_of(as_person(bob), token).status_code == 404
    for path in ("edit", "links", "pinned", "leave", "edit/owner", "edit/archive"):
        assert as_person(bob).get(f"/rooms/vault/{path}/").status_code == 404, path


def test_one_use_admits_one_of_the_people_who_join_in_two_processes(site, vault, bob):
    tokens = [make(vault, bob, uses="1") for _ in range(3)]
    people = [User.objects.create_user(f"person{number}") for number in range(12)]
    calls = [(tokens[number // 4], person.pk) for number, person in enumerate(people)]
    done = at_once(site, join, calls)
    for first in (0, 4, 8):
        assert sorted(done[first : first + 4]) == ["joined"] + ["link_used_up"] * 3
    assert set(JoinLink.objects.values_list("uses", flat=True)) == {1}
    assert vault.memberships.filter(user__in=people).count() == 3


def join(token, user_id):
    join_links.join(token, User.objects.get(pk=user_id))
    return "joined"
