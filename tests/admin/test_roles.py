"""Roles: members, site moderators and administrators. Only administrators set them."""

from uuid import uuid4

import pytest

from chat import rights
from chat.actions import people
from chat.actions.messages import Draft, post
from chat.actions.moderation import hide
from chat.models import AuditEntry, User
from chat.ranks import Rank
from chat.refusals import Refusal
from tests.migrations import migrated_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def rut(database):
    return User.objects.create_superuser("rut", name="Rut")


@pytest.fixture
def mara(database):
    return User.objects.create_user("mara", name="Mara", is_staff=True)


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def set_role(client, person, role):
    fields = {"name": person.name, "username": person.username, "role": role}
    client.post(f"/admin/chat/user/{person.pk}/change/", fields)
    person.refresh_from_db()
    return person.is_staff, person.is_superuser


def test_an_administrator_gives_and_takes_roles_and_each_change_is_logged(client, rut, alice):
    log_in(client, rut)
    assert set_role(client, alice, "SITE_MODERATOR") == (True, False)
    assert set_role(client, alice, "ADMINISTRATOR") == (True, True)
    assert set_role(client, alice, "MEMBER") == (False, False)
    entries = AuditEntry.objects.filter(action="set_role").order_by("number")
    assert [entry.details["to"] for entry in entries] == ["site moderator", "administrator", "member"]


def test_nobody_changes_their_own_role(client, rut):
    page = log_in(client, rut).get(f"/admin/chat/user/{rut.pk}/change/").content.decode()
    assert 'name="role"' not in page
    assert set_role(client, rut, "MEMBER") == (True, True)
    with pytest.raises(Refusal, match="to yourself"):
        people.set_role(rut, Rank.MEMBER, by=rut)


def test_a_site_moderator_sets_no_role(client, mara, alice):
    page = log_in(client, mara).get(f"/admin/chat/user/{alice.pk}/change/").content.decode()
    assert 'name="role"' not in page
    assert set_role(client, alice, "ADMINISTRATOR") == (False, False)
    with pytest.raises(Refusal, match="a higher rank: administrator"):
        people.set_role(alice, Rank.SITE_MODERATOR, by=mara)


def test_a_guest_has_no_role(client, rut):
    guest = people.enter_as_guest("Ayu")
    page = log_in(client, rut).get(f"/admin/chat/user/{guest.pk}/change/").content.decode()
    assert 'name="role"' not in page
    with pytest.raises(Refusal, match="A guest has no role"):
        people.set_role(guest, Rank.SITE_MODERATOR, by=rut)


def test_two_administrators_cannot_take_the_role_from_each_other(rut, alice):
    people.set_role(alice, Rank.ADMINISTRATOR, by=rut)
    stale = User.objects.get(pk=alice.pk)
    people.set_role(alice, Rank.MEMBER, by=rut)
    with pytest.raises(Refusal, match="administrator"):
        people.set_role(rut, Rank.MEMBER, by=stale)


def test_the_rights_of_a_moderator_are_those_of_the_table(mara, rut, alice):
    assert mara.has_perm("chat.change_message") and mara.has_module_perms("chat")
    assert not mara.has_perm("chat.delete_user") and not mara.has_perm("auth.add_group")
    assert not mara.has_module_perms("auth")
    assert rut.has_perm("chat.delete_user")
    assert not any(map(alice.has_perm, rights.MODERATOR_RIGHTS)) and not alice.has_module_perms("chat")
    mara.is_active = rut.is_active = False
    assert not mara.has_perm("chat.change_message") and not rut.has_perm("chat.change_message")


def test_a_site_moderator_moderates_every_room(mara, alice, kitchen):
    (message,) = post([Draft(kitchen.pk, alice.pk, uuid4(), "spam")])
    assert hide([message], by=mara) == [message]


def test_the_admin_uses_the_page_of_the_application_to_log_in(client, alice):
    assert client.get("/admin/chat/message/").url == "/admin/login/?next=/admin/chat/message/"
    login = client.get("/admin/login/?next=/admin/chat/message/")
    assert login.url == "/accounts/login/?next=%2Fadmin%2Fchat%2Fmessage%2F"
    refused = log_in(client, alice).get("/admin/login/?next=/admin/")
    assert refused.status_code == 403 and "site moderator" in refused.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_migration_takes_the_flag_from_staff_who_had_no_rights():
    with migrated_back("0016_index_of_messages_by_author") as old:
        people_then = old.get_model("chat", "User").objects
        group, _ = old.get_model("auth", "Group").objects.get_or_create(name="Moderators")
        kind, _ = old.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="chat", model="message"
        )
        right, _ = old.get_model("auth", "Permission").objects.get_or_create(
            content_type=kind, codename="change_message", defaults={"name": "Can change message"}
        )
        group.permissions.add(right)
        for name, staff, superuser in (
            ("helper", True, False), ("grouped", True, False), ("granted", True, False),
            ("root", True, True), ("half", False, True), ("member", False, False),
        ):  # fmt: skip
            people_then.create(
                username=name, name=name, name_key=name, is_staff=staff, is_superuser=superuser
            )
        people_then.get(username="grouped").groups.add(group)
        people_then.get(username="granted").user_permissions.add(right)
    from django.contrib.auth.models import Group

    moderators = User.objects.filter(is_staff=True).order_by("username").values_list("username", flat=True)
    assert list(moderators) == ["granted", "grouped", "root"]
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["root"]
    assert not Group.objects.filter(name="Moderators").exists()
