"""A person deletes their own account: what goes, what stays, and who owns the rooms."""

import uuid

import pytest
from django.test import Client

from chat.actions import leaving, people, profile, sanctions
from chat.actions.messages import Draft, post
from chat.models import (
    AuditEntry,
    Device,
    HeldMessage,
    Membership,
    Mention,
    Message,
    Sanction,
    User,
    UserPicture,
)
from chat.refusals import Refusal
from tests.wire import signed_in

from .pictures import picture

PASSWORD = "a quiet pond 7"  # nosec


@pytest.fixture
def own(client, alice, kitchen):
    """Alice with all that an account can have."""
    User.objects.filter(pk=alice.pk).update(email="alice@example.org", time_zone="Asia/Jakarta")
    alice.set_password(PASSWORD)
    alice.save()
    client.force_login(alice)
    profile.set_picture(alice, picture())
    return alice


def say(room, author, text="Hello"):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text)])[0]


@pytest.mark.django_db
class TestPages:
    def test_everything_that_the_person_gave_goes_and_messages_stay(self, client, own, bob, kitchen):
        say(kitchen, own)
        say(kitchen, bob, f"<@{own.pk}> there you are")
        HeldMessage.objects.create(room=kitchen, author=own, client_id=uuid.uuid4(), text="wait", cause="")
        answer = client.post("/accounts/delete/", {"password": PASSWORD}, follow=True)
        assert b"Your account was deleted" in answer.content
        row = User.objects.get(pk=own.pk)
        assert (row.name, row.email, row.picture, row.time_zone) == ("Deleted account", "", "", "")
        assert row.username.startswith("deleted:") and not row.has_usable_password() and not row.is_active
        for model in (Device, Mention, UserPicture):
            assert not model.objects.exists()
        assert not Membership.objects.filter(user=own).exists()
        assert HeldMessage.objects.get().text == ""
        assert Message.objects.earliest("pk").text == "Hello"
        again = Client()
        again.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
        assert again.get("/accounts/profile/").status_code == 302
        assert User.objects.create_user("alice", name="Alice").pk != own.pk

    def test_a_second_person_can_delete_the_account_too(self, alice, bob):
        """Both rows have the same display name."""
        for person in (alice, bob):
            leaving.delete_account(person)
        assert User.objects.filter(name="Deleted account").count() == 2
        with pytest.raises(Refusal, match="reserved"):
            people.check_free_name("Deleted account")

    def test_a_wrong_password_deletes_nothing(self, client, own):
        answer = client.post("/accounts/delete/", {"password": "wrong"})
        assert answer.status_code == 422 and b"This is not your password." in answer.content
        assert User.objects.get(pk=own.pk).is_active

    def test_a_guest_types_the_name_to_confirm(self, client, kitchen):
        ayu = User.objects.create(username="guest:ayu", name="Ayu", is_guest=True, password="!")
        client.force_login(ayu)
        assert b"Enter Ayu to confirm." in client.post("/accounts/delete/", {"name": "Budi"}).content
        assert client.post("/accounts/delete/", {"name": "Ayu"}).status_code == 302
        assert User.objects.get(pk=ayu.pk).name == "Deleted account"

    def test_a_sanctioned_person_who_deletes_the_account_stays_banned_in_this_browser(
        self, client, own, bob, kitchen
    ):
        root = User.objects.create_superuser("root")
        sanctions.impose("ban", own, by=root, room=kitchen, reason="Spam")
        client.post("/accounts/delete/", {"password": PASSWORD})
        answer = client.post("/", {"username": "Budi", "room": "Kitchen"})
        assert answer.status_code == 422 and b"You are banned from Kitchen" in answer.content
        assert Sanction.objects.in_force().get().person_id == own.pk
        assert AuditEntry.objects.filter(action="ban", person_name="Alice").exists()
        free = client.post("/", {"username": "Budi", "room": "Elsewhere"})
        assert free.status_code == 302

    def test_a_deleted_account_cannot_be_activated_again(self, alice):
        leaving.delete_account(alice)
        with pytest.raises(Refusal, match="deleted by its owner"):
            people.reactivate(alice, by=User.objects.create_superuser("root"))

    def test_the_last_administrator_stays(self):
        root, other = User.objects.create_superuser("root"), User.objects.create_superuser("other")
        leaving.delete_account(root)
        with pytest.raises(Refusal, match="only administrator"):
            leaving.delete_account(other)
        assert User.objects.get(pk=other.pk).is_superuser


@pytest.mark.django_db
def test_messages_go_in_parts_if_the_operator_says_so(settings, monkeypatch, alice, bob, kitchen, vault):
    settings.OBROLAN_DELETED_ACCOUNTS = "remove"
    monkeypatch.setattr(leaving, "AT_ONCE", 2)
    monkeypatch.setattr(leaving, "LAST_POSTS_WITHIN", leaving.timedelta(0))
    for room in (kitchen, vault, kitchen):
        say(room, alice)
        say(room, bob, "mine")
    leaving.delete_account(alice)
    assert [leaving.take_messages() for _ in range(4)] == [2, 1, 0, 0]
    states = dict(Message.objects.values_list("pk", "deleted_at"))
    theirs = set(Message.objects.filter(author=alice).values_list("pk", flat=True))
    assert {pk for pk, at in states.items() if at} == theirs
    assert not User.objects.exclude(messages_taken=None).exists()
    assert not AuditEntry.objects.filter(action="hide").exists()


async def test_open_screens_follow_a_deletion_with_the_messages(site, alice, bob, kitchen):
    server = site.start(OBROLAN_DELETED_ACCOUNTS="remove")
    leaver = signed_in(server, alice)
    async with (
        signed_in(server, bob).open("kitchen") as watching,
        leaver.open("kitchen") as leaving_socket,
    ):
        await watching.hello()
        await leaving_socket.hello()
        await leaving_socket.post("so long")
        await watching.expect("message", text="so long")
        answer = await leaver.submit("/accounts/delete/", name="Alice")
        assert answer.status_code == 302
        assert await leaving_socket.closed() == 4401
        gone = await watching.expect("message", deleted=True)
        assert gone["text"] == "" and not gone["hidden"]
        renamed = await watching.expect("person")
        assert renamed["user"]["name"] == "Deleted account"
