"""Guests: entering a room with a display name and without an account."""

import pytest

from chat.models import Membership, Presence, Room, User

pytestmark = pytest.mark.django_db


def test_a_guest_enters_a_room_with_a_display_name(client):
    answer = enter(client, "Ayu", "Dapur Ibu")
    assert answer.status_code == 302 and answer["Location"] == "/rooms/dapur-ibu/"
    ayu = User.objects.get(name="Ayu")
    assert ayu.is_guest and not ayu.has_usable_password() and ":" in ayu.username
    assert client.session["_auth_user_id"] == str(ayu.pk)
    assert Room.objects.get(slug="dapur-ibu").kind == Room.PUBLIC
    assert Membership.objects.filter(user=ayu, room__slug="dapur-ibu").exists()


def test_a_second_guest_enters_the_same_room(client):
    enter(client, "Ayu", "Kitchen")
    client.logout()
    assert enter(client, "Budi", "kitchen")["Location"] == "/rooms/kitchen/"
    assert Room.objects.count() == 1


def test_a_guest_with_a_session_enters_another_room_as_the_same_user(client):
    enter(client, "Ayu", "Kitchen")
    assert enter(client, "Somebody else", "Garden")["Location"] == "/rooms/garden/"
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["Alice", "alice", "AIice", "аӏісе", "A l i c e"])
def test_a_guest_cannot_take_the_name_of_an_account(client, alice, name):
    answer = enter(client, name, "Kitchen")
    assert answer.status_code == 422 and "Somebody already has this name" in answer.content.decode()
    assert not User.objects.guests().exists() and not Room.objects.exists()


def test_a_guest_cannot_take_a_reserved_name(client):
    answer = enter(client, "Moderator", "Kitchen")
    assert answer.status_code == 422 and "reserved for administrators" in answer.content.decode()


def test_an_error_is_shown_beside_its_field_and_the_entered_values_stay(client):
    page = enter(client, "Ayu Lestari", "").content.decode()
    assert 'id="id_room_error"' in page and "Enter a room name." in page
    assert 'value="Ayu Lestari"' in page and 'id="id_username_error"' not in page


def test_the_errors_of_both_fields_are_shown_at_once(client):
    page = enter(client, "", "").content.decode()
    assert "Enter a name." in page and "Enter a room name." in page


def test_a_new_guest_with_the_name_of_a_present_guest_gets_a_number(client):
    names = []
    for _ in range(3):
        client.logout()
        enter(client, "Ayu", "Kitchen")
        ayu = User.objects.latest("pk")
        Presence.objects.create(process="0" * 32, room=Room.objects.get(), user=ayu)
        names.append(ayu.name)
    assert names == ["Ayu", "Ayu 2", "Ayu 3"]


def test_a_display_name_is_free_again_when_its_guest_is_no_longer_present(client):
    enter(client, "Ayu", "Kitchen")
    client.logout()
    enter(client, "Ayu", "Kitchen")
    assert [guest.name for guest in User.objects.guests()] == ["Ayu", "Ayu"]


def test_a_name_of_maximum_length_is_shortened_to_fit_its_number(client):
    for _ in range(2):
        client.logout()
        enter(client, "x" * 40, "Kitchen")
        newest = User.objects.latest("pk")
        Presence.objects.create(process="0" * 32, room=Room.objects.get(), user=newest)
    assert newest.name == "x" * 38 + " 2"


def test_guests_can_be_disabled(client, settings):
    settings.OBROLAN_GUESTS = False
    assert enter(client, "Ayu", "Kitchen").status_code == 403
    assert not User.objects.exists() and not Room.objects.exists()
    assert b'name="username"' not in client.get("/").content


def test_a_guest_cannot_log_in(client):
    enter(client, "Ayu", "Kitchen")
    ayu = User.objects.get()
    client.logout()
    answer = client.post("/accounts/login/", {"username": ayu.username, "password": "!"})
    assert answer.status_code == 422 and "_auth_user_id" not in client.session


def test_one_ip_address_creates_no_more_guests_at_once_than_it_may_open_sockets(client, settings):
    settings.OBROLAN_SOCKETS_PER_ADDRESS = 3
    answers = []
    for number in range(5):
        client.logout()
        answers.append(enter(client, f"Ayu {number}", "Kitchen", REMOTE_ADDR="192.0.2.7").status_code)
    assert answers == [302, 302, 302, 429, 429]
    client.logout()
    assert enter(client, "Budi", "Kitchen", REMOTE_ADDR="192.0.2.8").status_code == 302


def test_behind_a_proxy_the_last_forwarded_ip_address_counts(client, settings):
    settings.OBROLAN_SOCKETS_PER_ADDRESS, settings.OBROLAN_PROXY = 1, True
    answers = []
    for number in range(3):
        client.logout()
        claimed = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}, 198.51.100.4"}
        answers.append(enter(client, f"Ayu {number}", "Kitchen", **claimed).status_code)
    assert answers == [302, 429, 429]


@pytest.mark.parametrize("claimed", ["nonsense", "1.2.3.4:80", "fe80::1%eth0", "<script>", ","])
def test_an_invalid_forwarded_ip_address_causes_no_error(client, settings, alice, claimed):
    settings.OBROLAN_PROXY = True
    fields = {"username": "alice", "password": "guess"}
    assert client.post("/accounts/login/", fields, HTTP_X_FORWARDED_FOR=claimed).status_code == 422
    assert enter(client, "Ayu", "Kitchen", HTTP_X_FORWARDED_FOR=claimed).status_code == 302


def test_the_form_is_filled_in_with_the_room_of_a_link(client):
    assert b'value="dapur-ibu"' in client.get("/", {"room": "dapur-ibu"}).content


def test_an_account_cannot_take_the_name_of_a_present_guest(client):
    enter(client, "Ayu", "Kitchen")
    Presence.objects.create(process="0" * 32, room=Room.objects.get(), user=User.objects.get())
    client.logout()
    fields = {"username": "dewi", "name": "ayu", "email": "", "password": "a quiet pond 7"}
    answer = client.post("/accounts/signup/", fields)
    assert answer.status_code == 422 and "Somebody already has this name" in answer.content.decode()
    Presence.objects.all().delete()
    assert client.post("/accounts/signup/", fields).status_code == 302


def enter(client, name, room, **extra):
    return client.post("/", {"username": name, "room": room}, **extra)
