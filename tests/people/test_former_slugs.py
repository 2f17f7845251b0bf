"""A public room that is made private gets a new slug. The former slug redirects members only."""

import uuid

import pytest

from chat.actions import rooms, slugs
from chat.models import Membership, Message, Room
from chat.models.former_slug import FormerSlug
from tests.wire import Closed, signed_in

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def private_kitchen(kitchen, alice):
    """The kitchen after its owner alice made it private."""
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    return rooms.update(kitchen, by=alice, kind=Room.PRIVATE)


@pytest.mark.django_db
def test_a_room_made_private_gets_a_slug_that_cannot_be_guessed(private_kitchen):
    assert private_kitchen.slug.startswith("kitchen-") and len(private_kitchen.slug) == len("kitchen-") + 8


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "1/", "about/", "leave/", "pinned/"])
def test_an_old_link_redirects_a_member_to_the_private_room(client, private_kitchen, bob, path):
    Message.objects.create(
        room=private_kitchen, seq=1, rev=1, author=bob, client_id=uuid.uuid4(), html_version=1,
        created_at="2026-01-01T00:00Z",
    )  # fmt: skip
    Room.objects.update(head=1)
    client.force_login(bob, backend=BACKEND)
    answer = client.get(f"/rooms/kitchen/{path}", follow=True)
    assert answer.status_code == 200 and answer.context["room"] == private_kitchen
    if path != "leave/":
        assert answer.redirect_chain == [(f"/rooms/{private_kitchen.slug}/{path}", 302)]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "1/", "about/", "leave/", "pinned/", "links/", "edit/", "messages/"])
def test_an_outsider_gets_the_same_response_for_a_former_slug_and_a_missing_room(
    client, private_kitchen, charlie, path
):
    client.force_login(charlie, backend=BACKEND)
    former, missing = (client.get(f"/rooms/{slug}/{path}") for slug in ("kitchen", "nowhere"))
    assert (former.status_code, former.content) == (missing.status_code, missing.content)
    assert former.status_code == 404
    client.logout()
    former, missing = (client.get(f"/rooms/{slug}/{path}") for slug in ("kitchen", "nowhere"))
    assert former.get("Location", "").replace("kitchen", "nowhere") == missing.get("Location", "")


@pytest.mark.django_db
def test_a_new_room_can_take_the_former_name_and_slug(client, private_kitchen, charlie):
    client.force_login(charlie, backend=BACKEND)
    answer = client.post("/rooms/new/", {"name": "Kitchen", "topic": "", "kind": "public"})
    assert answer["Location"] == "/rooms/kitchen/"


@pytest.mark.django_db
def test_a_slug_that_is_taken_again_leads_everybody_to_the_new_room(client, private_kitchen, bob, charlie):
    new = rooms.create("Kitchen", by=charlie)
    client.force_login(bob, backend=BACKEND)
    assert client.get("/rooms/kitchen/").context["room"] == new


@pytest.mark.django_db
def test_a_form_loaded_before_the_change_never_posts_into_the_new_room(client, kitchen, alice, bob, charlie):
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
def test_a_room_keeps_a_bounded_number_of_former_slugs(private_kitchen, alice):
    for _ in range(slugs.FORMER_SLUGS + 3):
        rooms.update(private_kitchen, by=alice, kind=Room.PUBLIC)
        rooms.update(private_kitchen, by=alice, kind=Room.PRIVATE)
    assert FormerSlug.objects.count() == slugs.FORMER_SLUGS


async def test_an_open_page_receives_the_new_slug_and_stays_connected(server, kitchen, alice, bob):
    make_owner(kitchen, alice)
    person = signed_in(server, alice)
    async with signed_in(server, bob).open("kitchen") as socket:
        await socket.hello()
        fields = {"name": "Kitchen", "topic": "", "kind": "private"}
        await person.submit("/rooms/kitchen/edit/", **fields)
        slug = Room.objects.get().slug
        event = await socket.expect("room", former="kitchen")
        assert event["slug"] == slug and event["kind"] == "private"
        await socket.post("still here")


async def test_a_member_who_reconnects_with_the_former_slug_enters_the_private_room(
    server, kitchen, alice, bob, charlie
):
    make_owner(kitchen, alice)
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


async def test_the_lobby_receives_the_new_slug_of_a_listed_room(server, kitchen, alice, bob):
    make_owner(kitchen, alice)
    async with signed_in(server, bob).open_lobby() as socket:
        await socket.hello()
        await socket.send("watch", rooms=["kitchen"])
        await socket.expect("room", slug="kitchen")
        closed = rooms.update(kitchen, by=alice, kind=Room.PRIVATE)
        await socket.expect("room", slug=closed.slug, former="kitchen")


def make_owner(room, user):
    Membership.objects.filter(room=room, user=user).update(role=Membership.OWNER)
