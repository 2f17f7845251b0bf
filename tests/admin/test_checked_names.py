"""The admin validates names, topics and roles by the same rules as the public forms."""

import uuid

import pytest
from django.contrib.admin.models import LogEntry

from chat.actions import people, rooms
from chat.models import Membership, Presence, Room, User
from chat.ranks import rank

pytestmark = pytest.mark.django_db

INVALID_NAMES = [
    "a\u202eb",
    "al\u200bice",
    "Administrator",
    "Bоb",  # with a Cyrillic о
    "x" * 41,
]


@pytest.fixture
def root(client):
    root = User.objects.create_superuser("rut", name="Rut")
    client.force_login(root)
    return client


def change(client, user, **fields):
    known = {"name": user.name, "username": user.username, "role": rank(user).name}
    return client.post(f"/admin/chat/user/{user.pk}/change/", known | fields)


@pytest.mark.parametrize("name", INVALID_NAMES)
def test_an_account_cannot_get_a_name_that_sign_up_refuses(root, alice, name):
    assert "id_name_error" in change(root, alice, name=name).content.decode()
    new = {"username": "dewi", "name": name, "usable_password": "false"}
    assert "id_name_error" in root.post("/admin/chat/user/add/", new).content.decode()
    assert set(User.objects.values_list("name", flat=True)) == {"Alice", "Rut"}


def test_a_username_that_becomes_the_display_name_is_checked_too(root):
    page = root.post("/admin/chat/user/add/", {"username": "admin", "name": "", "usable_password": "false"})
    assert "id_name_error" in page.content.decode() and not User.objects.filter(username="admin").exists()


def test_only_an_administrator_may_have_a_reserved_name(root, alice):
    change(root, alice, name="Administrator Alice", role="ADMINISTRATOR")
    assert User.objects.get(pk=alice.pk).name == "Administrator Alice"
    page = change(root, User.objects.get(pk=alice.pk), role="MEMBER")
    assert "reserved for administrators" in page.content.decode(), "the name must change with the rights"


def test_an_account_with_an_old_invalid_name_can_still_be_saved(root, alice):
    User.objects.filter(pk=alice.pk).update(name="Bоb")
    assert change(root, User.objects.get(pk=alice.pk), email="a@example.org").status_code == 302


def test_a_guest_can_be_renamed(root):
    guest = people.enter_as_guest("Ayu")
    page = root.get(f"/admin/chat/user/{guest.pk}/change/").content.decode()
    assert 'name="username"' not in page
    fields = {"name": "Ayu Lestari", "is_active": "on"}
    assert root.post(f"/admin/chat/user/{guest.pk}/change/", fields).status_code == 302
    renamed = User.objects.get(pk=guest.pk)
    assert renamed.name == "Ayu Lestari" and renamed.username == guest.username


def test_an_account_and_a_present_guest_cannot_take_each_others_names(root, alice, kitchen):
    guest = people.enter_as_guest("Ayu")
    Presence.objects.create(process=uuid.uuid4(), room=kitchen, user=guest)
    assert "Somebody already has this name" in change(root, alice, name="AYU").content.decode()
    page = root.post(f"/admin/chat/user/{guest.pk}/change/", {"name": "AIice", "is_active": "on"})
    assert "Somebody already has this name" in page.content.decode()
    Presence.objects.all().delete()
    assert change(root, alice, name="AYU").status_code == 302


def test_a_name_that_is_taken_after_the_form_was_checked_is_refused(root, alice, bob, monkeypatch):
    monkeypatch.setattr(people, "check_free_name", lambda name, **_: name)
    new = {"username": "dewi", "name": "Bob", "usable_password": "false"}
    for post in (
        lambda: change(root, alice, name="BOB", role="SITE_MODERATOR"),
        lambda: root.post("/admin/chat/user/add/", new),
    ):
        assert "Somebody already has this name" in root.get(post()["Location"]).content.decode()
    assert set(User.objects.values_list("name", "is_superuser")) == {
        (n, n == "Rut") for n in ("Alice", "Bob", "Rut")
    }


def test_a_room_cannot_get_a_taken_name(root, kitchen):
    page = root.post("/admin/chat/room/add/", {"name": "KITCHEN", "topic": "", "kind": "public"})
    content = page.content.decode()
    assert "There is already a public room with this name" in content and 'href="/rooms/kitchen/"' in content
    assert Room.objects.count() == 1


@pytest.mark.parametrize("topic", ["a\u202eb", "a\u200bb", "x" * 201])
def test_a_topic_that_cannot_be_shown_is_refused_beside_its_field(root, topic):
    page = root.post("/admin/chat/room/add/", {"name": "Kebun", "topic": topic, "kind": "public"})
    assert "id_topic_error" in page.content.decode() and not Room.objects.exists()


def test_a_stale_form_does_not_make_a_private_room_public_again(root, kitchen):
    initial = {"initial-name": "Kitchen", "initial-topic": "", "initial-kind": "public"}
    rooms.update(kitchen, by=User.objects.get(username="rut"), kind=Room.PRIVATE)
    root.post(
        f"/admin/chat/room/{kitchen.pk}/change/",
        {"name": "Kitchen", "topic": "Tea", "kind": "public", **initial},
    )
    kitchen.refresh_from_db()
    assert kitchen.is_private and kitchen.topic == "Tea"


def test_the_last_owner_cannot_be_removed_and_the_page_says_why(root, alice):
    kebun = rooms.create("Kebun", by=alice)
    page = f"/admin/chat/membership/{kebun.memberships.get().pk}"
    for path, fields in (("change", {"role": "member"}), ("delete", {"post": "yes"})):
        answer = root.post(f"{page}/{path}/", fields, follow=True)
        assert "A room needs an owner" in answer.content.decode()
    chosen = {"chosen": str(kebun.memberships.get().pk)}
    answer = root.post("/admin/chat/membership/bulk/remove_selected/", chosen, follow=True)
    assert "A room needs an owner" in answer.content.decode()
    assert kebun.memberships.get().role == Membership.OWNER and not LogEntry.objects.exists()
