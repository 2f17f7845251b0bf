"""The front page shows visitors the open rooms, and lets them in by choosing one."""

import re
import uuid

import pytest

from chat.actions import rooms
from chat.models import Membership, Presence, Room, User
from chat.views import front_page

pytestmark = pytest.mark.django_db


def listed(page):
    return re.findall(r'name="room" value="([^"]+)"', page.content.decode().partition("<h2>Open rooms")[2])


def here(room, *people):
    for person in people:
        Presence.objects.create(room=room, user=person, process=uuid.uuid4())


def test_the_busiest_public_rooms_come_first_with_the_people_who_are_there(
    client, alice, bob, kitchen, vault
):
    attic = Room.objects.create(slug="attic", name="Attic & roof")
    Room.objects.create(slug="d-1", name="Alice and Bob", kind=Room.DIRECT)
    here(attic, alice, bob)
    here(vault, alice)
    page = client.get("/")
    assert listed(page) == ["Attic &amp; roof", "Kitchen"]
    assert "</span>2 here" in page.content.decode()


def test_a_visitor_enters_by_choosing_a_room(client, kitchen):
    answer = client.post(
        "/", {"username": "Ayu", "room": ["", "Kitchen"]}
    )  # the empty field, then the button
    assert answer["Location"] == "/rooms/kitchen/"
    assert User.objects.get(name="Ayu").memberships.get().room == kitchen


def test_the_list_is_bounded_and_read_at_most_every_two_seconds(client, django_assert_num_queries):
    Room.objects.bulk_create(Room(slug=f"r{n}", name=f"Room {n}") for n in range(60))
    assert len(listed(client.get("/"))) == front_page.MAX_ROOMS
    with django_assert_num_queries(0):
        client.get("/")
    Room.objects.all().delete()
    front_page.forget()
    assert listed(client.get("/")) == []


def test_rooms_are_listed_only_where_guests_are_allowed(client, kitchen, settings):
    settings.OBROLAN_GUESTS = False
    assert "Kitchen" not in client.get("/").content.decode()


@pytest.mark.parametrize(("signup", "guests"), [("open", True), ("open", False), ("closed", True)])
def test_sign_up_is_visible_where_it_is_allowed(client, settings, signup, guests):
    settings.OBROLAN_SIGNUP, settings.OBROLAN_GUESTS = signup, guests
    assert ("Sign up" in client.get("/").content.decode()) == (signup == "open")


def test_the_name_of_a_renamed_room_leads_into_it_whatever_its_address(client, alice, kitchen):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    rooms.update(kitchen, by=alice, name="Dapur  Besar")
    for typed in ("dapur besar", "DAPUR BESAR", "Kitchen"):
        client.logout()
        assert client.post("/", {"username": "Ayu", "room": typed})["Location"] == "/rooms/kitchen/"
    assert Room.objects.count() == 1


def test_a_second_room_of_the_same_name_is_refused_with_a_link_to_the_first(client, alice, kitchen):
    Room.objects.filter(pk=kitchen.pk).update(slug="elsewhere")
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post("/rooms/new/", {"name": "KITCHEN", "topic": "", "kind": "public"})
    assert page.status_code == 422
    assert '<a href="/rooms/elsewhere/">Go to Kitchen</a>' in page.content.decode()
    assert client.post("/", {"room": "kitchen"})["Location"] == "/rooms/elsewhere/"


def test_the_name_of_a_direct_conversation_leads_nowhere(client, alice):
    room = Room.objects.create(slug="d-1", name="Plans", kind=Room.DIRECT)
    Membership.objects.create(room=room, user=alice)
    assert rooms.find("Plans", by=alice) is None and rooms.find("d-1", by=alice) is None
