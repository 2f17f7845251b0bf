"""Malformed and unusual frames, and the documented reply to each.

A row is (name, frame, code). Placeholders such as ID and SEQ are filled in before the frame is sent. The code
`ACCEPTED` marks an unusual but valid frame: the reply is an ack or a pong.
"""

from __future__ import annotations

import json
from typing import Any

ACCEPTED = "accepted"
HUGE = "9" * 5_000  # digits
DEEP = 100_000  # levels
BIDI = (
    "\u202a\u202b\u202c\u2066\u2067\u2068\u2069"  # allowed in a message's text: they end with its paragraph
)

Row = tuple[str, str, str]


def frame(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields})


def raw(kind: str, **fields: str) -> str:
    """A frame from the JSON text of each field."""
    return "".join(['{"type":"', kind, '"', *(f',"{name}":{value}' for name, value in fields.items()), "}"])


def post(text: str, **fields: Any) -> str:
    return frame("post", id="ID", text=text, **fields)


NOT_A_COMMAND: list[Row] = [
    ("nothing", "", "malformed"),
    ("a space", " ", "malformed"),
    ("plain text", "hello", "malformed"),
    ("half an object", '{"type":"post","id":"ID","te', "malformed"),
    ("an object and more", '{"type":"ping"}{"type":"ping"}', "malformed"),
    ("an object and a comma", '{"type":"ping"},', "malformed"),
    ("a trailing comma", '{"type":"ping",}', "malformed"),
    ("single quotes", "{'type':'ping'}", "malformed"),
    ("a comment", '{"type":"ping"/* hi */}', "malformed"),
    ("a byte-order mark", '\ufeff{"type":"ping"}', "malformed"),
    ("an escaped byte-order mark", '{"\\ufefftype":"ping"}', "malformed"),
    ("null", "null", "malformed"),
    ("true", "true", "malformed"),
    ("a number", "1", "malformed"),
    ("a negative zero", "-0", "malformed"),
    ("NaN", "NaN", "malformed"),
    ("Infinity", "Infinity", "malformed"),
    ("a float beyond all floats", "1e999", "malformed"),
    ("a string", '"ping"', "malformed"),
    ("an empty array", "[]", "malformed"),
    ("an array of commands", '[{"type":"ping"}]', "malformed"),
    ("an empty object", "{}", "malformed"),
    ("no type", '{"id":"ID","text":"hi"}', "malformed"),
    ("an unknown type", '{"type":"shout"}', "malformed"),
    ("a server's event", '{"type":"ack","id":"ID","seq":1,"rev":1}', "malformed"),
    ("a method's name", '{"type":"receive_frame"}', "malformed"),
    ("a Channels handler's name", '{"type":"websocket.disconnect"}', "malformed"),
    ("an empty type", '{"type":""}', "malformed"),
    ("a type with a capital", '{"type":"Ping"}', "malformed"),
    ("a type with a space", '{"type":"ping "}', "malformed"),
    ("a type with a NUL", '{"type":"ping\\u0000"}', "malformed"),
    ("a key with a capital", '{"Type":"ping"}', "malformed"),
    ("5,000 digits alone", HUGE, "malformed"),
    ("depth of arrays", "[" * 16_000, "malformed"),
    ("depth of objects", '{"a":' * 3_000, "malformed"),
    ("depth in a known field", raw("post", id='"ID"', text="[" * 15_000), "malformed"),
    ("depth in an unknown field", raw("ping", deep="[" * 7_900 + "]" * 7_900), "malformed"),
    ("a tab in a string, unescaped", '{"type":"post","id":"ID","text":"a\tb"}', "malformed"),
    ("a line break in a string, unescaped", '{"type":"post","id":"ID","text":"a\nb"}', "malformed"),
    ("a bad escape", '{"type":"post","id":"ID","text":"\\x41"}', "malformed"),
    ("half a \\u escape", '{"type":"post","id":"ID","text":"\\u00"}', "malformed"),
    ("a prototype", raw("ping", __proto__="{}"), "malformed"),
]

WRONG_TYPES = {
    "null": "null",
    "true": "true",
    "a number": "7",
    "a fraction": "1.5",
    "NaN": "NaN",
    "a string": '"x"',
    "an array": "[]",
    "an object": "{}",
    "5,000 digits": HUGE,
}
VALID = {
    "hello": {"since": "0", "epoch": "null"},
    "post": {"id": '"ID"', "text": '"hi"', "reply_to": "SEQ"},
    "edit": {"id": '"ID"', "seq": "SEQ", "text": '"hi"'},
    "delete": {"id": '"ID"', "seq": "SEQ"},
    "restore": {"id": '"ID"', "seq": "SEQ"},
    "react": {"id": '"ID"', "seq": "SEQ", "emoji": '"👍"', "on": "true"},
    "pin": {"id": '"ID"', "seq": "SEQ", "on": "true"},
    "read": {"seq": "SEQ"},
    "unread": {"seq": "SEQ"},
}
TESTED_ELSEWHERE = {  # values of WRONG_TYPES that a field accepts, or refuses with another code
    "text": {"a string"},
    "emoji": {"a string"},
    "on": {"true"},
    "seq": {"a number"},
    "since": {"null", "a number"},
    "epoch": {"null"},
    "reply_to": {"null", "a number"},
}


def wrong_types() -> list[Row]:
    rows = []
    for kind, fields in VALID.items():
        for field in fields:
            for name, value in WRONG_TYPES.items():
                if name in TESTED_ELSEWHERE.get(field, ()) or (
                    field == "id" and kind != "post" and name == "a string"
                ):
                    continue
                rows.append((f"{kind}.{field} is {name}", raw(kind, **{**fields, field: value}), "malformed"))
    return rows


def missing_fields() -> list[Row]:
    return [
        (f"{kind} without {field}", raw(kind, **{k: v for k, v in fields.items() if k != field}), "malformed")
        for kind, fields in VALID.items()
        for field in fields
        if field not in ("since", "epoch", "reply_to")
    ]


def unknown_fields() -> list[Row]:
    return [
        (f"{kind} with an unknown field", raw(kind, **fields, user="1"), "malformed")
        for kind, fields in {**VALID, "typing": {}, "ping": {}}.items()
    ]


def numbers() -> list[Row]:
    rows = []
    changes = ("edit", "delete", "restore", "react", "pin")
    commands = [*((kind, "seq") for kind in changes), ("post", "reply_to")]
    for kind, field in commands:
        for name, value, code in (
            ("-1", "-1", "malformed"),
            ("-2**63", str(-(2**63)), "malformed"),
            ("0", "0", "no_message"),
            ("one too high", "999999", "no_message"),
            ("2**31", str(2**31), "no_message"),
            ("2**53 - 1", str(2**53 - 1), "no_message"),
            ("2**53", str(2**53), "malformed"),
            ("2**63", str(2**63), "malformed"),
            ("2**64", str(2**64), "malformed"),
            ("an exponent", "1e3", "malformed"),
        ):
            rows.append((f"{kind}.{field} is {name}", raw(kind, **{**VALID[kind], field: value}), code))
    for kind, field in (("read", "seq"), ("unread", "seq"), ("hello", "since")):
        for name, value in (
            ("-1", "-1"),
            ("-2**63", str(-(2**63))),
            ("2**53", str(2**53)),
            ("2**63", str(2**63)),
            ("an exponent", "1e3"),
        ):
            rows.append(
                (f"{kind}.{field} is {name}", raw(kind, **{**VALID[kind], field: value}), "malformed")
            )
    return rows


def characters() -> list[Row]:
    allowed = {"\t", "\n", "\r"}
    rows = [
        (f"U+{n:04X} in a text", post(f"a{chr(n)}b"), ACCEPTED if chr(n) in allowed else "characters")
        for n in range(0x20)
    ]
    rows += [
        (f"U+{n:04X} in a text", post(f"a{chr(n)}b"), "characters")
        for n in (0x7F, 0x80, 0x9B, 0xFDD0, 0xFFFE, 0xFFFF, 0x202D, 0x202E)
    ]
    return [
        *rows,
        ("a high surrogate alone", raw("post", id='"ID"', text='"a\\ud83d"'), "malformed"),
        ("a low surrogate alone", raw("post", id='"ID"', text='"\\ude00b"'), "malformed"),
        ("surrogates the wrong way round", raw("post", id='"ID"', text='"\\ude00\\ud83d"'), "malformed"),
        (
            "a surrogate in an emoji",
            raw("react", id='"ID"', seq="SEQ", emoji='"\\ud83d"', on="true"),
            "malformed",
        ),
        ("surrogates that make a pair", raw("post", id='"ID"', text='"\\ud83d\\ude00"'), ACCEPTED),
        ("bidi embeddings", post(f"a{BIDI}b"), ACCEPTED),
        ("100 accents on one letter", post("a" + "́" * 100), "characters"),
        ("17 accents on one letter", post("a" + "́" * 17), "characters"),
        ("16 accents on one letter", post("a" + "́" * 16), ACCEPTED),
        ("a BOM within a text", post("a\ufeffb"), ACCEPTED),
        ("a joined family", post("👨\u200d👩\u200d👧\u200d👦"), ACCEPTED),
    ]


INVISIBLE_TEXTS = {
    "no character": "",
    "spaces": "   ",
    "line breaks": "\n\n\n",
    "carriage returns": "\r\r",
    "zero-width spaces": "\u200b\u200b",
    "a joiner": "\u200d",
    "a word joiner": "\u2060",
    "a byte-order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "a no-break space": "\u00a0",
    "an ideographic space": "\u3000",
    "Hangul fillers": "\u115f\u1160\u3164\uffa0",
    "a Braille blank": "\u2800",
    "a combining joiner": "\u034f",
    "variation selectors": "\ufe0f\ufe0e\ufe00\U000e0100",
    "Mongolian variation selectors": "\u180b\u180f",
    "line and paragraph separators": "\u2028\u2029",
    "tags": "\U000e0041\U000e007f",
    "a Mongolian vowel separator": "\u180e",
    "bidi controls": BIDI,
}


def texts() -> list[Row]:
    rows = [(f"a text of {name}", post(text), "empty") for name, text in INVISIBLE_TEXTS.items()]
    rows += [(f"an edit to {name}", frame("edit", id="ID", seq="SEQ", text=text), "empty")
             for name, text in INVISIBLE_TEXTS.items()]  # fmt: skip
    return [
        *rows,
        ("4,000 characters", post("x" * 4000), ACCEPTED),
        ("4,001 characters", post("x" * 4001), "too_long"),
        ("an edit to 4,001 characters", frame("edit", id="ID", seq="SEQ", text="x" * 4001), "too_long"),
        ("4,001 characters of two bytes", raw("post", id='"ID"', text=f'"{"é" * 4001}"'), "too_long"),
        ("4,001 astral characters", raw("post", id='"ID"', text=f'"{"😀" * 4001}"'), "too_long"),
        ("1,000 nested quotes", post("> " * 1000 + "deep"), ACCEPTED),
        ("1,000 brackets", post("[" * 1000), ACCEPTED),
        ("1,000 asterisks", post("*a " * 1000), ACCEPTED),
        ("1,000 backticks", post("`" * 1000), ACCEPTED),
        ("16 KiB and one byte", post("x" * 16400), "too_big"),
        ("a depth of 100,000", "[" * DEEP, "too_big"),
        ("60 KiB", post("x" * 60000), "too_big"),
        ("60 KiB of spaces before it", " " * 60000 + '{"type":"ping"}', "too_big"),
    ]


MENTIONS: list[Row] = [
    ("a mention of all by a member", post("<@all>"), "not_all"),
    ("an edit that mentions all", frame("edit", id="ID", seq="SEQ", text="<@all> x"), "not_all"),
    ("a mention of all inside of code", post("`<@all>`"), ACCEPTED),
    ("a mention of nobody", post("<@>"), ACCEPTED),
    ("a mention of 0", post("<@0>"), ACCEPTED),
    ("a mention of a negative id", post("<@-1>"), ACCEPTED),
    ("a mention of an unknown id", post("<@999999999>"), ACCEPTED),
    ("a mention of an id with 18 digits", post(f"<@{'9' * 18}>"), ACCEPTED),
    ("a mention of an id with 19 digits", post(f"<@{'9' * 19}>"), ACCEPTED),
    ("a mention of an id with 3,000 digits", post(f"<@{'9' * 3_000}>"), ACCEPTED),
    ("a mention of an id in Arabic digits", post("<@\u0661>"), ACCEPTED),
    ("a mention that is not closed", post("<@7"), ACCEPTED),
    ("a mention in a mention", post("<@<@7>>"), ACCEPTED),
    ("a mention in a link", post("[<@7>](https://example.org/<@7>)"), ACCEPTED),
    ("600 mentions", post("<@1>\n" * 600), ACCEPTED),
    ("600 mentions of different ids", post("".join(f"<@{n}>" for n in range(1, 601))), ACCEPTED),
    ("1,000 beginnings of mentions", post("<@" * 1_000), ACCEPTED),
    ("a mention's element as text", post('<span class="mention" data-user="1"></span>'), ACCEPTED),
]

OTHER_ROWS: list[Row] = [
    ("a second hello", frame("hello", since=None, epoch=None), "hello_twice"),
    ("an id that is no UUID", raw("post", id='"hello"', text='"hi"'), "malformed"),
    (
        "a UUID in braces",
        raw("post", id='"{00000000-0000-4000-8000-000000000001}"', text='"hi"'),
        "malformed",
    ),
    ("an epoch that is no UUID", raw("hello", since="1", epoch='"x"'), "malformed"),
    ("an empty reference", raw("delete", id='""', seq="SEQ"), "malformed"),
    ("a reference of 65 characters", raw("delete", id=f'"{"r" * 65}"', seq="SEQ"), "malformed"),
    ("no emoji", raw("react", id='"ID"', seq="SEQ", emoji='""', on="true"), "bad_emoji"),
    ("words for an emoji", raw("react", id='"ID"', seq="SEQ", emoji='"lol"', on="true"), "bad_emoji"),
    ("two emoji", raw("react", id='"ID"', seq="SEQ", emoji='"👍👍"', on="true"), "bad_emoji"),
    ("a tag for an emoji", raw("react", id='"ID"', seq="SEQ", emoji='"<b>"', on="true"), "bad_emoji"),
    ("4,000 emoji", raw("react", id='"ID"', seq="SEQ", emoji=f'"{"👍" * 4_000}"', on="true"), "bad_emoji"),
    ("an edit of another's message", raw("edit", id='"ID"', seq="OTHER", text='"mine"'), "not_yours"),
    ("a deletion of another's message", raw("delete", id='"ID"', seq="OTHER"), "not_yours"),
    ("a restoration of another's message", raw("restore", id='"ID"', seq="OTHER"), "not_yours"),
    ("a restoration of another room's message", raw("restore", id='"ID"', seq="ELSEWHERE"), "no_message"),
    ("a restoration of a message that is not deleted", raw("restore", id='"ID"', seq="SEQ"), ACCEPTED),
    ("unread from 0", frame("unread", seq=0), ACCEPTED),
    ("unread far ahead of the room", frame("unread", seq=2**53 - 1), ACCEPTED),
    ("an edit of another room's message", raw("edit", id='"ID"', seq="ELSEWHERE", text='"x"'), "no_message"),
    (
        "a reply to another room's message",
        raw("post", id='"ID"', text='"x"', reply_to="ELSEWHERE"),
        "no_message",
    ),
    ("a client id of another room", raw("post", id='"TAKEN"', text='"again"'), "client_id_reused"),
    ("an edit of a deleted message", raw("edit", id='"ID"', seq="GONE", text='"back"'), "deleted"),
    (
        "a reaction to a deleted message",
        raw("react", id='"ID"', seq="GONE", emoji='"👍"', on="true"),
        "deleted",
    ),
    ("read far ahead of the room", frame("read", seq=2**40), ACCEPTED),
    ("the got command of protocol 1", frame("got", head=1), "malformed"),
    ("whitespace around a command", '  \n{"type" : "ping"}\t ', ACCEPTED),
    ("a key twice, the same", '{"type":"ping","type":"ping"}', ACCEPTED),
    ("a text twice", '{"type":"post","id":"ID","text":"first","text":"last"}', ACCEPTED),
    ("an escaped key", '{"\\u0074ype":"ping"}', ACCEPTED),
]


def rows() -> list[Row]:
    return [
        *NOT_A_COMMAND, *wrong_types(), *missing_fields(), *unknown_fields(), *numbers(), *characters(),
        *texts(), *MENTIONS, *OTHER_ROWS,
    ]  # fmt: skip
