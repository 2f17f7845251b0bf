"""A moderator who acts all the time, in a process of its own: mutes, bans, hides and lifts.

It runs in the environment of the web processes until its standard input closes. It publishes no hints, as
with a dead Redis. All its sanctions end by themselves, since it cannot lift them while the database is down.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

PAUSE = 0.2  # seconds, on average
SECONDS = 1.5, 4.0  # of a mute
BANNED_SECONDS = 1.5


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatproject.settings"
    import django

    django.setup()
    from django.db import Error, connection

    plan, stop = json.loads(sys.argv[1]), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    generator = random.Random(plan["seed"])
    print("ready", flush=True)
    while not stop.wait(generator.expovariate(1 / PAUSE)):
        try:
            act(plan["clients"], generator)
        except Error:  # an injected fault
            connection.close()


def act(clients: list[dict[str, Any]], generator: random.Random) -> None:
    from chat.actions import sanctions
    from chat.models import Room, Sanction, User
    from chat.refusals import Refusal

    moderator = User.objects.get(username="moderator")
    if generator.random() < 0.3:
        found = Sanction.objects.in_force().order_by("?").first()
        if found is not None:
            with suppress(Refusal):  # it has just ended
                sanctions.lift(found, by=moderator)
        return
    client = generator.choice(clients)
    person, room = User.objects.get(pk=client["user"]), Room.objects.get(pk=client["room"])
    is_ban = client["may_be_banned"]
    sanctions.impose(
        Sanction.BAN if is_ban else Sanction.MUTE,
        person,
        by=moderator,
        room=room if generator.random() < 0.8 else None,
        reason="Chaos",
        duration=timedelta(seconds=BANNED_SECONDS if is_ban else generator.uniform(*SECONDS)),
        hides_messages=not client["posts_only"] and generator.random() < 0.1,
    )


if __name__ == "__main__":
    main()
