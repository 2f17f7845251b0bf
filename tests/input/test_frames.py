"""What a hostile or broken client sends: each frame has its documented answer, and nobody else notices."""

import asyncio
import json
import uuid
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.wire import Person, signed_in

from . import corpus

ELSEWHERE = 500_000  # seq of a message in the vault that the kitchen does not have
UNLIMITED = {
    "OBROLAN_POST_RATE": "10000",
    "OBROLAN_POST_BURST": "10000",
}


@pytest.fixture
def server(site):
    return site.start(**UNLIMITED)


@pytest.fixture
async def places(server, alice, bob, kitchen, vault):
    """What the corpus' names stand for, in rooms that two people talk in."""
    vault.head = ELSEWHERE - 1
    vault.save()
    taken = str(uuid.uuid4())
    async with signed_in(server, alice).open("vault") as socket:
        await socket.hello()
        elsewhere = (await socket.post("in the vault", id=taken))["seq"]
    async with signed_in(server, bob).open("kitchen") as socket:
        await socket.hello()
        other = (await socket.post("Bob's"))["seq"]
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        own = (await socket.post("mine"))["seq"]
        gone = (await socket.post("not for long"))["seq"]
        await socket.ask("delete", seq=gone)
    return {"ELSEWHERE": elsewhere, "OTHER": other, "SEQ": own, "GONE": gone, "TAKEN": taken}


def filled(frame: str, places: dict) -> tuple[str, str]:
    """The frame with its blanks filled in, and the id that its answer must carry ("" for any)."""
    about = str(uuid.uuid4())
    text = frame.replace('"SEQ"', "SEQ")
    for name, value in places.items():
        text = text.replace(name, str(value))
    return text.replace("ID", about), about if "ID" in frame else ""


async def answer(socket, frame: str, places: dict) -> str:
    """The error's code, or DONE when the server had nothing against the frame."""
    text, about = filled(frame, places)
    await socket.send_raw(text)
    if '"ping"' in text or not (about or "TAKEN" in frame):
        await socket.ping()
        errors = socket.heard("error")
        socket.unread.clear()
        return errors[0]["code"] if errors else corpus.DONE
    event = await socket.wait(lambda event: event["type"] in ("ack", "error"), f"an answer to {text[:200]}")
    socket.unread.clear()
    return event["code"] if event["type"] == "error" else corpus.DONE


async def test_each_frame_of_the_corpus_has_its_answer_and_a_bystander_notices_nothing(
    server, places, alice, bob
):
    wrong = []
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            for name, frame, code in corpus.rows():
                got = await answer(socket, frame, places)
                if got != code:
                    wrong.append(f"{name}: {got} instead of {code}")
            assert wrong == []
            await socket.post("still here")
        await bystander.expect("message", text="still here")
        assert bystander.heard("error") == []
        seen = {seq: message["text"] for seq, message in bystander.messages.items()}
        assert seen[places["OTHER"]] == "Bob's"
        assert seen[places["GONE"]] == ""


async def test_an_error_names_the_command_that_it_answers(server, places, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        for name, frame, code in corpus.rows():
            if code == corpus.DONE or not is_readable(frame, places):
                continue
            text, about = filled(frame, places)
            await socket.send_raw(text)
            event = await socket.expect("error")
            assert event.get("id") == about, name
            assert event["message"].endswith("."), name
            assert len(event["message"]) < 300, f"{name}: {event['message']}"


def is_readable(frame: str, places: dict) -> bool:
    """Could a client, or the server, tell which command this was?"""
    text, about = filled(frame, places)
    try:
        parsed = json.loads(text, parse_constant=int)  # NaN is no JSON
        json.dumps(parsed, ensure_ascii=False).encode()  # nor is half of a surrogate pair
    except (ValueError, RecursionError):
        return False
    return bool(about) and len(text) < 16_384 and isinstance(parsed, dict) and parsed.get("id") == about


async def test_nothing_is_done_before_hello(server, places, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        for command, fields in {**corpus.SOUND, "typing": {}, "ping": {}}.items():
            if command != "hello":
                text, _ = filled(corpus.raw(command, **fields), places)
                await socket.send_raw(text)
                assert (await socket.expect("error"))["code"] == "hello_first", command
        assert (await socket.hello())["head"] == places["GONE"] + 1


async def test_a_cursor_ahead_of_the_room_starts_over(server, places, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        epoch = (await socket.hello())["epoch"]
    for since in (10_000, 2**31, 2**53 - 1):
        async with signed_in(server, alice).open("kitchen") as socket:
            welcome = await socket.hello(since=since, epoch=epoch)
            reset = await socket.expect("reset")
            assert (reset["reason"], reset["head"]) == ("ahead", welcome["head"])


async def test_a_cursor_of_another_epoch_starts_over(server, places, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello(since=1, epoch=str(uuid.uuid4()))
        assert (await socket.expect("reset"))["reason"] == "epoch"


async def test_a_binary_frame_is_refused_and_the_socket_lives_on(server, places, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        for frame in (b"", b'{"type":"ping"}', bytes(range(256))):
            await socket.send_raw(frame)
            assert (await socket.expect("error"))["code"] == "malformed"
        await socket.ping()


async def test_a_command_in_fragments_of_one_byte_is_one_command(server, places, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        command = json.dumps(
            {"type": "post", "id": str(uuid.uuid4()), "text": "bit by bit 👍"}, ensure_ascii=True
        )
        await socket.connection.send(list(command))
        await socket.expect("ack")
        await socket.expect("message", text="bit by bit 👍")


BROKEN_UTF_8 = {
    "a lone continuation byte": b"\x80",
    "an overlong slash": b"\xc0\xaf",
    "an encoded surrogate": b"\xed\xa0\x80",
    "beyond the last character": b"\xf4\x90\x80\x80",
    "a letter cut short": b"\xe2\x82",
    "bytes that never occur": b"\xfe\xff",
}


async def test_broken_utf_8_closes_the_socket_that_sent_it_and_no_other(server, places, alice, bob):
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        for name, broken in BROKEN_UTF_8.items():
            async with signed_in(server, alice).open("kitchen") as socket:
                await socket.hello()
                about = str(uuid.uuid4()).encode()
                text = b'{"type":"post","id":"' + about + b'","text":"' + broken + b'"}'
                await socket.connection.send(text, text=True)
                assert await socket.closed() in (1006, 1007), name
        await bystander.post("unharmed")
        assert [text for text in bystander.texts if "unharmed" not in text] == ["Bob's", "mine", ""]


async def test_a_frame_beyond_the_servers_limit_closes_the_socket_that_sent_it_and_no_other(
    server, places, alice, bob
):
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            await socket.send_raw("x" * 1_000_000)
            assert await socket.closed() in (1009, 1006)
        await bystander.post("unharmed")


async def test_a_flood_of_pings_ends_that_socket_and_no_other(site, alice, bob, kitchen):
    server = site.start()  # with its usual limits
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            with suppress(ConnectionClosed):
                for _ in range(2_000):
                    await socket.send("ping")
            assert await socket.closed() == 4429
            assert socket.heard("error", code="flood")
        await bystander.post("unharmed")


async def test_a_flood_of_the_protocols_own_pings_is_slowed_down_and_harms_nobody(server, places, alice, bob):
    """The client is not read for some seconds, then its latest ping is answered."""
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            pongs = [await socket.connection.ping() for _ in range(2_000)]
            await bystander.post("unharmed")
            await socket.expect("message", text="unharmed")
            async with asyncio.timeout(60):
                await asyncio.gather(*pongs)


# ── before the socket opens ──────────────────────────────────────────────────────────────────────


async def refused_with(person, room="kitchen", **options) -> int:
    """The HTTP status of a refused handshake, or the code of an accepted and then closed socket."""
    try:
        async with person.open(room, **options) as socket:
            with suppress(ConnectionClosed):  # some are closed before they say it
                await socket.send("hello", since=None, epoch=None)
            return await socket.closed()
    except InvalidStatus as refusal:
        return refusal.response.status_code


ORIGINS = {
    "another site": "https://evil.example",
    "another port": "http://127.0.0.1:1",
    "another scheme": "https://{host}",
    "a longer host": "http://{host}.evil.example",
    "null": "null",
    "nonsense": "not a url",
    "none": None,
}


async def test_a_foreign_or_missing_origin_is_refused(server, alice, kitchen):
    host = server.url.removeprefix("http://")
    person = signed_in(server, alice)
    for name, origin in ORIGINS.items():
        headers = {"Origin": origin and origin.format(host=host)}
        assert await refused_with(person, headers=headers) in (400, 403), name


COOKIES = {
    "no cookie": "",
    "an unknown session": "sessionid=" + "a" * 32,
    "an empty session": "sessionid=",
    "a session of 8,000 characters": "sessionid=" + "a" * 8_000,
    "a NUL, quoted": 'sessionid="\\000"',
    "letters beyond ASCII": "sessionid=\u00e9\u00ff",
    "SQL": "sessionid=' OR 1=1 --",
    "200 other cookies": "; ".join(f"c{n}={'v' * 20}" for n in range(200)),
    "semicolons": ";;;;=;=;;",
}


async def test_without_a_session_one_is_asked_to_sign_in(server, kitchen):
    for name, cookies in COOKIES.items():
        got = await refused_with(Person(server), headers={"Cookie": cookies})
        assert got in (4401, 400), name


async def test_200_cookies_beside_a_good_session_do_no_harm(server, places, alice):
    person = signed_in(server, alice)
    for number in range(200):
        person.http.cookies.set(f"c{number}", "v" * 20)
    async with person.open("kitchen") as socket:
        await socket.hello()


async def test_an_expired_session_is_asked_to_sign_in(server, places, alice):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    person = signed_in(server, alice)
    Session.objects.update(expire_date=timezone.now())
    assert await refused_with(person) == 4401


ROOMS = [
    "nowhere",
    "vault",
    "%00",
    "a" * 300,
    "..%2F..%2Fetc",
    "kitchen%2F..",
    "Kitchen",
    "кухня",
    "%F0%9F%8D%B3",
]


async def test_a_room_that_one_may_not_see_closes_as_one_that_does_not_exist(server, vault, charlie):
    person = signed_in(server, charlie)
    answers = {room: await refused_with(person, room) for room in ROOMS}
    assert answers == dict.fromkeys(ROOMS, 4404)
