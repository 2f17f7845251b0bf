"""A moderator sees the messages of a private room only after giving a reason, which is logged."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.actions import reports
from chat.actions.messages import Draft, post
from chat.models import AuditEntry, Case, HeldMessage, User

pytestmark = pytest.mark.django_db
SECRET = "the treasure is below the tree"


@pytest.fixture
def message(vault, alice, bob):
    (message,) = post([Draft(vault.pk, alice.pk, uuid4(), SECRET)])
    reports.report_message(message, by=bob, reason="abuse")
    HeldMessage.objects.create(room=vault, author=bob, client_id=uuid4(), text=SECRET, cause="a rule")
    return message


@pytest.fixture(params=[False, True], ids=["moderator", "administrator"])
def mara(request, database):
    return User.objects.create_user("mara", name="Mara", is_staff=True, is_superuser=request.param)


@pytest.fixture
def moderator(client, mara):
    client.force_login(mara, backend="django.contrib.auth.backends.ModelBackend")
    return client


def pages(message):
    held = HeldMessage.objects.get()
    lists = [f"/admin/chat/{rows}/" for rows in ("message", "case", "heldmessage")]
    search = "/admin/chat/message/?words=treasure"
    return [
        "/admin/", *lists, search, f"/admin/chat/message/{message.pk}/change/",
        f"/admin/chat/heldmessage/{held.pk}/change/", f"/admin/chat/user/{message.author_id}/change/",
        f"/admin/chat/message/{message.pk}/history/", f"/admin/chat/heldmessage/{held.pk}/history/",
    ]  # fmt: skip


def test_no_page_shows_the_text_before_a_reason_was_given(moderator, message):
    for path in pages(message):
        assert SECRET not in moderator.get(path).content.decode(), path
    chosen = {"action": "hide_selected", "_selected_action": [message.pk]}
    assert SECRET not in moderator.post("/admin/chat/message/", chosen).content.decode()
    assert not moderator.get("/admin/chat/message/", {"words": "treasure"}).context["cl"].result_list


def test_after_a_reason_the_text_is_shown_for_an_hour(moderator, message, vault, monkeypatch):
    page = f"/admin/chat/message/{message.pk}/change/"
    opening = f"/admin/chat/room/{vault.pk}/open/?next={page}"
    assert moderator.post(opening, {"reason": " "}).status_code == 200
    assert SECRET not in moderator.get(page).content.decode()

    answer = moderator.post(opening, {"reason": "A report of threats"})
    assert answer.url == page
    entry = AuditEntry.objects.get(action="view_private")
    assert (entry.actor_name, entry.room_id, entry.reason) == ("Mara", vault.pk, "A report of threats")
    assert SECRET in moderator.get(page).content.decode()
    assert SECRET in moderator.get("/admin/chat/message/").content.decode()

    later = timezone.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr("chat.admin.private.timezone.now", lambda: later)
    assert SECRET not in moderator.get(page).content.decode()


def test_a_member_of_the_room_sees_it_without_a_reason(moderator, mara, message, vault):
    vault.memberships.create(user=mara)
    assert SECRET in moderator.get(f"/admin/chat/message/{message.pk}/change/").content.decode()
    assert not AuditEntry.objects.filter(action="view_private").exists()


def test_the_page_of_a_case_shows_what_was_reported_but_nothing_else_of_the_room(
    moderator, message, vault, bob
):
    post([Draft(vault.pk, bob.pk, uuid4(), "and this is another secret")])
    page = moderator.get(f"/admin/chat/case/{Case.objects.get().pk}/change/").content.decode()
    assert SECRET in page and "another secret" not in page and "Give a reason" in page


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_reason_leads_only_to_pages_of_this_site(moderator, message, vault, following):
    answer = moderator.post(f"/admin/chat/room/{vault.pk}/open/?next={following}", {"reason": "A report"})
    assert answer.url == f"/admin/chat/room/{vault.pk}/change/"


def test_held_messages_of_a_room_that_was_not_opened_are_not_decided(moderator, message):
    held = HeldMessage.objects.get()
    moderator.post(f"/admin/chat/heldmessage/{held.pk}/change/", {"_approve": "1"})
    moderator.post("/admin/chat/heldmessage/bulk/approve_selected/", {"chosen": str(held.pk)})
    held.refresh_from_db()
    assert held.decided_at is None


def test_a_moderator_joins_a_private_room_or_makes_it_public_only_after_a_reason(moderator, mara, vault):
    new = {"room": "vault", "user": "mara", "role": "member"}
    public = {"name": "Vault", "topic": "", "kind": "public", "initial-kind": "private"}
    page = f"/admin/chat/room/{vault.pk}/change/"
    assert "Give a reason" in moderator.post("/admin/chat/membership/add/", new).content.decode()
    moderator.post(page, public)
    vault.refresh_from_db()
    assert vault.is_private and not vault.memberships.filter(user=mara).exists()

    moderator.post(f"/admin/chat/room/{vault.pk}/open/", {"reason": "Its owner asked for help"})
    assert moderator.post("/admin/chat/membership/add/", new).status_code == 302
    moderator.post(page, public)
    vault.refresh_from_db()
    assert not vault.is_private and vault.memberships.filter(user=mara).exists()
