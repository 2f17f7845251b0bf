"""A person deletes their own account: what goes, what stays, and who owns the rooms."""

import uuid

import pytest
from django.test import Client

from chat.actions import heirs, leaving, people, profile, sanctions
from chat.actions.messages import Draft, post
from chat.models import (
    AuditEntry,
    Device,
    HeldMessage,
    Membership,
    Mention,
    Message,
    Room,
    Sanction,
    User,
    UserPicture,
)
from chat.refusals import Refusal
from tests.at_once import at_once
from tests.wire import signed_in

from .pictures import picture

PASSWORD = "a quiet pond 7"  # nosec
ROUNDS = 5


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
class TestRooms:
    @pytest.fixture
    def mine(self, alice, bob, charlie, kitchen):
        """Alice owns the kitchen, Bob moderates it, and Charlie joined."""
        Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
        Membership.objects.create(room=kitchen, user=charlie)
        return kitchen

    def owners(self, room):
        found = Membership.objects.filter(room=room, role=Membership.OWNER)
        return list(found.values_list("user__name", flat=True))

    def test_the_moderator_becomes_the_owner(self, mine, alice):
        leaving.delete_account(alice)
        assert self.owners(mine) == ["Bob"]
        entry = AuditEntry.objects.get(action="change_members")
        assert (entry.person_name, entry.actor_id, entry.reason) == ("Bob", None, heirs.REASON)

    def test_without_a_moderator_it_is_the_first_member_and_guests_only_if_nobody_else_is_there(
        self, mine, alice, bob
    ):
        Membership.objects.filter(user=bob).delete()
        early = User.objects.create(username="guest:ayu", name="Ayu", is_guest=True)
        Membership.objects.create(room=mine, user=early)
        Membership.objects.filter(user=early).update(joined_at="2020-01-01T00:00Z")
        leaving.delete_account(alice)
        assert self.owners(mine) == ["Charlie"]
        leaving.delete_account(User.objects.get(name="Charlie"))
        assert self.owners(mine) == ["Ayu"]

    def test_nobody_who_is_banned_becomes_the_owner(self, mine, alice, bob):
        sanctions.impose("ban", bob, by=User.objects.create_superuser("root"), room=mine, reason="Spam")
        leaving.delete_account(alice)
        assert self.owners(mine) == ["Charlie"]

    def test_another_owner_stays_alone(self, mine, alice, charlie):
        Membership.objects.filter(user=charlie).update(role=Membership.OWNER)
        leaving.delete_account(alice)
        assert self.owners(mine) == ["Charlie"]

    def test_a_private_room_that_nobody_can_open_any_more_is_archived(self, alice):
        room = Room.objects.create(slug="own", name="Own", kind=Room.PRIVATE)
        Membership.objects.create(room=room, user=alice, role=Membership.OWNER)
        leaving.delete_account(alice)
        room.refresh_from_db()
        assert room.archived_at


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
        assert await leaving_socket.closed(2) == 4401
        gone = await watching.expect("message", deleted=True)
        assert gone["text"] == "" and not gone["hidden"]
        renamed = await watching.expect("person", timeout=3)
        assert renamed["user"]["name"] == "Deleted account"


def leave_or_post(person_id, room_id, is_post):
    if not is_post:
        leaving.delete_account(User.objects.get(pk=person_id))
        return "deleted"
    [result] = post([Draft(room_id, person_id, uuid.uuid4(), "Hello")])
    return result.code if isinstance(result, Refusal) else "posted"


def test_a_post_at_the_same_moment_is_stored_before_the_deletion_or_refused(site, alice, bob, kitchen):
    for _ in range(ROUNDS):
        person = User.objects.create_user(f"p{uuid.uuid4().hex[:8]}")
        Membership.objects.create(room=kitchen, user=person, role=Membership.OWNER)
        calls = [(person.pk, kitchen.pk, True)] * 3 + [(person.pk, kitchen.pk, False)] * 2
        results = at_once(site, leave_or_post, calls)
        assert sorted(results[3:]) == ["deleted", "sign_in"], results
        assert set(results[:3]) <= {"posted", "no_room"}, results
        assert Message.objects.filter(author=person).count() == results.count("posted")
        assert User.objects.get(pk=person.pk).name == "Deleted account"


def leave(person_id):
    leaving.delete_account(User.objects.get(pk=person_id))
    return "deleted"


def test_of_two_administrators_who_leave_at_the_same_moment_one_stays(site):
    for turn in range(ROUNDS):
        User.objects.update(is_superuser=False)
        pair = [User.objects.create_superuser(f"root{turn}{name}").pk for name in "ab"]
        assert sorted(at_once(site, leave, [(pk,) for pk in pair])) == ["deleted", "last_administrator"]


def test_of_an_owner_and_the_heir_who_leave_at_the_same_moment_neither_stays_the_owner(
    site, alice, bob, charlie
):
    for turn in range(ROUNDS):
        room = Room.objects.create(slug=f"r{turn}", name=f"Room {turn}")
        roles = (Membership.OWNER, Membership.MODERATOR, Membership.MEMBER)
        people = [User.objects.create_user(f"p{turn}{role}") for role in roles]
        for person, role in zip(people, roles, strict=True):
            Membership.objects.create(room=room, user=person, role=role)
        assert at_once(site, leave, [(person.pk,) for person in people[:2]]) == ["deleted"] * 2
        assert list(room.memberships.values_list("user", "role")) == [(people[2].pk, Membership.OWNER)]
