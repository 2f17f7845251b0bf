"""The pages of the admin with a million messages: queries, and time in the server.

`python -m bench.admin` fills a database in a temporary folder and prints a table. `full` as an argument uses
PostgreSQL, `small` a hundredth of the rows. The exit status is 1 if a page is above a limit.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from time import perf_counter

import django

MAX_QUERIES = 15
MAX_MS = 300  # in the server
REPEATS = 5


def main(*options: str) -> int:
    from tests.web import Stack

    kind = "full" if "full" in options else "embedded"
    with Stack(kind) as stack, stack.site() as site:
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        os.environ.update({**site.env, "DJANGO_SETTINGS_MODULE": "chatproject.settings"})
        django.setup()
        from .admin_data import Size, fill

        client = logged_in()
        started = perf_counter()
        size = Size(10_000, 1_000, 100, 50, 200, 50, 1_000, 50) if "small" in options else Size()
        fill(size)
        print(f"{kind}, filled in {perf_counter() - started:.0f} s: {size}\n")
        return table(client, pages())


def logged_in():
    from django.test import Client

    from chat.models import User

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(
        User.objects.create_superuser("moderator"), "django.contrib.auth.backends.ModelBackend"
    )
    return client


def pages() -> Iterator[tuple[str, str]]:
    """Name and address of each page, with each field of the search forms."""
    from django.apps import apps

    from chat.models import Case, Message, User

    busy_person, busy_room = "person1", "room1"
    days = {"since": "2020-01-01", "until": "2030-01-01"}
    searches = {
        "message": [
            {"person": busy_person}, {"person": "person77"}, {"room": busy_room}, {"room": "room77"},
            {"words": "kettle"}, {"words": "nothing like this"}, {"state": "hidden"}, {"state": "shown"},
            days,
            {"person": busy_person, "room": busy_room}, {"person": "person77", "room": busy_room},
            {"person": busy_person, "words": "nothing like this"}, {"room": busy_room, "until": "2025-06-01"},
            {"room": "room77", **days}, {"person": "person77", **days}, {"room": "room77", "state": "hidden"},
            {"person": busy_person, "room": "room77", "state": "hidden"}, {"p": 20},
        ],
        "user": [
            {"name": "person7"}, {"name": "nobody"}, {"email": "a@example.org"}, {"kind": "guests"},
            {"role": "moderators"}, {"state": "deactivated"}, {"state": "sanctioned"}, days,
            {"name": "person", "kind": "guests", "state": "deactivated"}, {"since": "2030-01-01"},
        ],
        "room": [{"name": "77"}, {"topic": "nothing"}, {"kind": "private"}, {"state": "limited"}],
        "membership": [{"person": busy_person}, {"room": busy_room}, {"role": "owner"}],
        "case": [
            {"person": busy_person}, {"reporter": "person77"}, {"room": busy_room}, {"state": "open"},
            {"state": "mine"}, {"state": "closed"}, days,
        ],
        "sanction": [
            {"person": busy_person}, {"room": busy_room}, {"by": "moderator"}, {"kind": "ban"},
            {"state": "force"}, {"state": "today"}, {"state": "appealed"}, {"state": "over"}, days,
            {"address": "192.0.2.1"},
        ],
        "heldmessage": [
            {"person": "person77"}, {"room": busy_room}, {"state": "waiting"}, {"state": "refused"},
        ],
        "rule": [{"pattern": "word7"}, {"room": busy_room}, {"where": "site"}],
        "invitation": [],
        "auditentry": [
            {"action": "hide"}, {"action": "mute"}, {"actor": "moderator"}, {"person": busy_person},
            {"actor": "obrolan"}, days,
        ],
    }  # fmt: skip
    yield "index", "/admin/"
    from urllib.parse import urlencode

    for model, fields in searches.items():
        for search in [{}, *fields]:
            query = f"?{urlencode(search)}" if search else ""
            yield f"{model}{query}", f"/admin/chat/{model}/{query}"
        row = apps.get_model("chat", model).objects.order_by("-pk").first()
        if row is not None and model not in ("rule", "invitation"):
            yield f"page of a {model}", f"/admin/chat/{model}/{row.pk}/change/"
    busiest = User.objects.get(username=busy_person)
    yield "page of the busiest person", f"/admin/chat/user/{busiest.pk}/change/"
    case = Case.objects.filter(room__kind="public", closed_at=None).first()
    yield "page of an open case", f"/admin/chat/case/{case.pk}/change/"
    yield "page of a message", f"/admin/chat/message/{case.message_id}/change/"
    assert Message.objects.exists()


def table(client, wanted: Iterator[tuple[str, str]]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    print("| page | queries | ms, best of 5 | slowest query, ms |\n|---|---|---|---|")
    above = 0
    for name, path in wanted:
        client.get(path)
        times = []
        for _ in range(REPEATS):
            started = perf_counter()
            page = client.get(path)
            times.append((perf_counter() - started) * 1000)
            assert page.status_code == 200, path
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        slowest = max(float(query["time"]) * 1000 for query in captured.captured_queries)
        ms = min(times)  # other work on the machine only adds to it
        is_above = len(captured) > MAX_QUERIES or ms > MAX_MS
        above += is_above
        mark = " **above**" if is_above else ""
        print(f"| {name}{mark} | {len(captured)} | {ms:.0f} | {slowest:.0f} |", flush=True)
        if is_above and "-v" in sys.argv:
            print(max(captured.captured_queries, key=lambda query: float(query["time"]))["sql"][:1500])
    print(f"\n{above} pages above {MAX_QUERIES} queries or {MAX_MS} ms.")
    return int(above > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
