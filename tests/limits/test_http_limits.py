"""HTTP rate limits: requests, forms, new rooms and the size of bodies."""

import asyncio
import json
import uuid

import httpx
import pytest
from django.test import Client

from chat.models import Membership, Room
from chat.views.rate_limits import content_length
from tests.wire import Person, guest

WRITES = 30  # burst of forms per person
ROOMS = 10  # burst of new rooms per person


def status_codes(send, number: int) -> list[int]:
    return [send(count).status_code for count in range(number)]


@pytest.fixture
def owner(client, kitchen, alice):
    Membership.objects.filter(room=kitchen, user=alice).update(role=Membership.OWNER)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
def test_renaming_a_room_is_rate_limited(owner):
    def rename(number):
        return owner.post("/rooms/kitchen/edit/", {"name": f"Name {number}", "topic": "", "kind": "public"})

    statuses = status_codes(rename, WRITES + 5)
    assert statuses == [302] * WRITES + [429] * 5
    refused = rename(99)
    assert refused["Retry-After"] == "2" and "Try again in" in refused.content.decode()
    assert Room.objects.get().name == f"Name {WRITES - 1}"


@pytest.mark.django_db
def test_all_forms_share_one_limit_including_those_of_the_admin(owner, alice, bob):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    paths = ("/rooms/kitchen/members/", "/rooms/new/", f"/rooms/kitchen/members/{bob.pk}/remove/")
    for number in range(WRITES):
        owner.post(paths[number % 3], {"name": ""})
    for path in (*paths, "/", "/admin/chat/room/add/", "/accounts/logout/", "/accounts/password_change/"):
        assert owner.post(path, {"name": "x"}).status_code == 429, path
    assert owner.get("/rooms/kitchen/").status_code == 200, "reading must not be limited by writing"


@pytest.mark.django_db
def test_messages_have_their_own_limit(owner):
    for _ in range(WRITES + 5):
        owner.post("/rooms/kitchen/members/", {"name": ""})
    body = json.dumps({"id": str(uuid.uuid4()), "text": "hello"})
    sent = owner.post("/rooms/kitchen/messages/", body, content_type="application/json")
    assert sent.status_code == 201
    assert owner.post("/rooms/kitchen/", {"text": "hi", "client_id": uuid.uuid4()}).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/rooms/new/"])
def test_new_rooms_are_limited_per_person_whatever_form_creates_them(owner, kitchen, path):
    def create(number):
        name = f"Room {number}"
        return owner.post(path, {"room": name, "name": name, "topic": "", "kind": "public"})

    assert status_codes(create, ROOMS + 3) == [302] * ROOMS + [429] * 3
    assert Room.objects.exclude(pk=kitchen.pk).count() == ROOMS
    assert owner.post("/", {"room": "Kitchen"}).status_code == 302, "entering an existing room must not count"


@pytest.mark.django_db
def test_new_rooms_are_limited_per_ip_address():
    statuses = [
        Client().post("/", {"username": f"Ayu {n}", "room": f"Room {n}"}).status_code for n in range(50)
    ]
    assert statuses.count(302) == 40


async def test_a_class_of_thirty_enters_at_the_same_moment_from_one_ip_address(server):
    pupils = [Person(server) for _ in range(30)]

    async def enter(number, pupil):
        answer = await pupil.submit("/", username=f"Pupil {number}", room="Kelas 7")
        assert answer.status_code == 302
        return (await pupil.get(answer.headers["location"], timeout=60)).status_code

    assert set(await asyncio.gather(*map(enter, range(30), pupils))) == {200}


async def first_rate_limited_response(person: Person, path: str, **options) -> httpx.Response:
    """Send requests until the first 429. Each large body counts as five requests."""
    async with asyncio.timeout(60):
        while True:
            loop = [person.http.post(path, content=b"x" * 70_000, **options) for _ in range(20)]
            for answer in await asyncio.gather(*loop):
                if answer.status_code == 429:
                    return answer


@pytest.mark.once
async def test_requests_are_limited_and_the_response_says_when_to_retry(server):
    ayu = await guest(server, "Ayu", "kitchen")
    budi = await guest(server, "Budi", "kitchen")  # from the same IP address
    page = await first_rate_limited_response(ayu, "/rooms/kitchen/")
    assert 1 <= int(page.headers["retry-after"]) <= 2
    assert "You are loading pages too fast. Try again in 1 second" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await budi.get("/rooms/kitchen/")).status_code == 200

    as_json = {"Accept": "application/json"}
    answer = (await first_rate_limited_response(ayu, "/rooms/kitchen/messages/", headers=as_json)).json()
    assert answer["code"] == "too_many_requests" and answer["retry"] is True
    assert answer["retry_after_ms"] >= 100


@pytest.mark.once
@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere/", "/healthzz", "/readyz/"])
async def test_requests_without_a_session_are_limited_on_every_path(server, path):
    visitor = Person(server)
    assert (await first_rate_limited_response(visitor, path)).status_code == 429
    for _ in range(30):
        assert (await visitor.get("/healthz")).status_code == 200
        assert (await visitor.get("/static/chat/css/base.css")).status_code == 200
    missing = await visitor.get("/static/nothing.css")
    assert missing.status_code == 404 and not missing.content


@pytest.mark.once
@pytest.mark.parametrize(
    ("header", "length"), [(b"", 0), (b"0", 0), (b"70000", 70_000), (b"x", 0), (b"9" * 5_000, 9_999_999_999)]
)
def test_any_content_length_is_parsed(header, length):
    assert content_length({b"content-length": header}) == length


BODY = b"x" * 300_000


async def chunks():
    for _ in range(30):
        yield b"x" * 10_000


@pytest.mark.once
@pytest.mark.parametrize("announced", [True, False])
async def test_a_large_body_is_refused(server, announced):
    ayu = await guest(server, "Ayu", "kitchen")
    headers = {"X-CSRFToken": ayu.http.cookies["csrftoken"], "Accept": "application/json"}
    for path in ("/", "/rooms/kitchen/messages/", "/admin/login/", "/nowhere/"):
        answer = await ayu.http.post(path, content=BODY if announced else chunks(), headers=headers)
        assert answer.status_code == 413 and answer.json()["code"] == "too_big"
    assert (await ayu.get("/rooms/kitchen/")).status_code == 200


@pytest.mark.once
async def test_a_client_that_sends_an_endless_body_is_disconnected(server):
    async def endless():
        while True:
            yield b"x" * 100_000

    with pytest.raises(httpx.TransportError):
        await Person(server).http.post("/", content=endless())
