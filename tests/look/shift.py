"""Layout shift while a room is open and messages, reactions, edits, deletions and quotes arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from .sample import say
from .site import Look

OBSERVE = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, hadRecentInput, sources } of list.getEntries()) {
            if (hadRecentInput) continue;
            const nodes = sources.map(({ node }) => node?.className || node?.nodeName || "?");
            window.shifts.push({ value, nodes });
        }
    }).observe({ type: "layout-shift", buffered: true });
"""
TAKE = (
    "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(shifts.splice(0)), 100)))"
)
UP = 300  # pixels that the reader is away from the end


@dataclass
class Shift:
    what: str
    screen: str
    value: float
    nodes: list[str]


def measure(look: Look) -> Iterator[Shift]:
    for phone in (False, True):
        for up in (0, UP):
            with look.visitor(phone=phone, person="Citra") as visitor:
                visitor.context.add_init_script(OBSERVE)
                visitor.join_room(look.sample.kitchen.slug)
                visitor.scroll_to(up)
                where = f"{'phone' if phone else 'wide'}, {'reading above' if up else 'at the end'}"
                yield taken(visitor.page, "the page opens", where)
                for what, change in CHANGES.items():
                    change(look, visitor.page)
                    yield taken(visitor.page, what, where)


def taken(page: Page, what: str, where: str) -> Shift:
    entries = page.evaluate(TAKE)
    nodes = sorted({node for entry in entries for node in entry["nodes"]})
    return Shift(what, where, sum(entry["value"] for entry in entries), nodes)


# ── changes by Budi, and the wait until the page shows them ──────────────────────────────────────


def act(look: Look, kind, seq: int, *values) -> None:
    from chat.actions.messages import post

    post([kind(look.sample.kitchen.pk, look.sample.people["Budi"].pk, seq, *values)])


def latest(look: Look) -> int:
    look.sample.kitchen.refresh_from_db()
    return look.sample.kitchen.messages.order_by("-seq").values_list("seq", flat=True)[0]


def row(page: Page, seq: int):
    return page.locator(f'[data-messages] [data-seq="{seq}"]')


def message_arrives(look: Look, page: Page) -> None:
    seq = say(look.sample.kitchen, look.sample.people["Budi"], "One more thing\n\n- with\n- a list")
    expect(row(page, seq)).to_be_attached()


def reply_arrives(look: Look, page: Page) -> None:
    seq = say(look.sample.kitchen, look.sample.people["Budi"], "Like this", reply_to=latest(look))
    expect(row(page, seq)).to_be_attached()


def reaction_arrives(look: Look, page: Page) -> None:
    from chat.actions.changes import React

    seq = latest(look)
    act(look, React, seq, "👍", True)
    expect(row(page, seq)).to_contain_text("👍")


def edit_arrives(look: Look, page: Page) -> None:
    from chat.actions.changes import Edit

    seq = latest(look)
    act(look, Edit, seq, "Like that\n\nand this\n\nand that")
    expect(row(page, seq)).to_contain_text("and this")


def original_is_edited(look: Look, page: Page) -> None:
    from chat.actions.changes import Edit

    seq = latest(look)
    answer = say(look.sample.kitchen, look.sample.people["Budi"], "Or so", reply_to=seq)
    expect(row(page, answer)).to_be_attached()
    act(look, Edit, seq, "Quite another text\n\nof the same\n\nheight")  # a lower row would move those above
    expect(row(page, seq)).to_contain_text("Quite another text")


def deletion_arrives(look: Look, page: Page) -> None:
    from chat.actions.changes import Delete

    seq = latest(look)
    act(look, Delete, seq)
    expect(row(page, seq).locator(".tombstone")).not_to_have_attribute("hidden", "")


def message_arrives_elsewhere(look: Look, page: Page) -> None:
    from chat.models import Room

    say(Room.objects.get(slug="garden"), look.sample.people["Budi"], "Seeds are here")
    expect(page.locator('[data-slug="garden"] .unread-count .count')).not_to_have_text("0")


CHANGES: dict[str, Callable[[Look, Page], None]] = {
    "a message arrives": message_arrives,
    "a message arrives in another room": message_arrives_elsewhere,
    "a reply arrives": reply_arrives,
    "a reaction arrives": reaction_arrives,
    "an edit arrives": edit_arrives,
    "a quoted message is edited": original_is_edited,
    "a deletion arrives": deletion_arrives,
}
