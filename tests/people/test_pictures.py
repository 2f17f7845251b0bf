"""Pictures of people: what is stored of an upload, who sees it, and what is refused."""

import uuid
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from chat import frames, pictures
from chat.actions import profile
from chat.actions.messages import Draft, post
from chat.models import AuditEntry, Message, User, UserPicture
from chat.refusals import Refusal
from tests.wire import WITHIN, signed_in

from .pictures import BAD, BLUE, RED, SVG, animation, huge_exif, photo_on_its_side, picture

ADDRESS = "/accounts/profile/picture/"


def decoded(encoded: bytes) -> Image.Image:
    image = Image.open(BytesIO(encoded))
    assert image.format == "WEBP"
    return image.convert("RGB")


def is_like(pixel, colour) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_upload_becomes_two_squares(format):
    encoded = pictures.encode(picture(format))
    assert decoded(encoded.large).size == (256, 256) and decoded(encoded.small).size == (80, 80)
    assert is_like(decoded(encoded.small).getpixel((40, 40)), RED)


def test_a_photo_is_turned_upright_and_nothing_else_of_the_file_is_kept():
    encoded = pictures.encode(photo_on_its_side())
    assert is_like(decoded(encoded.large).getpixel((128, 20)), RED)
    assert is_like(decoded(encoded.large).getpixel((128, 236)), BLUE)
    assert b"SECRET" not in encoded.large and not Image.open(BytesIO(encoded.large)).getexif()


def test_a_file_that_is_also_something_else_keeps_only_its_pixels():
    encoded = pictures.encode(picture("PNG") + SVG)
    assert b"script" not in encoded.large + encoded.small
    assert b"\xff" * 1_000 not in pictures.encode(huge_exif()).large


def test_of_an_animation_the_first_frame_is_shown():
    assert is_like(decoded(pictures.encode(animation()).large).getpixel((9, 9)), RED)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused(name):
    upload, code = BAD[name]
    with pytest.raises(Refusal) as refused:
        pictures.encode(upload)
    assert refused.value.code == code
    pictures.encode(picture())  # the next one waits for nothing


@pytest.mark.django_db
class TestPages:
    def upload(self, client, data: bytes):
        return client.post(ADDRESS, {"picture": SimpleUploadedFile("me.png", data)})

    def test_a_picture_is_shown_to_people_who_are_signed_in_and_can_be_removed(self, client, alice):
        client.force_login(alice)
        assert self.upload(client, picture()).status_code == 302
        alice.refresh_from_db()
        small, large = f"/pictures/{alice.avatar}-small.webp", f"/pictures/{alice.avatar}.webp"
        assert f'src="{large}"' in client.get("/accounts/profile/").content.decode()
        for address, size in ((small, 80), (large, 256)):
            answer = client.get(address)
            assert decoded(answer.content).width == size and answer["Content-Type"] == "image/webp"
            assert "immutable" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
            assert answer["X-Content-Type-Options"] == "nosniff"
        assert client.post(ADDRESS, {"remove": "1"}).status_code == 302
        assert client.get(small).status_code == 404 and not UserPicture.objects.exists()
        client.logout()
        assert client.get(small).status_code == 403

    def test_a_bad_picture_is_refused_beside_the_field(self, client, alice):
        client.force_login(alice)
        answer = self.upload(client, SVG)
        assert answer.status_code == 422 and b"Use JPEG, PNG, WebP or GIF." in answer.content
        assert client.post(ADDRESS).status_code == 422
        assert self.upload(client, b"x" * (pictures.MAX_BYTES + 1)).status_code == 413

    def test_a_person_changes_the_picture_a_few_times_and_then_has_to_wait(self, client, alice):
        client.force_login(alice)
        answers = [self.upload(client, picture()).status_code for _ in range(6)]
        assert answers == [302] * 5 + [429]

    def test_guests_have_no_picture(self, client):
        client.force_login(User.objects.create(username="guest:ayu", name="Ayu", is_guest=True))
        assert self.upload(client, picture()).status_code == 403
        assert ADDRESS.encode() not in client.get("/accounts/profile/").content

    def test_a_site_moderator_removes_a_picture_in_the_admin_and_it_is_recorded(self, client, alice):
        profile.set_picture(alice, picture())
        client.force_login(User.objects.create_user("mara", name="Mara", is_staff=True))
        page = client.get(f"/admin/chat/user/{alice.pk}/change/").content
        assert b"Remove picture" in page
        client.post(f"/admin/chat/user/{alice.pk}/decide/", {"_remove_picture": "1"})
        alice.refresh_from_db()
        assert not alice.picture and not UserPicture.objects.exists()
        entry = AuditEntry.objects.get(action="remove_picture")
        assert (entry.actor_name, entry.person_name) == ("Mara", "Alice")

    def test_members_cannot_remove_the_picture_of_others(self, alice, bob):
        profile.set_picture(alice, picture())
        with pytest.raises(Refusal, match="higher rank"):
            profile.remove_picture(alice, by=bob)

    def test_the_author_of_a_message_has_the_picture_without_another_query(
        self, alice, bob, kitchen, django_assert_num_queries
    ):
        profile.set_picture(alice, picture())
        alice.refresh_from_db()
        for person in (alice, bob):
            post([Draft(kitchen.pk, person.pk, uuid.uuid4(), "Hello")])
        with django_assert_num_queries(1):
            states = [frames.message(row) for row in Message.objects.order_by("seq").with_state()]
        assert [b"avatar" in frames.encode(state).encode() for state in states] == [True, False]
        assert states[0].author.avatar == alice.avatar


async def test_a_new_picture_reaches_open_screens_and_the_next_message_has_it(server, alice, bob, kitchen):
    async with (
        signed_in(server, alice).open("kitchen") as alice_socket,
        signed_in(server, bob).open("kitchen") as bob_socket,
    ):
        await alice_socket.hello()
        me = (await bob_socket.hello())["user"]
        assert "avatar" not in me
        await alice_socket.expect("joined", user=me)
        profile.set_picture(bob, picture())
        avatar = User.objects.get(pk=bob.pk).avatar
        for socket in (alice_socket, bob_socket):
            event = await socket.expect("renamed", timeout=WITHIN)
            assert event["user"] == {"id": bob.pk, "name": "Bob", "guest": False, "avatar": avatar}
        await bob_socket.post("Hello")
        assert (await alice_socket.expect("message"))["author"]["avatar"] == avatar
        profile.remove_picture(bob, by=bob)
        event = await alice_socket.expect("renamed", timeout=WITHIN)
        assert "avatar" not in event["user"]
