"""Rooms: slugs, and the permissions to see, create, change and enter a room."""

import pytest

from chat.actions import members, rooms
from chat.client_ip import serving
from chat.models import Membership, Room
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db

ROOMS_AT_ONCE = 10  # the burst of the limit "room.person"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Kitchen", "kitchen"),
        ("  Dapur   Ibu! ", "dapur-ibu"),
        ("Кухня", "кухня"),
        ("รับแขก", "รับแขก"),
        ("रसोई घर", "रसोई-घर"),
        ("台所", "台所"),
        ("Ｋｉｔｃｈｅｎ", "kitchen"),
        ("a/b?c#d%e", "a-b-c-d-e"),
        ("..", "room"),
        ("🎉", "room"),
        ("x" * 60, "x" * 60),
    ],
)
def test_the_slug_of_a_room_reads_like_its_name(alice, name, slug):
    assert rooms.create(name, by=alice).slug == slug


def test_a_room_with_a_name_in_any_script_has_a_page(client, alice):
    client.force_login(alice)
    for name in ("Кухня", "รับแขก", "रसोई घर", "🎉"):
        answer = client.post("/", {"room": name}, follow=True)
        assert answer.status_code == 200 and answer.context["room"].name == name


def test_names_that_are_taken_use_up_no_rooms(alice):
    rooms.create("Kitchen", by=alice)
    with serving("192.0.2.1"):
        for _ in range(ROOMS_AT_ONCE + 1):
            with pytest.raises(Refusal, match="already a public room"):
                rooms.create("Kitchen", by=alice)
        for number in range(ROOMS_AT_ONCE):
            rooms.create(f"Room {number}", by=alice)
        with pytest.raises(Refusal) as refused:
            rooms.create("One more", by=alice)
    assert refused.value.code == "too_many_rooms"


def test_slugs_are_numbered_when_names_lead_to_the_same_one(alice):
    slugs = [rooms.create(f"Kitchen{'!' * number}", by=alice).slug for number in range(12)]
    assert slugs[:3] == ["kitchen", "kitchen-2", "kitchen-3"] and len(set(slugs)) == 12


def test_a_room_cannot_take_the_url_of_a_page(alice):
    assert rooms.create("New", by=alice).slug == "new-2"


def test_a_renamed_room_keeps_its_slug(alice):
    kitchen = rooms.create("Kitchen", by=alice)
    rooms.update(kitchen, by=alice, name="Garden", topic="Plants")
    kitchen.refresh_from_db()
    assert (kitchen.slug, kitchen.name, kitchen.topic) == ("kitchen", "Garden", "Plants")


def test_the_person_who_creates_a_room_owns_it(alice):
    assert Membership.objects.get(room=rooms.create("Kitchen", by=alice), user=alice).role == Membership.OWNER


def test_an_outsider_can_find_a_private_room_neither_by_its_slug_nor_by_its_name(alice, charlie):
    secret = rooms.create("Party", by=alice, kind=Room.PRIVATE)
    assert secret.slug.startswith("party-") and len(secret.slug) == len("party-") + 8
    found = rooms.find_or_create("Party", by=charlie)
    assert found != secret and found.slug == "party", "the private room must not be revealed"


def test_a_member_finds_their_private_room_by_its_name(alice):
    secret = rooms.create("Party", by=alice, kind=Room.PRIVATE)
    assert rooms.find_or_create("party", by=alice) == secret


def test_an_outsider_who_enters_the_slug_of_a_private_room_gets_a_new_public_room(vault, charlie):
    found = rooms.find_or_create("vault", by=charlie)
    assert found != vault and found.kind == Room.PUBLIC


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("everyone", [True, True, True]), ("accounts", [False, True, True]), ("staff", [False, False, True])],
)
def test_a_setting_decides_which_users_may_create_rooms(settings, alice, bob, charlie, setting, expected):
    settings.OBROLAN_ROOM_CREATION = setting
    alice.is_guest, charlie.is_staff = True, True
    assert [rooms.may_create(person) for person in (alice, bob, charlie)] == expected
    if not expected[0]:
        with pytest.raises(Refusal, match="cannot create new ones"):
            rooms.find_or_create("Kitchen", by=alice)


def test_the_first_visit_to_a_public_room_creates_a_membership_without_unread_messages(kitchen, charlie):
    kitchen.head = 7
    assert members.enter(kitchen, charlie).last_read == 7
    assert members.enter(kitchen, charlie).pk == Membership.objects.get(user=charlie).pk


def test_an_outsider_cannot_enter_a_private_room(vault, charlie):
    with pytest.raises(Refusal) as refused:
        members.enter(vault, charlie)
    assert refused.value.code == "no_room"


def test_only_an_owner_can_change_a_room_and_its_members(kitchen, alice, bob, charlie):
    for person in (alice, bob, charlie):
        for change in (
            lambda by: rooms.update(kitchen, by=by, name="Mine"),
            lambda by: members.add(kitchen, charlie, by=by),
            lambda by: members.remove(kitchen, bob if by == alice else alice, by=by),
        ):
            with pytest.raises(Refusal) as refused:
                change(person)
            assert refused.value.code == "not_your_room"
    assert Room.objects.get().name == "Kitchen" and kitchen.memberships.count() == 2


def test_any_member_may_leave(kitchen, alice):
    members.remove(kitchen, alice, by=alice)
    assert not kitchen.memberships.filter(user=alice).exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "room_name_empty"),
        ({"name": "\u3164"}, "room_name_empty"),
        ({"name": "x" * 61}, "room_name_too_long"),
        ({"name": "a\u202eb"}, "room_name_characters"),
        ({"name": "a", "topic": "x" * 201}, "topic_too_long"),
        ({"name": "a", "topic": "a\nb"}, "topic_characters"),
    ],
)
def test_a_name_or_topic_that_cannot_be_shown_is_refused(alice, fields, code):
    with pytest.raises(Refusal) as refused:
        rooms.create(**fields, by=alice)
    assert refused.value.code == code


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["", "messages/", "1/"])
def test_a_private_room_answers_an_outsider_like_a_room_that_does_not_exist(
    client, vault, charlie, method, path
):
    client.force_login(charlie)
    private, missing = (getattr(client, method)(f"/rooms/{slug}/{path}") for slug in ("vault", "nowhere"))
    assert private.status_code == missing.status_code
    assert private.status_code in (404, 405)
    assert private.content.decode().replace("vault", "nowhere") == missing.content.decode()
    assert dict(private.headers) == dict(missing.headers)
