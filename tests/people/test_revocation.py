"""Revoked access closes the connection within two seconds, wherever the access was revoked."""

import asyncio

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from chat.actions import members, people
from chat.models import Membership, User
from tests.wire import WITHIN, guest, signed_in

SLOW = 2.5  # seconds of a transaction
LOG_IN_AGAIN, NO_ACCESS, NO_ROOM = 4401, 4403, 4404


@pytest.fixture
def quick_passwords():
    """Override: the server processes hash passwords with Django's default hasher."""


@pytest.fixture
def rut(site):
    return User.objects.create_superuser("rut")


async def test_logging_out_closes_the_connections_of_that_session_only(server, alice, kitchen):
    here, elsewhere = signed_in(server, alice), signed_in(server, alice)
    async with here.open("kitchen") as leaving, elsewhere.open("kitchen") as staying:
        await leaving.hello()
        await staying.hello()
        await here.submit("/accounts/logout/", csrfmiddlewaretoken=await here.token("/"))
        assert await leaving.closed(WITHIN) == LOG_IN_AGAIN
        await staying.post("still here")


async def test_logging_out_of_the_admin_closes_connections_too(server, rut, kitchen):
    root = signed_in(server, rut)
    async with root.open("kitchen") as socket:
        await socket.hello()
        await root.submit("/admin/logout/", csrfmiddlewaretoken=await root.token("/admin/"))
        assert await socket.closed(WITHIN) == LOG_IN_AGAIN


async def test_a_password_change_closes_the_connections_of_the_users_other_sessions(server, alice, kitchen):
    alice.set_password("a quiet pond 7")
    alice.save()
    here, elsewhere = signed_in(server, alice), signed_in(server, alice)
    async with elsewhere.open("kitchen") as socket:
        await socket.hello()
        new = {"new_password1": "another pond 8", "new_password2": "another pond 8"}
        answer = await here.submit("/accounts/password_change/", old_password="a quiet pond 7", **new)
        assert answer.status_code == 302
        assert await socket.closed(WITHIN) == LOG_IN_AGAIN


async def test_an_account_deactivated_in_the_admin_loses_its_connections_to_every_room(
    server, rut, alice, kitchen, vault
):
    root, person = signed_in(server, rut), signed_in(server, alice)
    async with person.open("kitchen") as one, person.open("vault") as other:
        await one.hello()
        await other.hello()
        token = await root.token("/admin/chat/user/")
        form = {"csrfmiddlewaretoken": token, "chosen": str(alice.pk), "words": "Enough"}
        answer = await root.http.post("/admin/chat/user/bulk/deactivate/", data=form)
        assert answer.status_code == 302
        assert {await one.closed(WITHIN), await other.closed(WITHIN)} == {NO_ACCESS}
    assert (await person.get("/rooms/kitchen/")).status_code == 302


async def test_deactivating_an_account_on_its_page_closes_the_connection_too(server, rut, alice, kitchen):
    root, person = signed_in(server, rut), signed_in(server, alice)
    async with person.open("kitchen") as socket:
        await socket.hello()
        token = await root.token(f"/admin/chat/user/{alice.pk}/change/")
        form = {"csrfmiddlewaretoken": token, "_deactivate": "1"}
        answer = await root.http.post(f"/admin/chat/user/{alice.pk}/decide/", data=form)
        assert answer.status_code == 302
        assert await socket.closed(WITHIN) == NO_ACCESS


async def test_a_removed_member_of_a_private_room_receives_no_further_message(server, rut, alice, bob, vault):
    root = signed_in(server, rut)
    membership = Membership.objects.get(room=vault, user=alice)
    async with signed_in(server, alice).open("vault") as out, signed_in(server, bob).open("vault") as inside:
        await out.hello()
        await inside.hello()
        await root.submit(f"/admin/chat/membership/{membership.pk}/delete/", post="yes")
        assert await out.closed(WITHIN) == NO_ACCESS
        await inside.post("now we are alone")
        assert "now we are alone" not in out.texts
    async with signed_in(server, alice).open("vault") as again:
        assert await again.closed(WITHIN) == NO_ROOM


async def test_a_deleted_guest_loses_the_connection(server, rut):
    ayu, root = await guest(server, "Ayu", "kitchen"), signed_in(server, rut)
    row = User.objects.get(name="Ayu")
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        await root.submit(f"/admin/chat/user/{row.pk}/delete/", post="yes")
        assert await socket.closed(WITHIN) == NO_ACCESS
    assert not User.objects.filter(pk=row.pk).exists()


async def test_access_revoked_by_another_process_is_noticed_without_a_hint(server, rut, alice, vault):
    """The test itself is the other process. Like a cron job, it publishes nothing to the channel layer."""
    async with signed_in(server, alice).open("vault") as socket:
        await socket.hello()
        members.remove(vault, alice, by=rut)
        assert await socket.closed(WITHIN) == NO_ACCESS
    async with signed_in(server, alice).open_lobby() as socket:
        await socket.hello()
        people.deactivate(alice, by=rut)
        assert await socket.closed(WITHIN) == NO_ACCESS


async def test_a_change_that_is_committed_seconds_later_is_noticed_without_a_hint(server, stack, alice):
    if not stack.full:
        pytest.skip("On SQLite others wait while a transaction writes.")
    async with signed_in(server, alice).open_lobby() as socket:
        await socket.hello()
        await asyncio.to_thread(log_out_slowly)
        assert await socket.closed(WITHIN) == LOG_IN_AGAIN


def log_out_slowly():
    """Several beats read the database between the statement and its commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        Session.objects.all().delete()
        cursor.execute("SELECT pg_sleep(%s)", [SLOW])
    connection.close()
