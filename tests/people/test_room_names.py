"""The name of a public room is unique, and every form finds the same room by it."""

import pytest

from chat import names
from chat.actions import members, rooms
from chat.models import Membership, Room
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db

SAME = ["kitchen", "KITCHEN", " Kitchen ", "Ｋｉｔｃｈｅｎ", "Kit\u00adchen"]
DIFFERENT = [("C", "C#"), ("Group 1.1", "Group 11"), ("Kelas 1", "Kelas I"), ("Rooms", "Room s")]


@pytest.mark.parametrize("name", SAME)
def test_names_that_differ_in_case_width_spaces_or_invisible_characters_are_the_same_room(alice, name):
    kitchen = rooms.create("Kitchen", by=alice)
    assert rooms.find_or_create(name, by=alice) == kitchen
    assert refusal_code(lambda: rooms.create(name, by=alice)) == "room_name_taken"


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_that_read_differently_are_different_rooms(alice, one, other):
    assert rooms.create(one, by=alice) != rooms.find_or_create(other, by=alice)


def test_a_key_fits_its_column_even_when_normalization_expands_the_name():
    assert len(names.room_key("\ufdfa" * 60)) == names.ROOM_KEY_LENGTH


def test_every_insert_computes_the_key(alice):
    Room.objects.bulk_create([Room(slug="a", name="Dapur  IBU"), Room(slug="b", name="Garden")])
    assert list(Room.objects.order_by("slug").values_list("name_key", flat=True)) == ["dapur ibu", "garden"]


def test_a_room_is_found_by_its_name_when_its_slug_differs(client, alice):
    rooms.update(rooms.create("Garden", by=alice), by=alice, name="Kitchen")
    assert client.post("/", {"username": "Ayu", "room": "kitchen"})["Location"] == "/rooms/garden/"
    client.logout()
    assert client.post("/", {"username": "Ayu", "room": "garden"})["Location"] == "/rooms/garden/"
    assert Room.objects.count() == 1


def test_a_new_room_with_a_taken_name_is_refused_with_a_link_to_the_room(client, kitchen, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/rooms/new/", {"name": "KITCHEN", "topic": "Kept", "kind": "public"})
    page = answer.content.decode()
    assert answer.status_code == 422 and Room.objects.count() == 1
    assert (
        'There is already a public room with this name. <a href="/rooms/kitchen/">Go to Kitchen</a>' in page
    )
    assert "Kept" in page


def test_the_room_name_in_the_link_is_escaped(client, alice):
    rooms.create("<b>&", by=alice)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post("/rooms/new/", {"name": "<B>&", "topic": "", "kind": "public"}).content.decode()
    assert "Go to &lt;b&gt;&amp;</a>" in page and "<b>&" not in page


def test_a_room_cannot_be_renamed_to_a_taken_name(client, kitchen, alice):
    garden = rooms.create("Garden", by=alice)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/rooms/garden/edit/", {"name": "Kitchen", "topic": "", "kind": "public"})
    assert answer.status_code == 422 and "Go to Kitchen" in answer.content.decode()
    garden.refresh_from_db()
    assert garden.name == "Garden"


def test_a_private_room_cannot_be_made_public_under_a_taken_name(client, kitchen, alice):
    secret = rooms.create("Kitchen", by=alice, kind=Room.PRIVATE)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"/rooms/{secret.slug}/edit/", {"name": "Kitchen", "topic": "", "kind": "public"})
    assert answer.status_code == 422 and "There is already a public room" in answer.content.decode()
    secret.refresh_from_db()
    assert secret.is_private


def test_private_rooms_may_share_a_name_and_do_not_block_a_public_one(alice, charlie):
    for _ in range(2):
        rooms.create("Party", by=alice, kind=Room.PRIVATE)
    assert rooms.create("Party", by=charlie).slug == "party"


def test_a_room_may_keep_its_own_name_in_another_case(alice):
    kitchen = rooms.create("Kitchen", by=alice)
    assert rooms.update(kitchen, by=alice, name="KITCHEN").name == "KITCHEN"


def test_nobody_joins_a_room_that_became_private_since_it_was_loaded(kitchen, charlie):
    seen = Room.objects.get()
    Room.objects.update(kind=Room.PRIVATE)
    assert refusal_code(lambda: members.enter(seen, charlie)) == "no_room"
    assert not Membership.objects.filter(user=charlie).exists()


def test_a_room_that_another_request_creates_after_the_lookup_is_found(kitchen, alice, monkeypatch):
    results = iter([None])  # the first lookup runs before the other request commits
    find = rooms.find
    monkeypatch.setattr(rooms, "find", lambda name, *, by: next(results, find(name, by=by)))
    assert rooms.find_or_create("KITCHEN", by=alice) == kitchen
    assert Room.objects.count() == 1


def test_the_constraint_refuses_a_duplicate_that_every_lookup_missed(kitchen, alice, monkeypatch):
    monkeypatch.setattr(Room.objects.all().__class__, "exists", lambda rooms: False)
    monkeypatch.setattr(rooms, "SLUGS_TRIED", 3)
    assert refusal_code(lambda: rooms.create("KITCHEN", by=alice)) == "unavailable"
    assert Room.objects.count() == 1


def refusal_code(action):
    with pytest.raises(Refusal) as refused:
        action()
    return refused.value.code
