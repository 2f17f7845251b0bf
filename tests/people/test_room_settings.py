"""A member's own settings for a room: notifications, favourites, and the order of their list."""

import uuid
from datetime import UTC, datetime

import pytest

from chat.actions.direct import open_direct
from chat.actions.messages import Draft, post
from chat.actions.room_settings import order_by_activity, set_for_me
from chat.models import Membership, Room, User
from chat.refusals import Refusal
from chat.views.room_sides import rooms_beside, sections_beside
from tests.at_once import at_once

database = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def three(alice, kitchen):
    """Alice's rooms: the kitchen, the attic and the cellar, of which the last was used last."""
    made = [kitchen]
    for name in ("Attic", "Cellar"):
        made.append(Room.objects.create(slug=name.lower(), name=name))
        Membership.objects.create(room=made[-1], user=alice)
    for minute, room in enumerate(made):
        post([Draft(room.pk, alice.pk, uuid.uuid4(), "Hello")])
        # SQLite's clock counts milliseconds: without this, two rooms can be equally active.
        room.messages.update(created_at=datetime(2026, 3, 1, 12, minute, tzinfo=UTC))
    return made


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def beside(user, here):
    """The slugs under each heading of the list beside a room."""
    sections = sections_beside(rooms_beside(here, user))
    return {section.name: [room.slug for room in section.rooms] for section in sections if section.rooms}


@database
def test_rooms_are_listed_by_activity_until_the_person_moves_one(alice, three):
    kitchen = three[0]
    assert beside(alice, kitchen) == {"mine": ["cellar", "attic", "kitchen"]}
    set_for_me(kitchen, by=alice, position=2)
    assert beside(alice, kitchen) == {"mine": ["cellar", "kitchen", "attic"]}
    post([Draft(three[1].pk, alice.pk, uuid.uuid4(), "Hello")])
    assert beside(alice, kitchen) == {"mine": ["cellar", "kitchen", "attic"]}
    order_by_activity(by=alice)
    assert beside(alice, kitchen) == {"mine": ["attic", "cellar", "kitchen"]}


@database
def test_favourites_come_first_and_muted_rooms_last(alice, three):
    kitchen, attic, cellar = three
    set_for_me(attic, by=alice, favourite=True)
    set_for_me(cellar, by=alice, notify="nothing")
    assert beside(alice, kitchen) == {"favourites": ["attic"], "mine": ["kitchen", "cellar"]}


@database
def test_a_room_that_becomes_a_favourite_leaves_its_place_in_the_other_list(alice, three):
    set_for_me(three[0], by=alice, position=1)
    mine = set_for_me(three[0], by=alice, favourite=True)
    assert mine.position == 0 and beside(alice, three[0])["mine"] == ["cellar", "attic"]


@database
def test_choices_of_one_person_leave_those_of_others_alone(alice, bob, three):
    set_for_me(three[0], by=alice, notify="nothing", favourite=True, position=1)
    theirs = Membership.objects.get(room=three[0], user=bob)
    assert (theirs.notify, theirs.is_favourite, theirs.position) == ("", False, 0)


@database
def test_people_without_a_membership_and_unknown_levels_are_refused(alice, charlie, kitchen):
    for person, fields, code in (
        (charlie, {"favourite": True}, "no_room"),
        (alice, {"notify": "x"}, "bad_level"),
    ):
        with pytest.raises(Refusal) as refused:
            set_for_me(kitchen, by=person, **fields)
        assert refused.value.code == code


def place_first(user_id, room_id):
    set_for_me(Room.objects.get(pk=room_id), by=User.objects.get(pk=user_id), position=1)


def test_two_tabs_that_move_rooms_at_once_leave_each_place_to_one_room(site, alice, three):
    at_once(site, place_first, [(alice.pk, room.pk) for room in three[:2]])
    places = Membership.objects.filter(user=alice).values_list("position", flat=True)
    assert sorted(places) == [1, 2, 3]


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


@database
def test_the_page_changes_the_choices_without_scripts(reader, alice, three):
    url = "/rooms/kitchen/mine/"
    page = reader.get(url).content.decode()
    assert 'value="mentions" checked' in page and 'value="down"' not in page
    for fields in ({"notify": "nothing"}, {"favourite": "1"}):
        assert reader.post(url, fields)["Location"] == url
    mine = Membership.objects.get(room=three[0], user=alice)
    assert (mine.notify, mine.is_favourite) == ("nothing", True)
    assert 'value="nothing" checked' in reader.get(url).content.decode()


@database
def test_move_up_and_down_pass_one_room_and_after_names_the_room_above(reader, alice, three):
    url = "/rooms/kitchen/mine/"
    for fields, expected in (
        ({"move": "up"}, ["cellar", "kitchen", "attic"]),
        ({"move": "up"}, ["kitchen", "cellar", "attic"]),
        ({"move": "up"}, ["kitchen", "cellar", "attic"]),
        ({"move": "down"}, ["cellar", "kitchen", "attic"]),
        ({"after": "attic"}, ["cellar", "attic", "kitchen"]),
        ({"after": "-"}, ["kitchen", "cellar", "attic"]),
        ({"by_activity": "1"}, ["cellar", "attic", "kitchen"]),
    ):
        assert reader.post(url, fields, headers=JSON).json() == {"message": "Saved"}
        assert beside(alice, three[0])["mine"] == expected, fields


@database
def test_a_direct_conversation_has_the_page_and_its_place_too(reader, alice, bob, charlie, kitchen):
    Membership.objects.create(room=kitchen, user=charlie)
    first, second = (open_direct([other], by=alice) for other in (bob, charlie))
    address = f"/rooms/{first.slug}/mine/"
    assert "Notifications" in reader.get(address).content.decode()
    assert reader.post(address, {"move": "up"}).status_code == 302
    assert reader.post(address, {"after": second.slug}).status_code == 302
    assert reader.post(address, {"after": "\0"}).status_code == 302
    assert Membership.objects.get(room=first, user=alice).position == 1
    assert reader.post(address, {"favourite": "1", "after": "-"}).status_code == 302
    assert "Leave" not in reader.get(address).content.decode()


@database
def test_only_members_have_the_page(client, alice, charlie, kitchen, vault):
    assert client.get("/rooms/vault/mine/")["Location"].startswith("/accounts/login/")
    assert client.post("/rooms/vault/mine/", headers=JSON).status_code == 401
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/rooms/vault/mine/").status_code == 404
    assert client.get("/rooms/kitchen/mine/")["Location"] == "/rooms/kitchen/"
    answer = client.post("/rooms/kitchen/mine/", {"notify": "all"}, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_room")


@database
def test_a_muted_room_shows_no_counts_in_any_list(reader, alice, bob, kitchen):
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), f"<@{alice.pk}>")])
    assert "room-row unread mentioned" in reader.get("/").content.decode()
    set_for_me(kitchen, by=alice, notify="nothing")
    for path in ("/", "/rooms/kitchen/"):
        page = reader.get(path).content.decode()
        assert "room-row muted" in page and "unread mentioned" not in page
        assert page.count('class="unread-count" hidden') == page.count('class="unread-count"')
    assert "data-mentions-total hidden" in reader.get("/").content.decode()
