"""Malformed HTTP requests to pages and JSON endpoints: each gets its documented status, never a 500."""

import json
import uuid

import pytest

from tests.wire import Person, signed_in

from .corpus import BIDI, HUGE

HISTORY = "/rooms/kitchen/messages/"

QUERIES = {
    "before=": 400,
    "before=x": 400,
    "before=-1": 400,
    "before=1.5": 400,
    "before=NaN": 400,
    "before=true": 400,
    "before=%00": 400,
    "before=1%00": 400,
    "before=١٢": 400,
    "before=0x10": 400,
    "before=1_000": 400,
    "before=+1": 400,
    f"before={2**31}": 200,
    f"before={2**53}": 400,
    f"before={2**63}": 400,
    f"before={HUGE}": 400,
    "after=-1": 400,
    f"after={2**64}": 400,
    "around=x": 400,
    "before=1&after=1": 400,
    "limit=0": 400,
    "limit=-1": 400,
    "limit=x": 400,
    f"limit={HUGE}": 400,
    "limit=1": 200,
    "unknown=1": 200,
    "before=5&before=x": 400,
    "%FF=1": 200,
    "before[]=1": 200,
    "&&&=&": 200,
}

BODIES = {
    "nothing": (b"", 400),
    "plain text": (b"hello", 400),
    "NaN": (b"NaN", 400),
    "an array": (b"[]", 400),
    "depth": (b"[" * 15_000, 400),
    "5,000 digits": (HUGE.encode(), 400),
    "broken UTF-8": (b'{"id":"ID","text":"\xff"}', 400),
    "a byte-order mark": (b'\xef\xbb\xbf{"id":"ID","text":"x"}', 400),
    "UTF-16": (b"\xff\xfe{\x00", 400),
    "no id": (b'{"text":"x"}', 400),
    "no text": (b'{"id":"ID"}', 400),
    "an unknown field": (b'{"id":"ID","text":"x","author":1}', 400),
    "an id that is no UUID": (b'{"id":"x","text":"x"}', 400),
    "a lone surrogate": (b'{"id":"ID","text":"\\ud83d"}', 400),
    "a NUL": (b'{"id":"ID","text":"a\\u0000b"}', 422),
    "an empty text": (b'{"id":"ID","text":""}', 422),
    "4,001 characters": (json.dumps({"id": "ID", "text": "x" * 4_001}).encode(), 422),
    "a reply to a missing message": (b'{"id":"ID","text":"x","reply_to":999}', 404),
    "a reply to 2**63": (b'{"id":"ID","text":"x","reply_to":9223372036854775808}', 400),
    "a reply to true": (b'{"id":"ID","text":"x","reply_to":true}', 400),
    "20 KiB": (b'{"id":"ID","text":"' + b"x" * 20_000 + b'"}', 413),
    "3 MiB": (b"x" * 3_000_000, 413),
}


@pytest.fixture
async def browser(site, alice, bob, kitchen, vault):
    """Alice's browser with a CSRF token. Alice is not a member of the vault here."""
    vault.members.remove(alice)
    person = signed_in(site.start(), alice)
    await person.get("/rooms/kitchen/")
    return person


async def statuses(person, requests) -> dict[str, int]:
    """Send each request (name → method, path, options) and return the status codes."""
    found = {}
    for name, (method, path, options) in requests.items():
        answer = await person.http.request(method, path, **options)
        found[name] = answer.status_code
    return found


async def test_each_unusual_query_of_the_history_gets_its_status(browser):
    requests = {query: ("GET", f"{HISTORY}?{query}", {}) for query in QUERIES}
    assert await statuses(browser, requests) == QUERIES


async def test_each_malformed_post_gets_its_status_and_none_is_stored(browser, kitchen):
    headers = {"Content-Type": "application/json", "X-CSRFToken": browser.http.cookies["csrftoken"]}
    requests = {}
    for name, (body, _) in BODIES.items():
        content = body.replace(b"ID", str(uuid.uuid4()).encode())
        requests[name] = "POST", HISTORY, {"content": content, "headers": headers}
    assert await statuses(browser, requests) == {name: status for name, (_, status) in BODIES.items()}
    assert kitchen.messages.count() == 0


PATHS = {
    "a number above every database integer": ("/rooms/kitchen/99999999999999999999999/", 404),
    "2**63": (f"/rooms/kitchen/{2**63}/", 404),
    "0": ("/rooms/kitchen/0/", 404),
    "a negative number": ("/rooms/kitchen/-1/", 404),
    "a missing message": ("/rooms/kitchen/1/", 404),
    "digits of another script": ("/rooms/kitchen/\u0661/", 404),
    "5,000 digits": (f"/rooms/kitchen/{HUGE}/", 404),
    "a NUL": ("/rooms/%00/", 404),
    "a NUL within": ("/rooms/kit%00chen/", 404),
    "broken UTF-8": ("/rooms/%FF%FE/", 404),
    "an encoded surrogate": ("/rooms/%ED%A0%80/", 404),
    "10,000 letters": ("/rooms/" + "a" * 10_000 + "/", 404),
    "a path traversal": ("/rooms/..%2F..%2Fetc%2Fpasswd/", 404),
    "a path traversal in static files": ("/static/..%2F..%2Fmanage.py", 404),
    "a path traversal, encoded twice": ("/static/%252e%252e/settings.py", 404),
    "a backslash": ("/rooms/%5C%5Cevil/", 404),
    "bidi controls": (f"/rooms/{BIDI}/", 404),
    "a private room": ("/rooms/vault/", 404),
    "its history": ("/rooms/vault/messages/", 404),
    "its first message": ("/rooms/vault/1/", 404),
    "a missing room": ("/rooms/nowhere/", 404),
    "a template's braces": ("/rooms/{{7*7}}/", 404),
}


@pytest.mark.once
async def test_each_malformed_url_is_not_found(browser):
    requests = {name: ("GET", path, {}) for name, (path, _) in PATHS.items()}
    assert await statuses(browser, requests) == {name: status for name, (_, status) in PATHS.items()}


async def test_a_private_room_gives_an_outsider_the_same_response_as_a_missing_room(browser):
    for path in ("", "messages/", "1/"):
        private, missing = [await browser.get(f"/rooms/{room}/{path}") for room in ("vault", "nowhere")]
        assert private.status_code == missing.status_code == 404
        assert private.text.replace("vault", "nowhere") == missing.text


METHODS = ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO"]


@pytest.mark.once
async def test_unsupported_methods_are_refused(browser):
    headers = {"X-CSRFToken": browser.http.cookies["csrftoken"]}
    for path in ("/", "/rooms/kitchen/", HISTORY):
        for method in METHODS:
            answer = await browser.http.request(method, path, headers=headers)
            assert answer.status_code in (400, 405), f"{method} {path}"


NAMES = {
    "nothing": "",
    "spaces": "   ",
    "a NUL": "Ayu\0",
    "a line break": "Ayu\nBudi",
    "an escape": "\x1b[31mAyu",
    "a right-to-left override": "Ayu\u202e",
    "invisible": "\u200b\u200d",
    "41 letters": "a" * 41,
    "100,000 letters": "a" * 100_000,
    "a flood of accents": "a" + "\u0301" * 100,
    "a noncharacter": "Ayu\uffff",
}


async def test_each_invalid_display_name_or_room_name_is_refused_by_the_entry_form(browser):
    visitor = Person(browser.url)
    for fault, text in NAMES.items():
        for fields in ({"username": text, "room": "kitchen"}, {"username": "Ayu", "room": text * 2}):
            answer = await visitor.submit("/", **fields)
            expected = 413 if len(text) > 60_000 else 422
            assert answer.status_code == expected, f"{fault}: {fields.keys()}"


HEADERS = {
    "a foreign host": ({"Host": "evil.example"}, 400),
    "a host with a space": ({"Host": "a b"}, 400),
    "two hosts": ({"Host": "127.0.0.1,evil.example"}, 400),
    "200 cookies": ({"Cookie": "; ".join(f"c{n}=v" for n in range(200))}, 200),
    "an invalid session key": ({"Cookie": "sessionid=../../etc"}, 200),
    "a session of 8,000 letters": ({"Cookie": "sessionid=" + "a" * 8_000}, 200),
    "malformed cookies": ({"Cookie": ';;=;==;"\\000'}, 200),
    "a forwarded host": ({"X-Forwarded-Host": "evil.example"}, 200),
    "1,000 languages": ({"Accept-Language": ",".join(["xx-yy;q=0.1"] * 1_000)}, 200),
    "a language that is a path": ({"Accept-Language": "../../etc/passwd"}, 200),
    "an invalid date": ({"If-Modified-Since": "yesterday"}, 200),
    "ranges": ({"Range": "bytes=0-,0-,0-"}, 200),
}


@pytest.mark.once
async def test_each_unusual_header_gets_its_status(browser):
    visitor = Person(browser.url)
    requests = {name: ("GET", "/", {"headers": headers}) for name, (headers, _) in HEADERS.items()}
    assert await statuses(visitor, requests) == {name: status for name, (_, status) in HEADERS.items()}


async def test_a_post_without_a_csrf_token_changes_nothing(browser, kitchen):
    body = json.dumps({"id": str(uuid.uuid4()), "text": "forged"})
    for headers in ({}, {"X-CSRFToken": "x" * 32}, {"X-CSRFToken": ""}):
        answer = await browser.http.post(HISTORY, content=body, headers=headers)
        assert answer.status_code == 403
    for path in ("/", "/rooms/kitchen/", "/rooms/new/", "/accounts/logout/"):
        assert (await browser.http.post(path, data={"text": "forged"})).status_code == 403, path
    assert kitchen.messages.count() == 0
