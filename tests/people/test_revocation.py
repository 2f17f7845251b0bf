"""Who may no longer be here is gone within two seconds, by whichever door it was decided."""

import pytest

from chat.actions import people, rooms
from chat.models import Membership, User
from tests.wire import guest, signed_in

WITHIN = 2  # seconds
SIGN_IN_AGAIN, GONE, NO_ROOM = 4401, 4403, 4404


@pytest.fixture
def quick_passwords():
    """Not here: the server has Django's own hasher."""


@pytest.fixture
def rut(site):
    return User.objects.create_superuser("rut")


async def test_logging_out_closes_the_sockets_of_that_sign_in_alone(server, alice, kitchen):
    here, elsewhere = signed_in(server, alice), signed_in(server, alice)
    async with here.open("kitchen") as leaving, elsewhere.open("kitchen") as staying:
        await leaving.hello()
        await staying.hello()
        await here.submit("/accounts/logout/", csrfmiddlewaretoken=await here.token("/"))
        assert await leaving.closed(WITHIN) == SIGN_IN_AGAIN
        await staying.post("still here")


async def test_leaving_the_admin_closes_sockets_too(server, rut, kitchen):
    root = signed_in(server, rut)
    async with root.open("kitchen") as socket:
        await socket.hello()
        await root.submit("/admin/logout/", csrfmiddlewaretoken=await root.token("/admin/"))
        assert await socket.closed(WITHIN) == SIGN_IN_AGAIN


async def test_a_new_password_closes_the_sockets_of_older_sign_ins(server, alice, kitchen):
    alice.set_password("a quiet pond 7")
    alice.save()
    here, elsewhere = signed_in(server, alice), signed_in(server, alice)
    async with elsewhere.open("kitchen") as socket:
        await socket.hello()
        new = {"new_password1": "another pond 8", "new_password2": "another pond 8"}
        answer = await here.submit("/accounts/password_change/", old_password="a quiet pond 7", **new)
        assert answer.status_code == 302
        assert await socket.closed(WITHIN) == SIGN_IN_AGAIN


async def test_an_account_closed_in_the_admin_is_out_of_every_room(server, rut, alice, kitchen, vault):
    root, person = signed_in(server, rut), signed_in(server, alice)
    async with person.open("kitchen") as one, person.open("vault") as other:
        await one.hello()
        await other.hello()
        chosen = {"action": "deactivate", "_selected_action": str(alice.pk)}
        await root.submit("/admin/chat/user/", **chosen)
        assert {await one.closed(WITHIN), await other.closed(WITHIN)} == {GONE}
    assert (await person.get("/rooms/kitchen/")).status_code == 302


async def test_unticking_active_in_the_admin_does_the_same(server, rut, alice, kitchen):
    root, person = signed_in(server, rut), signed_in(server, alice)
    async with person.open("kitchen") as socket:
        await socket.hello()
        answer = await root.submit(f"/admin/chat/user/{alice.pk}/change/", name="Alice", username="alice")
        assert answer.status_code == 302
        assert await socket.closed(WITHIN) == GONE


async def test_removed_from_a_private_room_somebody_hears_nothing_more(server, rut, alice, bob, vault):
    root = signed_in(server, rut)
    membership = Membership.objects.get(room=vault, user=alice)
    async with signed_in(server, alice).open("vault") as out, signed_in(server, bob).open("vault") as inside:
        await out.hello()
        await inside.hello()
        await root.submit(f"/admin/chat/membership/{membership.pk}/delete/", post="yes")
        assert await out.closed(WITHIN) == GONE
        await inside.post("now we are alone")
        assert "now we are alone" not in out.texts
    async with signed_in(server, alice).open("vault") as again:
        assert await again.closed(WITHIN) == NO_ROOM


async def test_a_deleted_guest_is_out(server, rut):
    ayu, root = await guest(server, "Ayu", "kitchen"), signed_in(server, rut)
    row = User.objects.get(name="Ayu")
    async with ayu.open("kitchen") as socket:
        await socket.hello()
        await root.submit(f"/admin/chat/user/{row.pk}/delete/", post="yes")
        assert await socket.closed(WITHIN) == GONE
    assert not User.objects.filter(pk=row.pk).exists()


async def test_what_another_process_decides_arrives_without_a_hint(server, rut, alice, vault):
    """The test itself is that process: it publishes nothing, as a cron job would."""
    async with signed_in(server, alice).open("vault") as socket:
        await socket.hello()
        rooms.remove_member(vault, alice, by=rut)
        assert await socket.closed(WITHIN) == GONE
    async with signed_in(server, alice).open_lobby() as socket:
        await socket.hello()
        people.deactivate(alice, by=rut)
        assert await socket.closed(WITHIN) == GONE
