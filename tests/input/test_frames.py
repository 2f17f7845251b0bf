"""Malformed and hostile frames: each gets its documented reply, and no other client is affected."""

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
async def placeholders(server, alice, bob, kitchen, vault):
    """The values of the corpus' placeholders, in rooms with messages of two people."""
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


def fill_in(frame: str, placeholders: dict) -> tuple[str, str]:
    """The frame with its placeholders filled in, and the id that its reply must carry ("" for any)."""
    command_id = str(uuid.uuid4())
    text = frame.replace('"SEQ"', "SEQ")
    for name, value in placeholders.items():
        text = text.replace(name, str(value))
    return text.replace("ID", command_id), command_id if "ID" in frame else ""


async def send_frame(socket, frame: str, placeholders: dict) -> str:
    """Send a frame and return the code of the error, or ACCEPTED."""
    text, command_id = fill_in(frame, placeholders)
    await socket.send_raw(text)
    if '"ping"' in text or not (command_id or "TAKEN" in frame):
        await socket.ping()
        errors = socket.heard("error")
        socket.unread.clear()
        return errors[0]["code"] if errors else corpus.ACCEPTED
    event = await socket.wait(lambda event: event["type"] in ("ack", "error"), f"a reply to {text[:200]}")
    socket.unread.clear()
    return event["code"] if event["type"] == "error" else corpus.ACCEPTED


async def test_each_frame_of_the_corpus_gets_its_reply_and_other_clients_are_unaffected(
    server, placeholders, alice, bob
):
    wrong = []
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            for name, frame, code in corpus.rows():
                actual = await send_frame(socket, frame, placeholders)
                if actual != code:
                    wrong.append(f"{name}: {actual} instead of {code}")
            assert wrong == []
            await socket.post("still here")
        await bystander.expect("message", text="still here")
        assert bystander.heard("error") == []
        seen = {seq: message["text"] for seq, message in bystander.messages.items()}
        assert seen[placeholders["OTHER"]] == "Bob's"
        assert seen[placeholders["GONE"]] == ""


@pytest.mark.once
async def test_an_error_carries_the_id_of_its_command(server, placeholders, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        for name, frame, code in corpus.rows():
            if code == corpus.ACCEPTED or not has_readable_id(frame, placeholders):
                continue
            text, command_id = fill_in(frame, placeholders)
            await socket.send_raw(text)
            event = await socket.expect("error")
            assert event.get("id") == command_id, name
            assert event["message"].endswith("."), name
            assert len(event["message"]) < 300, f"{name}: {event['message']}"


def has_readable_id(frame: str, placeholders: dict) -> bool:
    """Return whether the id of the command can be read from the frame."""
    text, command_id = fill_in(frame, placeholders)
    try:
        parsed = json.loads(text, parse_constant=int)  # NaN is not JSON
        json.dumps(parsed, ensure_ascii=False).encode()  # neither is a lone surrogate
    except (ValueError, RecursionError):
        return False
    return (
        bool(command_id)
        and len(text) < 16_384
        and isinstance(parsed, dict)
        and parsed.get("id") == command_id
    )


@pytest.mark.once
async def test_every_command_before_hello_is_refused(server, placeholders, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        for command, fields in {**corpus.VALID, "typing": {}, "ping": {}}.items():
            if command != "hello":
                text, _ = fill_in(corpus.raw(command, **fields), placeholders)
                await socket.send_raw(text)
                assert (await socket.expect("error"))["code"] == "hello_first", command
        assert (await socket.hello())["head"] == placeholders["GONE"] + 1


async def test_a_cursor_ahead_of_the_room_gets_a_reset(server, placeholders, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        epoch = (await socket.hello())["epoch"]
    for since in (10_000, 2**31, 2**53 - 1):
        async with signed_in(server, alice).open("kitchen") as socket:
            welcome = await socket.hello(since=since, epoch=epoch)
            reset = await socket.expect("reset")
            assert (reset["reason"], reset["head"]) == ("ahead", welcome["head"])


async def test_a_cursor_of_another_epoch_gets_a_reset(server, placeholders, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello(since=1, epoch=str(uuid.uuid4()))
        assert (await socket.expect("reset"))["reason"] == "epoch"


@pytest.mark.once
async def test_a_binary_frame_is_refused_and_the_connection_stays_open(server, placeholders, alice):
    async with signed_in(server, alice).open("kitchen") as socket:
        await socket.hello()
        for frame in (b"", b'{"type":"ping"}', bytes(range(256))):
            await socket.send_raw(frame)
            assert (await socket.expect("error"))["code"] == "malformed"
        await socket.ping()


@pytest.mark.once
async def test_a_command_in_fragments_of_one_byte_is_accepted(server, placeholders, alice):
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
    "a code point above the last one": b"\xf4\x90\x80\x80",
    "a truncated character": b"\xe2\x82",
    "bytes that never occur": b"\xfe\xff",
}


@pytest.mark.once
async def test_broken_utf_8_closes_only_the_connection_that_sent_it(server, placeholders, alice, bob):
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        for name, broken in BROKEN_UTF_8.items():
            async with signed_in(server, alice).open("kitchen") as socket:
                await socket.hello()
                command_id = str(uuid.uuid4()).encode()
                text = b'{"type":"post","id":"' + command_id + b'","text":"' + broken + b'"}'
                await socket.connection.send(text, text=True)
                assert await socket.closed() in (1006, 1007), name
        await bystander.post("unharmed")
        assert [text for text in bystander.texts if "unharmed" not in text] == ["Bob's", "mine", ""]


@pytest.mark.once
async def test_a_frame_above_the_size_limit_closes_only_the_connection_that_sent_it(
    server, placeholders, alice, bob
):
    async with signed_in(server, bob).open("kitchen") as bystander:
        await bystander.hello()
        async with signed_in(server, alice).open("kitchen") as socket:
            await socket.hello()
            await socket.send_raw("x" * 1_000_000)
            assert await socket.closed() in (1009, 1006)
        await bystander.post("unharmed")


@pytest.mark.once
async def test_a_flood_of_pings_closes_only_the_connection_that_sent_it(site, alice, bob, kitchen):
    server = site.start()  # with the default limits
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


@pytest.mark.once
@pytest.mark.waits
async def test_a_flood_of_websocket_pings_is_throttled_and_affects_no_other_client(
    server, placeholders, alice, bob
):
    """The server stops reading from the client for some seconds, then answers its latest ping."""
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
    """The HTTP status of a refused handshake, or the close code after an accepted one."""
    try:
        async with person.open(room, **options) as socket:
            with suppress(ConnectionClosed):  # the server may close the connection first
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


@pytest.mark.once
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


async def test_a_connection_without_a_valid_session_is_refused(server, kitchen):
    for name, cookies in COOKIES.items():
        status = await refused_with(Person(server), headers={"Cookie": cookies})
        assert status in (4401, 400), name


@pytest.mark.once
async def test_a_valid_session_among_200_other_cookies_is_accepted(server, placeholders, alice):
    person = signed_in(server, alice)
    for number in range(200):
        person.http.cookies.set(f"c{number}", "v" * 20)
    async with person.open("kitchen") as socket:
        await socket.hello()


async def test_a_connection_with_an_expired_session_is_refused(server, placeholders, alice):
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


async def test_a_private_room_and_a_missing_room_refuse_an_outsider_with_the_same_code(
    server, vault, charlie
):
    person = signed_in(server, charlie)
    codes = {room: await refused_with(person, room) for room in ROOMS}
    assert codes == dict.fromkeys(ROOMS, 4404)
