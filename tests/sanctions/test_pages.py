"""Pages: a person who is kept out learns what was decided, why, until when, and how to appeal."""

from datetime import timedelta

import pytest
from django.test import Client

from chat.actions import people, sanctions
from chat.models import Sanction, User

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ROOM_PAGES = ["/rooms/kitchen/", "/rooms/kitchen/1/", "/rooms/kitchen/about/", "/rooms/kitchen/leave/"]
JSON_PAGES = ["/rooms/kitchen/messages/", "/rooms/kitchen/people/"]


@pytest.fixture
def browser(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def enter(client, name, room="Kitchen"):
    return client.post("/", {"username": name, "room": room})


@pytest.mark.parametrize("kind", ["removal", "ban"])
def test_every_page_of_the_room_says_why_it_is_closed(browser, alice, bob, kitchen, kind):
    sanctions.impose(kind, alice, by=bob, room=kitchen, reason="Spam & <b>", duration=HOUR)
    for path in ROOM_PAGES:
        page = browser.get(path)
        assert page.status_code == 403
        text = page.content.decode()
        assert "from Kitchen" in text and "Spam &amp; &lt;b&gt;" in text and "UTC" in text
        assert "/sanctions/" in text
    for path in JSON_PAGES:
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (
            403,
            "removed" if kind == "removal" else "banned",
        )
    assert browser.get("/").status_code == 200


def test_a_room_that_does_not_exist_stays_a_404_for_a_banned_person(browser, alice, bob, kitchen, vault):
    sanctions.impose("ban", alice, by=bob, room=kitchen, reason="Spam")
    assert browser.get("/rooms/none/").status_code == 404


def test_a_person_who_is_banned_from_the_site_sees_only_their_sanctions(browser, alice, root, kitchen):
    ban = sanctions.impose("ban", alice, by=root, reason="Spam")
    for path in ["/", "/mentions/", "/accounts/ignored/", "/rooms/new/", "/admin/", *ROOM_PAGES]:
        page = browser.get(path)
        assert page.status_code == 403 and "You are banned from this site" in page.content.decode()
    assert browser.post("/", {"room": "Kitchen"}).status_code == 403
    assert browser.get("/", HTTP_ACCEPT="application/json").json()["code"] == "banned"
    assert browser.get("/sanctions/").status_code == 200
    assert browser.post(f"/sanctions/{ban.pk}/appeal/", {"words": "Not me"}).status_code == 302
    assert "Your appeal: Not me" in browser.get("/sanctions/").content.decode()
    assert browser.post("/accounts/logout/").status_code == 302


def test_posting_with_the_form_of_a_page_without_scripts_shows_the_mute(browser, alice, bob, kitchen):
    browser.get("/rooms/kitchen/")
    sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam")
    key = "7a1c1b4e-0000-4000-8000-000000000001"
    page = browser.post("/rooms/kitchen/", {"text": "hello", "client_id": key})
    assert page.status_code == 403 and "You are muted in Kitchen. Reason: Spam" in page.content.decode()


def test_a_person_acknowledges_a_warning_on_the_page(browser, alice, bob, kitchen):
    warning = sanctions.impose("warning", alice, by=bob, room=kitchen, reason="Be kind")
    assert "I understand" in browser.get("/sanctions/").content.decode()
    assert browser.post(f"/sanctions/{warning.pk}/acknowledge/").status_code == 302
    page = browser.get("/sanctions/").content.decode()
    assert "You have acknowledged it" in page and "I understand" not in page


def test_a_refused_appeal_keeps_its_words(browser, alice, bob, kitchen):
    mute = sanctions.impose("mute", alice, by=bob, room=kitchen, reason="Spam")
    page = browser.post(f"/sanctions/{mute.pk}/appeal/", {"words": "x" * 501})
    assert page.status_code == 422 and "x" * 501 in page.content.decode()


def test_other_peoples_sanctions_stay_hidden(browser, bob, owner, kitchen):
    theirs = sanctions.impose("mute", bob, by=owner, room=kitchen, reason="Secret")
    assert "Secret" not in browser.get("/sanctions/").content.decode()
    assert browser.post(f"/sanctions/{theirs.pk}/appeal/", {"words": "x"}).status_code == 404
    assert Client().get("/sanctions/").status_code == 302


def test_a_banned_or_deactivated_guest_cannot_come_back_with_the_same_browser(client, root, kitchen):
    enter(client, "Ayu")
    guest = User.objects.get(name="Ayu")
    assert client.cookies["guests"]["httponly"]
    ban = sanctions.impose("ban", guest, by=root, reason="Spam")
    client.post("/accounts/logout/")
    page = enter(client, "Ani")
    assert page.status_code == 422 and "You are banned from this site. Reason: Spam" in page.content.decode()
    sanctions.lift(ban, by=root)
    people.deactivate(guest, by=root, reason="Threats")
    assert "Reason: Threats" in enter(client, "Ani").content.decode()
    assert not User.objects.filter(name="Ani").exists()


def test_a_guest_banned_from_a_room_cannot_enter_it_under_another_name(client, bob, kitchen):
    enter(client, "Ayu")
    sanctions.impose("ban", User.objects.get(name="Ayu"), by=bob, room=kitchen, reason="Spam")
    client.post("/accounts/logout/")
    assert enter(client, "Ani", "Garden").status_code == 302
    assert client.get("/rooms/kitchen/").status_code == 403


def test_a_forged_cookie_of_guests_is_ignored(client, kitchen):
    client.cookies["guests"] = "WzFd:forged"
    assert enter(client, "Ayu").status_code == 302


def test_a_guest_from_a_banned_address_is_refused_with_the_reason(client, root, kitchen):
    sanctions.ban_address("127.0.0.1", by=root, reason="Floods", duration=HOUR)
    page = enter(client, "Ayu")
    assert page.status_code == 422 and "not admitted: Floods" in page.content.decode()
    assert not Sanction.objects.exclude(person=None).exists()
