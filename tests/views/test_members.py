"""The settings page of a room: its owners change the room and its members."""

import re

import pytest

from chat.actions import members
from chat.models import Membership, Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client, vault, alice):
    Membership.objects.filter(room=vault, user=alice).update(role=Membership.OWNER)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("name", ["Charlie", "charlie", " CHARLIE "])
def test_an_owner_adds_a_member_by_name(owner, vault, charlie, name):
    answer = owner.post("/rooms/vault/members/", {"name": name, "role": "moderator"}, follow=True)
    assert "Charlie is now a moderator of this room" in answer.content.decode()
    assert Membership.objects.get(room=vault, user=charlie).role == "moderator"
    assert Room.objects.visible_to(charlie).filter(slug="vault").exists()


def test_an_unknown_name_is_refused_beside_its_field(owner, vault):
    answer = owner.post("/rooms/vault/members/", {"name": "Nobody", "role": "member"})
    assert answer.status_code == 422
    assert "There is no account with this name" in answer.content.decode()


def test_an_owner_removes_a_member(owner, vault, bob):
    owner.post(f"/rooms/vault/members/{bob.pk}/remove/")
    assert not Room.objects.visible_to(bob).filter(slug="vault").exists()


def test_a_member_may_leave_but_not_change_the_room(client, vault, alice, bob):
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert "/rooms/vault/edit/" not in client.get("/rooms/vault/about/").content.decode()
    assert client.get("/rooms/vault/edit/").status_code == 403
    changes = {"name": "Mine", "topic": "", "kind": "public"}
    assert client.post("/rooms/vault/edit/", changes).status_code == 403
    assert client.post("/rooms/vault/members/", {"name": "Bob", "role": "owner"}).status_code == 403
    assert client.post(f"/rooms/vault/members/{alice.pk}/remove/").status_code == 403
    vault.refresh_from_db()
    assert vault.name == "Vault" and vault.memberships.get(user=bob).role == "moderator"
    assert client.post("/rooms/vault/leave/")["Location"] == "/"
    assert client.get("/rooms/vault/about/").status_code == 404


def test_an_owner_renames_the_room_and_its_slug_stays(owner, vault):
    changes = {"name": "Treasury", "topic": "Keys", "kind": "private"}
    assert owner.post("/rooms/vault/edit/", changes)["Location"] == "/rooms/vault/about/"
    vault.refresh_from_db()
    assert (vault.slug, vault.name, vault.topic) == ("vault", "Treasury", "Keys")
    assert owner.post("/rooms/vault/edit/", changes | {"name": " "}).status_code == 422


def test_a_public_room_made_private_keeps_its_members_and_the_owner_is_told(
    client, kitchen, alice, bob, charlie
):
    members.enter(kitchen, charlie)
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    changes = {"name": "Kitchen", "topic": "", "kind": "private"}
    page = client.post("/rooms/kitchen/edit/", changes, follow=True).content.decode()
    assert "Everyone who ever joined is still a member" in page
    assert Room.objects.visible_to(charlie).filter(pk=kitchen.pk).exists()
    page = client.post("/rooms/kitchen/edit/", changes, follow=True).content.decode()
    assert "Everyone who ever joined" not in page
    client.post(f"/rooms/kitchen/members/{charlie.pk}/remove/")
    assert not Room.objects.visible_to(charlie).exists()


def test_an_outsider_gets_not_found_for_a_private_room(client, vault, alice, charlie):
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/rooms/vault/about/").status_code == 404
    assert client.post("/rooms/vault/members/", {"name": "Charlie", "role": "owner"}).status_code == 404
    assert client.post(f"/rooms/vault/members/{alice.pk}/remove/").status_code == 404


def test_a_form_loaded_before_the_room_was_made_private_does_not_make_it_public_again(owner, vault):
    # The hidden fields carry the values from when the page was loaded.
    initial = {"initial-name": "Vault", "initial-topic": "", "initial-kind": "public"}
    sent = {"name": "Vault", "topic": "Keys", "kind": "public"}
    owner.post("/rooms/vault/edit/", initial | sent)
    vault.refresh_from_db()
    assert vault.is_private and vault.topic == "Keys"


def test_the_form_carries_the_initial_values_of_its_fields(owner, vault):
    page = owner.get("/rooms/vault/edit/").content.decode()
    for field, value in (("name", "Vault"), ("topic", ""), ("kind", "private")):
        assert re.search(rf'<input type="hidden" name="initial-{field}"( value="{value}")?[ >]', page), field


def test_no_two_fields_of_the_page_share_an_id(owner, vault):
    page = owner.get("/rooms/vault/edit/").content.decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert 'for="member_name"' in page and re.search(r'<input[^>]*name="name"[^>]*id="member_name"', page)


SETTINGS = {"name": "Vault", "topic": "", "kind": "private", "mention_all": "moderators", "shows_joins": "on"}
SHOWN = {f"initial-{name}": value for name, value in SETTINGS.items()} | {"initial-shows_joins": "True"}


def test_the_owner_decides_about_all_mentions_and_join_lines(owner, vault):
    owner.post("/rooms/vault/edit/", SHOWN | SETTINGS | {"mention_all": "nobody"})
    vault.refresh_from_db()
    assert (vault.mention_all, vault.shows_joins) == ("nobody", True)
    unticked = {name: value for name, value in SETTINGS.items() if name != "shows_joins"}
    owner.post("/rooms/vault/edit/", SHOWN | unticked)
    vault.refresh_from_db()
    assert (vault.mention_all, vault.shows_joins) == ("nobody", False)


def test_the_settings_form_offers_the_current_values(owner, vault):
    vault.mention_all, vault.shows_joins = "everyone", False
    vault.save()
    page = owner.get("/rooms/vault/edit/").content.decode()
    assert re.search(r'<option value="everyone" selected', page)
    assert re.search(r'<input type="hidden" name="initial-shows_joins" value="False"', page)
    assert not re.search(r'name="shows_joins"[^>]*checked', page)


@pytest.mark.parametrize("value", ["", "owners", "<b>"])
def test_an_unknown_value_for_all_mentions_changes_nothing(owner, vault, value):
    owner.post("/rooms/vault/edit/", SHOWN | SETTINGS | {"mention_all": value, "topic": "Keys"})
    vault.refresh_from_db()
    assert vault.mention_all == "moderators"


def test_a_form_without_the_newer_fields_keeps_their_values(owner, vault):
    owner.post("/rooms/vault/edit/", {"name": "Vault", "topic": "Keys", "kind": "private"})
    vault.refresh_from_db()
    assert (vault.topic, vault.mention_all, vault.shows_joins) == ("Keys", "moderators", True)
