"""The hot queries: the time that those of a socket take, and the plans of all, pages included.

`python -m bench.queries SLUG --time --explain`, with Obrolan's environment variables, prints JSON. The
queries are captured while the real views and actions run, so none is missing here.
"""

import json
import os
import sys
from time import perf_counter
from uuid import uuid4

import django

REPEATS = 15  # of each operation, in each of several rounds
MISSED = 50  # changes that a client reads after a reconnect


def main(slug: str, *options: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from chat.actions.messages import Draft, post
    from chat.models import Message, Room, User

    room = Room.objects.get(slug=slug)
    guest = User.objects.filter(is_guest=True, memberships__room=room).order_by("pk")[0]
    middle = max(1, room.head // 2)
    clients = {
        "guest": Client(headers={"host": "127.0.0.1"}),
        "admin": Client(headers={"host": "127.0.0.1"}),
    }
    clients["guest"].force_login(guest, settings.AUTHENTICATION_BACKENDS[-1])
    clients["admin"].force_login(User.objects.get(is_superuser=True), settings.AUTHENTICATION_BACKENDS[-1])

    def get(path: str, user: str = "guest") -> None:
        response = clients[user].get(path)
        assert response.status_code == 200, f"GET {path} returned {response.status_code}"

    def missed_changes() -> None:
        list(Message.objects.filter(room=room).changed_since(max(0, room.head - MISSED))[:MISSED])

    def room_heads() -> None:
        list(Room.objects.filter(pk__in=range(room.pk, room.pk + 10)).values_list("pk", "head"))

    def post_and_roll_back() -> None:
        with transaction.atomic():
            post([Draft(room.pk, guest.pk, uuid4(), "tea")])
            transaction.set_rollback(True)

    timed = {
        "missed changes": missed_changes,
        "heads of open rooms": room_heads,
        "post, rolled back": post_and_roll_back,
    }
    pages = {
        "room page": lambda: get(f"/rooms/{slug}/"),
        "older messages": lambda: get(f"/rooms/{slug}/messages/?before={middle}&limit=50"),
        "permalink": lambda: get(f"/rooms/{slug}/{middle}/"),
        "lobby": lambda: get("/"),
        "admin: messages": lambda: get("/admin/chat/message/", "admin"),
        "admin: search": lambda: get("/admin/chat/message/?q=kettle", "admin"),
    }
    results: list[dict] = []
    if "--time" in options:
        for name, run in timed.items():
            run()
            results.append({"operation": name, "seconds": [seconds(run) for _ in range(REPEATS)]})
    if "--explain" in options:
        for name, run in {**pages, **timed}.items():
            with CaptureQueriesContext(connection) as captured:
                run()
            plans = [explain(connection, query["sql"]) for query in captured.captured_queries]
            results.append({"operation": name, "plans": [plan for plan in plans if plan]})
    print(json.dumps(results))


def seconds(run) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started


def explain(connection, sql: str) -> dict | None:
    """The plan of a SELECT or UPDATE that concerns the chat's tables, and None for other statements."""
    if not sql.startswith(("SELECT", "UPDATE")) or "chat_" not in sql:
        return None
    prefix = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN (COSTS OFF) "
    with connection.cursor() as cursor:
        cursor.execute(prefix + sql)
        lines = [str(row[-1]) for row in cursor.fetchall()]
    return {"sql": sql, "plan": lines, "scans": [line.strip() for line in lines if is_full_scan(line)]}


def is_full_scan(line: str) -> bool:
    """Whether a line of a plan reads all messages: "Seq Scan on chat_message", "SCAN chat_message"."""
    return "Seq Scan on chat_message" in line or ("SCAN chat_message" in line and "INDEX" not in line)


if __name__ == "__main__":
    main(*sys.argv[1:])
