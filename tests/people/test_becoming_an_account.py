"""A guest becomes an account, and a banned guest does not become somebody else."""

import uuid

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from chat.actions import people, sanctions
from chat.actions.invitations import invite
from chat.actions.messages import Draft, post
from chat.models import Membership, Message, Room, Sanction, User
from chat.refusals import Refusal
from tests.at_once import at_once
from tests.wire import guest

FORM = {"username": "ayu", "name": "", "email": "", "password": "a quiet pond 7"}
ROUNDS = 5


@pytest.fixture
def ayu(client):
    client.post("/", {"username": "Ayu", "room": "Kitchen"})
    return User.objects.get(name="Ayu")


@pytest.mark.django_db
class TestPages:
    def test_a_guest_keeps_name_rooms_read_marks_and_messages(self, client, ayu):
        room = Room.objects.get()
        post([Draft(room.pk, ayu.pk, uuid.uuid4(), "Hello")])
        Membership.objects.filter(user=ayu).update(last_read=1)
        page = client.get("/accounts/signup/").content.decode()
        assert "Make it an account" in page and 'value="Ayu"' in page
        before = client.session.session_key
        assert client.post("/accounts/signup/", FORM).status_code == 302
        assert client.session.session_key != before and not Session.objects.filter(pk=before).exists()
        account = User.objects.get(username="ayu")
        assert (account.pk, account.name, account.is_guest) == (ayu.pk, "Ayu", False)
        membership = Membership.objects.get(user=account)
        assert (membership.role, membership.last_read) == (Membership.OWNER, 1)
        assert Message.objects.get().author == account and account.entry_ip == "127.0.0.1"
        assert client.get("/rooms/kitchen/").status_code == 200
        again = Client()
        again.post("/accounts/login/", {"username": "ayu", "password": FORM["password"]})
        assert again.get("/accounts/profile/").status_code == 200

    def test_a_name_that_an_account_has_must_be_changed(self, client, ayu):
        User.objects.create_user("other", name="Ayu")  # it may be there: guests have another name space
        answer = client.post("/accounts/signup/", FORM)
        assert answer.status_code == 422 and b"Choose another." in answer.content
        assert client.post("/accounts/signup/", FORM | {"name": "Ayu L"}).status_code == 302
        ayu.refresh_from_db()
        assert (ayu.name, ayu.is_guest) == ("Ayu L", False)

    def test_where_sign_up_is_by_invitation_a_guest_uses_one(self, client, ayu, settings):
        settings.OBROLAN_SIGNUP = "invite"
        assert client.post("/accounts/signup/", FORM).status_code == 403
        assert b"Keep this name" not in client.get("/").content
        token = invite(by=User.objects.create_superuser("root"))
        assert b"You stay who you are" in client.get(f"/accounts/invite/{token}/").content
        assert client.post(f"/accounts/invite/{token}/", FORM).status_code == 302
        ayu.refresh_from_db()
        assert ayu.username == "ayu" and not ayu.is_guest

    def test_a_sanction_of_the_guest_and_one_of_the_address_hold_for_the_account(self, client, ayu):
        root = User.objects.create_superuser("root")
        room = Room.objects.get()
        Sanction.objects.create(kind="mute", address="127.0.0.1", room=room, reason="Noise", by=root)
        User.objects.filter(pk=ayu.pk).update(is_sanctioned=True)
        assert client.post("/accounts/signup/", FORM).status_code == 302
        [result] = post([Draft(room.pk, ayu.pk, uuid.uuid4(), "Hello")])
        assert isinstance(result, Refusal) and result.code == "muted"

    def test_a_browser_whose_guest_is_banned_creates_no_account(self, client, ayu):
        root = User.objects.create_superuser("root")
        sanctions.impose("ban", ayu, by=root, reason="Spam")
        del client.cookies["sessionid"]
        entry = client.post("/", {"username": "Budi", "room": "Kitchen"})
        answer = client.post("/accounts/signup/", FORM)
        assert entry.status_code == answer.status_code == 422
        for page in (entry, answer):
            assert "You are banned from this site. Reason: Spam" in page.content.decode()
        token = invite(by=root)
        assert b"Reason: Spam" in client.post(f"/accounts/invite/{token}/", FORM).content
        assert not User.objects.filter(username="ayu").exists()


def become(guest_id, username):
    form = {"username": username, "password": "a quiet pond 7"}
    return people.sign_up(**form, guest=User.objects.get(pk=guest_id)).username


def test_of_two_submits_at_once_one_makes_the_account(site):
    for turn in range(ROUNDS):
        row = User.objects.create(username=f"guest:{turn}", name=f"Ayu {turn}", is_guest=True)
        results = at_once(site, become, [(row.pk, f"ayu{turn}"), (row.pk, f"ayu{turn}b")])
        made = [result for result in results if result.startswith("ayu")]
        row.refresh_from_db()
        assert made == [row.username] and "not_a_guest" in results, results


async def test_the_open_page_of_a_guest_connects_again_and_loses_nothing(server):
    ayu = await guest(server, "Ayu", "kitchen")
    async with ayu.open("kitchen") as socket:
        welcome = await socket.hello()
        answer = await ayu.submit("/accounts/signup/", **FORM)
        assert answer.status_code == 302
        error = await socket.expect("error", code="session_moved")
        assert error["retry_after_ms"] and await socket.closed() == 4012
    async with ayu.open("kitchen") as socket:
        me = (await socket.hello(since=0, epoch=welcome["epoch"]))["user"]
        assert me == {"id": welcome["user"]["id"], "name": "Ayu", "guest": False}
        await socket.post("still me")
