"""Deep links: a visitor who must log in or enter first is redirected to the requested page afterwards."""

import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from chat.actions import rooms
from chat.models import Room, User
from tests.people.test_accounts import PASSWORD, log_in, sign_up

pytestmark = pytest.mark.django_db
MESSAGE = "/rooms/kitchen/3/"


@pytest.fixture
def dewi(db):
    return User.objects.create_user("dewi", "dewi@example.org", PASSWORD, name="Dewi")


def prefilled(client, url, name):
    """Return the value of this form field on the page at `url`, or None."""
    page = client.get(url).content.decode()
    tag = re.search(rf'<input [^>]*name="{name}"[^>]*>', page)
    value = tag and re.search(r'value="([^"]*)"', tag[0])
    return value[1] if value else None


def test_a_link_to_a_public_room_leads_to_the_entry_form_with_the_room_filled_in(client, kitchen):
    Room.objects.update(name="Dapur & Ibu")
    entry = client.get(MESSAGE)["Location"]
    assert urlsplit(entry).path == "/"
    assert prefilled(client, entry, "room") == "Dapur &amp; Ibu"
    assert prefilled(client, entry, "next") == MESSAGE


def test_a_guest_who_follows_a_permalink_arrives_at_the_message(client, kitchen):
    fields = {"username": "Ayu", "room": "Kitchen", "next": MESSAGE}
    assert client.post("/", fields)["Location"] == MESSAGE


def test_a_guest_who_enters_another_room_name_arrives_in_that_room(client, kitchen):
    fields = {"username": "Ayu", "room": "Garden", "next": MESSAGE}
    assert client.post("/", fields)["Location"] == "/rooms/garden/"


def test_a_deep_link_works_for_a_room_name_in_any_script(client, alice):
    rooms.create("Кухня", by=alice)
    entry = client.get("/rooms/кухня/7/")["Location"]
    fields = {"username": "Ayu", "room": "кухня", "next": parse_qs(urlsplit(entry).query)["next"][0]}
    assert client.post("/", fields)["Location"] == "/rooms/%D0%BA%D1%83%D1%85%D0%BD%D1%8F/7/"


@pytest.mark.parametrize("path", ["", "7/", "about/", "leave/"])
def test_a_private_room_and_a_missing_room_give_a_visitor_the_same_response(client, vault, path):
    answers = [client.get(f"/rooms/{slug}/{path}") for slug in ("vault", "nowhere")]
    assert [answer.status_code for answer in answers] == [302, 302]
    private, missing = (answer["Location"] for answer in answers)
    assert private == f"/accounts/login/?next=%2Frooms%2Fvault%2F{path.replace('/', '%2F')}"
    assert private.replace("vault", "nowhere") == missing


def test_the_guest_form_reached_from_a_private_link_does_not_reveal_the_room(client, vault):
    login = client.get(client.get("/rooms/vault/")["Location"]).content.decode()
    guest = re.search(r'href="([^"]*)">Join as a guest', login)[1]
    assert prefilled(client, guest, "room") is None
    client.post(guest, {"username": "Ayu", "room": "Garden"})
    assert not Room.objects.filter(name__icontains="vault").exclude(pk=vault.pk).exists()


def test_login_redirects_to_the_requested_message(client, dewi, vault):
    rooms.Membership.objects.create(room=vault, user=dewi)
    login = client.get("/rooms/vault/3/")["Location"]
    assert prefilled(client, login, "next") == "/rooms/vault/3/"
    assert log_in(client, "dewi", PASSWORD, next="/rooms/vault/3/")["Location"] == "/rooms/vault/3/"


def test_sign_up_redirects_to_the_requested_message(client, kitchen):
    login = client.get(f"/accounts/login/?next={MESSAGE}").content.decode()
    form = re.search(r'href="(/accounts/signup/[^"]*)"', login)[1]
    assert prefilled(client, form, "next") == MESSAGE
    assert sign_up(client, username="dewi", next=MESSAGE)["Location"] == MESSAGE


def test_the_entry_form_links_to_the_login_page_and_keeps_the_deep_link(client, kitchen):
    entry = client.get(MESSAGE)["Location"]
    assert f'href="/accounts/login/?next={MESSAGE}"' in client.get(entry).content.decode()


def test_with_guests_disabled_a_link_to_a_room_leads_to_the_login_page(client, kitchen, settings):
    settings.OBROLAN_GUESTS = False
    assert client.get("/rooms/kitchen/")["Location"] == "/accounts/login/?next=%2Frooms%2Fkitchen%2F"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "logout"]
)
def test_the_next_parameter_never_redirects_to_another_site(client, kitchen, target):
    assert sign_up(client, username="dewi", next=target)["Location"] == "/"
    client.logout()
    assert (
        client.post("/", {"username": "Ayu", "room": "Kitchen", "next": target})["Location"]
        == "/rooms/kitchen/"
    )
    assert target not in client.get("/accounts/signup/", {"next": target}).content.decode()


@pytest.mark.parametrize("target", ["/search/?q=soto+ayam&from=ayu", "/rooms/kitchen/2026/03/03/?page=2"])
def test_a_link_with_a_query_survives_login_sign_up_and_the_entry_of_a_guest(client, dewi, kitchen, target):
    login = f"/accounts/login/?{urlencode({'next': target})}"
    escaped = target.replace("&", "&amp;")
    for name in ("Sign up", "Join as a guest"):
        link = re.search(rf'href="([^"]*)">{name}', client.get(login).content.decode())[1]
        assert prefilled(client, unescape(link), "next") == escaped
    assert log_in(client, "dewi", PASSWORD, next=target)["Location"] == target
    client.logout()
    assert sign_up(client, username="eko", next=target)["Location"] == target
    client.logout()
    assert client.post("/", {"username": "Ayu", "room": "Kitchen", "next": target})["Location"] == target


@pytest.mark.parametrize("target", ["/", "/accounts/login/", "/admin/", "/rooms/vault/3/", "/rooms/new/"])
def test_a_guest_arrives_in_the_chosen_room_if_the_link_is_no_page_for_guests(client, kitchen, vault, target):
    fields = {"username": "Ayu", "room": "Kitchen", "next": target}
    assert client.post("/", fields)["Location"] == "/rooms/kitchen/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "///evil.example"]
)
def test_login_and_the_links_of_the_front_page_never_lead_to_another_site(client, dewi, kitchen, target):
    assert log_in(client, "dewi", PASSWORD, next=target)["Location"] == "/"
    client.logout()
    assert "evil" not in client.get("/", {"next": target}).content.decode()
