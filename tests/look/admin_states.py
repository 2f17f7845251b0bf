"""The states of the admin: the index, lists, pages, confirmations, and searches without a result."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .states import STATES, State

LISTS = (
    "message", "user", "room", "membership", "case", "sanction", "heldmessage", "rule", "invitation",
    "auditentry",
)  # fmt: skip
PAGES = ("message", "user", "room", "membership", "case", "sanction", "heldmessage", "auditentry")
ADDED = ("user", "room", "membership", "invitation", "rule")


def add(name: str, open: Callable) -> None:
    STATES.append(State(f"admin {name}", open))


def address(path: str) -> Callable:
    def open(visitor, sample):
        visitor.page.goto(f"/admin/{path}")
        expect(visitor.page.locator("#content h1")).to_be_visible()

    return open


def latest(model: str, **fields: object) -> Callable:
    """The page of the latest row with these fields."""

    def open(visitor, sample):
        from django.apps import apps

        row = apps.get_model("chat", model).objects.filter(**fields).order_by("-pk").first()
        address(f"chat/{model}/{row.pk}/change/")(visitor, sample)

    return open


def refused(visitor, sample):
    """A case that is decided without a reason."""
    latest("case", seq__isnull=False)(visitor, sample)
    page = visitor.page
    page.get_by_label("What to do").select_option("mute")
    page.get_by_role("button", name="Decide and close").click()
    expect(page.locator(".field-error").first).to_be_visible()


def confirmation(visitor, sample):
    page = visitor.page
    page.goto("/admin/chat/message/")
    for box in page.get_by_role("checkbox").all()[1:4]:
        box.check()
    page.get_by_label("Action:").select_option(label="Hide")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("heading", name="Hide 3 messages")).to_be_visible()


def trial(visitor, sample):
    page = visitor.page
    page.goto("/admin/chat/rule/add/")
    page.get_by_label("Text", exact=True).fill("Look at watches.example")
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_role("status")).to_be_visible()


add("index", address(""))
for model in LISTS:
    add(f"list of {model}", address(f"chat/{model}/"))
for model in ADDED:
    add(f"new {model}", address(f"chat/{model}/add/"))
for model in PAGES:
    add(f"page of {model}", latest(model))
add("open case", latest("case", seq__isnull=False))
add("person with a record", latest("user", username="hana"))
add("message in a private room", latest("message", room__slug="plans-x"))
add("appeal", latest("sanction", appealed_at__isnull=False))
add("empty list", address("chat/message/?person=nobody"))
add("search with an error", address("chat/message/?since=yesterday"))
add("refused decision", refused)
add("confirmation", confirmation)
add("trial of a rule", trial)
