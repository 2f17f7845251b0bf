"""A public room that is made private gets a new address, which only its members learn."""

import uuid

import pytest

from chat.actions import rooms
from chat.models import Membership, Message, Room
from chat.models.former_slug import FormerSlug
from tests.wire import Closed, signed_in

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def closed_kitchen(kitchen, alice):
    """The kitchen, which alice has made private."""
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    return rooms.update(kitchen, by=alice, kind=Room.PRIVATE)


@pytest.mark.django_db
def test_it_gets_an_address_that_cannot_be_guessed(closed_kitchen):
    assert closed_kitchen.slug.startswith("kitchen-") and len(closed_kitchen.slug) == len("kitchen-") + 8


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "1/", "about/", "leave/"])
def test_an_old_link_leads_its_members_to_it(client, closed_kitchen, bob, path):
    Message.objects.create(
        room=closed_kitchen, seq=1, rev=1, author=bob, client_id=uuid.uuid4(), html_version=1,
        created_at="2026-01-01T00:00Z",
    )  # fmt: skip
    Room.objects.update(head=1)
    client.force_login(bob, backend=BACKEND)
    answer = client.get(f"/rooms/kitchen/{path}", follow=True)
    assert answer.status_code == 200 and answer.context["room"] == closed_kitchen
    if path != "leave/":
        assert answer.redirect_chain == [(f"/rooms/{closed_kitchen.slug}/{path}", 302)]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "1/", "about/", "leave/", "messages/"])
def test_to_an_outsider_the_old_address_is_that_of_no_room(client, closed_kitchen, charlie, path):
    client.force_login(charlie, backend=BACKEND)
    former, none = (client.get(f"/rooms/{slug}/{path}") for slug in ("kitchen", "nowhere"))
    assert (former.status_code, former.content) == (none.status_code, none.content)
    assert former.status_code == 404
    client.logout()
    former, none = (client.get(f"/rooms/{slug}/{path}") for slug in ("kitchen", "nowhere"))
    assert former.get("Location", "").replace("kitchen", "nowhere") == none.get("Location", "")


@pytest.mark.django_db
def test_a_new_room_takes_the_name_and_the_address_as_if_there_never_was_one(client, closed_kitchen, charlie):
    client.force_login(charlie, backend=BACKEND)
    answer = client.post("/rooms/new/", {"name": "Kitchen", "topic": "", "kind": "public"})
    assert answer["Location"] == "/rooms/kitchen/"


@pytest.mark.django_db
def test_the_old_address_then_leads_everybody_to_the_new_room(client, closed_kitchen, bob, charlie):
    new = rooms.create("Kitchen", by=charlie)
    client.force_login(bob, backend=BACKEND)
    assert client.get("/rooms/kitchen/").context["room"] == new


@pytest.mark.django_db
def test_a_form_that_was_loaded_before_never_posts_into_the_new_room(client, kitchen, alice, bob, charlie):
    client.force_login(bob, backend=BACKEND)
    page = client.get("/rooms/kitchen/").content.decode()
    assert f'name="epoch" value="{kitchen.epoch}"' in page
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    closed = rooms.update(kitchen, by=alice, kind=Room.PRIVATE)
    rooms.create("Kitchen", by=charlie)
    fields = {"text": "The key is under the mat", "client_id": str(uuid.uuid4()), "epoch": str(kitchen.epoch)}
    assert client.post("/rooms/kitchen/", fields)["Location"] == f"/rooms/{closed.slug}/"
    assert Message.objects.get().room == closed


@pytest.mark.django_db
def test_a_room_that_changes_to_and_fro_keeps_a_bounded_number_of_addresses(closed_kitchen, alice):
    for _ in range(rooms.FORMER_SLUGS + 3):
        rooms.update(closed_kitchen, by=alice, kind=Room.PUBLIC)
        rooms.update(closed_kitchen, by=alice, kind=Room.PRIVATE)
    assert FormerSlug.objects.count() == rooms.FORMER_SLUGS


async def test_an_open_page_is_told_the_new_address_and_its_socket_goes_on(server, kitchen, alice, bob):
    own(kitchen, alice)
    person = signed_in(server, alice)
    async with signed_in(server, bob).open("kitchen") as socket:
        await socket.hello()
        fields = {"name": "Kitchen", "topic": "", "kind": "private"}
        await person.submit("/rooms/kitchen/about/", **fields)
        now = Room.objects.get().slug
        told = await socket.expect("room", former="kitchen")
        assert told["slug"] == now and told["kind"] == "private"
        await socket.post("still here")


async def test_a_member_who_reconnects_by_the_old_address_is_in_the_private_room(
    server, kitchen, alice, bob, charlie
):
    own(kitchen, alice)
    person = signed_in(server, bob)
    async with person.open("kitchen") as socket:
        welcome = await socket.hello()
        await socket.post("before")
    closed = rooms.update(kitchen, by=alice, kind=Room.PRIVATE)
    async with person.open("kitchen") as socket:
        assert (await socket.hello(0, welcome["epoch"]))["room"]["slug"] == closed.slug
    async with signed_in(server, charlie).open("kitchen") as socket:
        with pytest.raises(Closed):
            await socket.hello(0, welcome["epoch"])
        assert await socket.closed() == 4404

    new = rooms.create("Kitchen", by=charlie)
    async with person.open("kitchen") as socket:
        assert (await socket.hello(0, welcome["epoch"]))["room"]["slug"] == closed.slug
        await socket.post("for the members alone")
    async with person.open("kitchen") as socket:
        assert (await socket.hello())["room"]["slug"] == new.slug
    async with signed_in(server, charlie).open("kitchen") as socket:
        assert (await socket.hello(0, welcome["epoch"]))["room"]["slug"] == new.slug
    assert not Message.objects.filter(room=new).exists()


async def test_the_lobby_is_told_which_line_has_a_new_address(server, kitchen, alice, bob):
    own(kitchen, alice)
    async with signed_in(server, bob).open_lobby() as socket:
        await socket.hello()
        await socket.send("watch", rooms=["kitchen"])
        await socket.expect("room", slug="kitchen")
        closed = rooms.update(kitchen, by=alice, kind=Room.PRIVATE)
        await socket.expect("room", slug=closed.slug, former="kitchen")


def own(room, user):
    Membership.objects.filter(room=room, user=user).update(role=Membership.OWNER)
