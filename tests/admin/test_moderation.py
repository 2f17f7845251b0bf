"""Moderation in the admin: hidden messages disappear from open pages, and moderators have limited rights."""

import re
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry

from chat.actions.changes import Delete
from chat.actions.messages import Draft, post
from chat.models import Invitation, Membership, Message, Room, User
from chat.refusals import Refusal
from tests.wire import WITHIN, signed_in


@pytest.fixture
def mara(database):
    """A moderator of all rooms who is a member of none."""
    return User.objects.create_user("mara", name="Mara", is_staff=True)


@pytest.fixture
def moderator_client(client, mara):
    client.force_login(mara)
    return client


async def test_a_hidden_message_becomes_a_tombstone_on_every_open_page(server, mara, alice, bob, vault):
    moderator = signed_in(server, mara)
    async with signed_in(server, alice).open("vault") as one, signed_in(server, bob).open("vault") as two:
        await one.hello()
        await two.hello()
        sent = [await one.post(f"message {number}") for number in range(3)]
        rows = [str(Message.objects.get(seq=ack["seq"]).pk) for ack in sent]

        await moderator.submit(f"/admin/chat/message/{rows[0]}/change/", _hide="1")
        for socket in (one, two):
            tombstone = await socket.expect("message", timeout=WITHIN, seq=sent[0]["seq"], deleted=True)
            assert tombstone["text"] == tombstone["html"] == ""
        await moderator.submit(f"/admin/chat/message/{rows[0]}/change/", _restore="1")
        for socket in (one, two):
            restored = await socket.expect("message", timeout=WITHIN, seq=sent[0]["seq"], rev=5)
            assert restored["text"] == "message 0" and not restored["deleted"]

        await moderator.submit("/admin/chat/message/bulk/hide_selected/", chosen=",".join(rows))
        for socket in (one, two):
            for ack in sent:
                await socket.expect("message", timeout=WITHIN, seq=ack["seq"], deleted=True)
        assert one.texts == two.texts == ["", "", ""]


@pytest.mark.django_db
def test_a_moderator_hides_and_restores_messages_one_at_a_time_and_in_bulk(
    moderator_client, mara, alice, vault
):
    messages = say(vault, alice, 3)
    page = f"/admin/chat/message/{messages[0].pk}/decide/"
    moderator_client.post(page, {"_hide": "1"})
    assert hidden() == [True, False, False] and Message.objects.first().deleted_by == mara
    moderator_client.post(page, {"_restore": "1"})
    assert hidden() == [False, False, False]
    run_action(moderator_client, "message", "hide_selected", messages[1:])
    assert hidden() == [False, True, True]
    run_action(moderator_client, "message", "restore_selected", messages)
    assert hidden() == [False, False, False]
    logged = list(LogEntry.objects.order_by("pk").values_list("change_message", "object_id"))
    ids = [str(message.pk) for message in messages]
    one_at_a_time = [("Hidden", ids[0]), ("Restored", ids[0])]
    assert logged[:2] == one_at_a_time and sorted(logged[2:]) == sorted(
        [("Hidden", ids[1]), ("Hidden", ids[2]), ("Restored", ids[1]), ("Restored", ids[2])]
    )


@pytest.mark.django_db
def test_the_list_distinguishes_hidden_messages_from_deleted_ones(moderator_client, alice, kitchen):
    hidden, deleted, _ = say(kitchen, alice, 3)
    run_action(moderator_client, "message", "hide_selected", [hidden])
    post([Delete(kitchen.pk, alice.pk, deleted.seq)])
    rows = moderator_client.get("/admin/chat/message/").content.decode()
    states = re.findall(r'class="field-state[^"]*">(?:<span class="gone">)?([^<]*)<', rows)
    assert states == ["", "deleted by the author", "hidden"]


@pytest.mark.django_db
def test_only_messages_that_were_changed_are_logged(moderator_client, monkeypatch, alice, kitchen):
    messages = say(kitchen, alice, 3)

    def fail(self, message, actor, batch):
        if message.seq == 2:
            raise Refusal("unavailable", retry_after_ms=1)
        return original(self, message, actor, batch)

    original = Delete.change
    monkeypatch.setattr(Delete, "change", fail)
    run_action(moderator_client, "message", "hide_selected", messages)
    logged = {int(id) for id in LogEntry.objects.values_list("object_id", flat=True)}
    assert logged == {messages[0].pk, messages[2].pk}


@pytest.mark.django_db
def test_hidden_messages_can_be_listed(moderator_client, alice, kitchen):
    messages = say(kitchen, alice, 3)
    run_action(moderator_client, "message", "hide_selected", messages[1:2])
    assert (
        list(moderator_client.get("/admin/chat/message/", {"state": "hidden"}).context["cl"].result_list)
        == messages[1:2]
    )


@pytest.mark.django_db
def test_an_administrator_cannot_edit_or_delete_the_messages_of_others(client, alice, kitchen):
    client.force_login(User.objects.create_superuser("rut"))
    (message,) = say(kitchen, alice, 1)
    page = f"/admin/chat/message/{message.pk}/change/"
    client.post(page, {"text": "something else", "author": "1", "_save": "Save"})
    message.refresh_from_db()
    assert message.text == "message 0" and message.author == alice and message.rev == 1
    assert client.post(f"/admin/chat/message/{message.pk}/delete/", {"post": "yes"}).status_code == 403
    run_action(client, "message", "delete_selected", [message], post="yes")
    assert client.post("/admin/chat/message/add/").status_code == 403
    assert client.post(f"/admin/chat/room/{kitchen.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/chat/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Message.objects.count() == 1
    assert 'name="text"' not in client.get(page).content.decode()


@pytest.mark.django_db
def test_a_moderator_cannot_gain_rights_or_change_an_account_with_more_rights(moderator_client, mara, alice):
    root = User.objects.create_superuser("rut")
    fields = {"name": "Alice", "username": "alice", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    moderator_client.post(f"/admin/chat/user/{alice.pk}/change/", fields)
    moderator_client.post(
        f"/admin/chat/user/{mara.pk}/change/", {**fields, "name": "Mara", "username": "mara"}
    )
    moderator_client.post(f"/admin/chat/user/{root.pk}/change/", {"name": "Rut", "username": "rut"})
    run_action(moderator_client, "user", "deactivate", [root])
    run_action(moderator_client, "user", "make_password_link", [alice])
    new = {"password1": "a quiet pond 7", "password2": "a quiet pond 7", "usable_password": "true"}
    assert moderator_client.post(f"/admin/chat/user/{alice.pk}/password/", new).status_code == 403
    assert moderator_client.get("/admin/chat/user/add/").status_code == 403
    assert "/accounts/reset/" not in moderator_client.get("/admin/").content.decode()
    for person in (alice, mara, root):
        person.refresh_from_db()
    assert not alice.is_staff and not alice.is_superuser and not alice.has_usable_password()
    assert not mara.is_superuser and root.is_active


@pytest.mark.django_db
def test_a_moderator_deactivates_and_reactivates_accounts_but_not_their_own(
    moderator_client, mara, alice, bob
):
    run_action(moderator_client, "user", "deactivate", [alice, bob, mara])
    assert set(User.objects.filter(is_active=False)) == {alice, bob}
    run_action(moderator_client, "user", "reactivate", [bob])
    assert list(User.objects.filter(is_active=False)) == [alice]


@pytest.mark.django_db
def test_rooms_and_memberships_are_changed_through_the_actions(moderator_client, mara, charlie, vault):
    moderator_client.post("/admin/chat/room/add/", {"name": "Party", "topic": "", "kind": "private"})
    party = Room.objects.get(name="Party")
    assert party.slug.startswith("party-") and party.memberships.get().role == Membership.OWNER
    moderator_client.post(
        f"/admin/chat/room/{vault.pk}/change/", {"name": "Cellar", "topic": "Wine", "kind": "private"}
    )
    vault.refresh_from_db()
    assert (vault.slug, vault.name, vault.topic) == ("vault", "Cellar", "Wine")
    fields = {"room": "vault", "user": "Charlie", "role": "moderator"}
    moderator_client.post("/admin/chat/membership/add/", fields)
    assert vault.memberships.get(user=charlie).role == "moderator"
    moderator_client.post(
        f"/admin/chat/membership/{vault.memberships.get(user=charlie).pk}/delete/", {"post": "yes"}
    )
    assert not vault.memberships.filter(user=charlie).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "\u3164", "a\u202eb", "x" * 61])
def test_a_room_name_that_cannot_be_shown_is_refused_beside_its_field(moderator_client, name):
    page = moderator_client.post("/admin/chat/room/add/", {"name": name, "topic": "", "kind": "public"})
    assert page.status_code == 200 and "id_name_error" in page.content.decode()
    assert not Room.objects.exists()


@pytest.mark.django_db
def test_an_account_cannot_be_given_a_name_that_looks_like_another(client, alice, bob):
    client.force_login(User.objects.create_superuser("rut"))
    page = client.post(f"/admin/chat/user/{bob.pk}/change/", {"name": "AIice", "username": "bob"})
    assert "Somebody already has this name" in page.content.decode()


@pytest.mark.django_db
def test_an_administrator_makes_a_one_use_link_for_a_new_password(client, alice):
    root = User.objects.create_superuser("rut")
    client.force_login(root)
    page = run_action(client, "user", "make_password_link", [alice], follow=True).content.decode()
    link = page.split("http://testserver")[1].split("<")[0]
    client.logout()
    form = client.get(link)["Location"]
    new = {"new_password1": "a quiet pond 7", "new_password2": "a quiet pond 7"}
    assert client.post(form, new).status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert b"has been used or has expired" in client.get(link).content


@pytest.mark.django_db
def test_a_moderator_creates_an_invitation_link_that_is_shown_once(moderator_client, mara):
    page = moderator_client.post("/admin/chat/invitation/add/", follow=True).content.decode()
    link = page.split("http://testserver")[1].split("<")[0]
    assert link.startswith("/accounts/invite/") and Invitation.objects.get().made_by == mara
    assert link not in moderator_client.get("/admin/chat/invitation/").content.decode()
    moderator_client.logout()
    assert moderator_client.get(link).status_code == 200


@pytest.mark.django_db
def test_nobody_without_rights_sees_the_admin(client, alice):
    for path in ("", "chat/message/", "chat/user/"):
        assert client.get(f"/admin/{path}").status_code == 302
    client.force_login(alice)
    for path in ("", "chat/message/", "chat/user/"):
        assert client.get(f"/admin/{path}").status_code == 302


def say(room, author, count):
    return post([Draft(room.pk, author.pk, uuid4(), f"message {number}") for number in range(count)])


def hidden():
    return [message.deleted_at is not None for message in Message.objects.order_by("pk")]


def run_action(client, model, action, chosen, follow=False, **more):
    """Select rows in the list, and confirm, if the action asks for it."""
    fields = {"action": action, "_selected_action": [row.pk for row in chosen]}
    page = client.post(f"/admin/chat/{model}/", fields, follow=follow)
    if page.status_code != 200 or "chosen" not in (page.context or {}):
        return page
    confirmed = {"chosen": page.context["chosen"], **more}
    return client.post(page.context["run_url"], confirmed, follow=follow)
