"""Odd input in the admin is refused in words, or finds nothing. It is never a server error."""

import pytest

from chat.actions import sanctions
from chat.models import Room, Sanction, User

pytestmark = pytest.mark.django_db
LISTS = {
    "message": ("room", "person", "since", "until", "words", "state"),
    "user": ("name", "email", "kind", "role", "state", "since", "until"),
    "room": ("name", "topic", "kind", "state"),
    "membership": ("person", "room", "role"),
    "case": ("person", "reporter", "room", "state", "since", "until"),
    "sanction": ("person", "address", "room", "by", "kind", "state", "since", "until"),
    "heldmessage": ("person", "room", "state"),
    "rule": ("pattern", "room", "where", "effect"),
    "auditentry": ("action", "actor", "person", "room", "since", "until"),
}
ODD = [
    "%00", "a%00b", "%ED%A0%80", "%F0%9F%91%A9", str(2**63), "-1", "9" * 150, "x" * 5_000, "%", "\\", "'",
    "0001-01-01", "9999-12-31", "2026-02-30", "%E2%80%AE", "1e400", "NaN",
]  # fmt: skip
NUMBERS = [2**31, 2**63 - 1, 2**63, 10**30]
EAST = "Asia/Jakarta"  # where the first day of the calendar begins before the year 1 in UTC


@pytest.fixture
def rut(client, database):
    rut = User.objects.create_superuser("rut", name="Rut")
    client.force_login(rut, backend="django.contrib.auth.backends.ModelBackend")
    return rut


@pytest.mark.parametrize("model", LISTS)
def test_a_search_with_odd_values_is_answered(client, rut, kitchen, settings, model):
    settings.TIME_ZONE = EAST
    for value in ODD:
        query = "&".join(f"{field}={value}" for field in LISTS[model])
        assert client.get(f"/admin/chat/{model}/?{query}").status_code == 200, query
    for query in ("p=99999999999999999999", "o=9.9", "all=", "q=%00"):
        assert client.get(f"/admin/chat/{model}/?{query}").status_code in (200, 302), query


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_no_row_has_is_not_found(client, rut, kitchen, number):
    for model in LISTS:
        for path in (f"{model}/{number}/change/", f"{model}/{number}/decide/"):
            assert client.get(f"/admin/chat/{path}").status_code in (302, 404), path
    for path in (f"room/{number}/open/", f"message/at/{number}/1/", f"message/at/1/{number}/"):
        assert client.get(f"/admin/chat/{path}").status_code == 404, path
    forms = [f"{subject}{number}/{form}/" for subject in ("", "people/") for form in ("report", "moderate")]
    for path in [*forms, f"moderation/cases/{number}/"]:
        assert client.get(f"/rooms/kitchen/{path}").status_code == 404, path
    posts = [
        f"rules/{number}/remove/", f"moderation/held/{number}/", f"moderation/sanctions/{number}/lift/",
        f"moderation/sanctions/{number}/answer/",
    ]  # fmt: skip
    for path in posts:
        assert client.post(f"/rooms/kitchen/{path}").status_code == 404, path
    for path in ("acknowledge", "appeal"):
        assert client.post(f"/sanctions/{number}/{path}/", {"words": "x"}).status_code < 500, path


@pytest.mark.parametrize("words", ["a\x00b", "\x01", "\u202e", "x" * 10_000, "\ud800"])
def test_odd_words_in_forms_are_refused_in_words(client, rut, kitchen, alice, words):
    mute = sanctions.impose(Sanction.MUTE, alice, by=rut, room=kitchen, reason="Spam")
    forms = {
        f"/admin/chat/user/{alice.pk}/decide/": {"_sanction": 1, "kind": "warning", "words": words},
        f"/admin/chat/sanction/{mute.pk}/decide/": {"_lift": 1, "reason": words},
        f"/admin/chat/room/{kitchen.pk}/decide/": {"_calm": 1, "reason": words},
        "/admin/chat/rule/add/": {"_try": 1, "text": words},
        "/rooms/kitchen/rules/": {"text": words},
        "/rooms/kitchen/moderation/mode/": {"do": "calm", "reason": words},
        f"/rooms/kitchen/people/{alice.pk}/report/": {"reason": "spam", "words": words},
        f"/rooms/kitchen/people/{alice.pk}/moderate/": {"act": "warning", "words": words},
    }
    for path, data in forms.items():
        body = "&".join(f"{name}={quoted(str(value))}" for name, value in data.items())
        answer = client.post(path, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, path
    assert Room.objects.exists()


def test_a_text_that_cannot_be_posted_is_kept_in_the_trial_of_rules(client, rut):
    page = client.post("/admin/chat/rule/add/", {"_try": "1", "text": "wares \u202e for sale"})
    assert page.status_code == 422 and "wares" in page.content.decode()


def quoted(words: str) -> str:
    return "".join(f"%{byte:02X}" for byte in words.encode(errors="surrogatepass"))
