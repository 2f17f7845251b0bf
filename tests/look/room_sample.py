"""A room with a description, pinned messages and an invite link."""

from __future__ import annotations

DESCRIPTION = """Everybody waters on **one day of the week**. Tools are in the shed; the key hangs there.

- [The watering plan](https://example.org/garden/plan)
- [What grows where](https://example.org/garden/beds)
- Questions: ask Budi"""


def tend(garden, people) -> None:
    """Ayu owns the garden, and Budi moderates it."""
    from chat.actions import descriptions, join_links, members
    from chat.actions.changes import Pin
    from chat.actions.messages import post

    from .sample import say

    ayu, budi = people["Ayu"], people["Budi"]
    members.add(garden, budi, "moderator", by=ayu)
    descriptions.describe(garden, by=ayu, description=DESCRIPTION)
    plan = say(garden, budi, "**Watering in March**: Mon Ayu, Tue Citra, Wed Dewi, Thu Eko, Fri Budi")
    say(garden, people["Citra"], "Can somebody take my Tuesday? I am away.")
    seeds = say(
        garden, people["Dewi"], "Seeds are in: https://example.org/seeds?list=2026\n\n- beans\n- chilli"
    )
    post([Pin(garden.pk, budi.pk, seq, True) for seq in (plan, seeds)])
    join_links.make(garden, by=budi, age="week", uses="25")
    join_links.make(garden, by=ayu, age="never", uses="")
