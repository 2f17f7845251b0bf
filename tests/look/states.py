"""The states that the audit examines: each function brings a page into one of them.

To add a state, write a function with the decorator. It gets a visitor (`tests/browser/conftest.py`) and the
sample data. Its name is the name of the state. It fails if the page has no such state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitor

from .sample import Sample

Open = Callable[[Visitor, Sample], object]


@dataclass(frozen=True)
class State:
    name: str
    open: Open
    person: str = "Ayu"  # "" for a visitor without a session
    on_phones: bool = True
    only_phones: bool = False


STATES: list[State] = []


def state(**options) -> Callable[[Open], Open]:
    def add(open: Open) -> Open:
        STATES.append(State(open.__name__.replace("_", " "), open, **options))
        return open

    return add


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


@state(person="")
def enter(visitor, sample):
    visitor.page.goto("/")


@state(person="")
def enter_with_an_error(visitor, sample):
    visitor.page.goto("/")
    visitor.fill_in_the_entry_form("Ayu", "Kitchen")
    expect(visitor.page.locator(".field-error").first).to_be_visible()


@state(person="")
def log_in(visitor, sample):
    visitor.page.goto("/accounts/login/")


@state(person="")
def sign_up(visitor, sample):
    visitor.page.goto("/accounts/signup/")


@state(person="")
def forgotten_password(visitor, sample):
    visitor.page.goto("/accounts/password_reset/")


@state()
def lobby(visitor, sample):
    visitor.page.goto("/")


@state(person="Citra")
def lobby_with_a_muted_room(visitor, sample):
    from chat.actions.room_settings import set_for_me
    from chat.models import Room

    set_for_me(Room.objects.get(slug="garden"), by=sample.people["Citra"], notify="nothing")
    visitor.page.goto("/")
    visitor.page.get_by_text("Muted and archived").click()
    expect(visitor.page.locator(".muted")).to_be_visible()


@state()
def menu_of_a_room_in_the_lobby(visitor, sample):
    visitor.page.goto("/")
    visitor.page.locator('[data-slug="garden"] .room-link').focus()
    visitor.page.keyboard.press("Shift+F10")
    expect(visitor.page.get_by_role("menu")).to_be_visible()


@state()
def choices_for_a_room(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.kitchen.slug}/mine/")


@state()
def quick_switcher(visitor, sample):
    visitor.page.goto("/mentions/")
    visitor.page.keyboard.press("Control+k")
    visitor.page.keyboard.type("g")
    expect(visitor.page.get_by_role("option").filter(has_text="Garden")).to_be_visible()


@state()
def search(visitor, sample):
    visitor.page.goto("/search/")
    visitor.page.locator("#q").press_sequentially("from:b")
    expect(visitor.page.get_by_role("option").first).to_be_visible()


@state()
def results_of_a_search(visitor, sample):
    visitor.page.goto("/search/?q=message")
    expect(visitor.page.locator(".hits mark").first).to_be_visible()


@state()
def calendar(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.kitchen.slug}/calendar/")


@state()
def day_of_the_archive(visitor, sample):
    calendar(visitor, sample)
    visitor.page.locator("td > a").first.click()
    expect(visitor.page.locator(".messages > li").first).to_be_visible()


@state()
def new_room(visitor, sample):
    visitor.page.goto("/rooms/new/")


@state()
def about_a_room(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.kitchen.slug}/about/")


@state()
def mentions(visitor, sample):
    visitor.page.goto("/mentions/")
    expect(visitor.page.locator("main .message, main li").first).to_be_visible()


@state()
def page_not_found(visitor, sample):
    visitor.page.goto("/rooms/nowhere/")


# ── a room ───────────────────────────────────────────────────────────────────────────────────────


@state()
def room_with_unread_messages(visitor, sample):
    from chat.models import Membership

    mine = Membership.objects.filter(room=sample.kitchen, user=sample.people["Ayu"])
    mine.update(last_read=sample.first_unread - 1)  # an earlier visit read them
    visitor.join_room(sample.kitchen.slug)
    expect(visitor.page.locator("[data-unread-line]")).to_be_attached()


@state(person="Budi")
def room(visitor, sample):
    visitor.join_room(sample.kitchen.slug)


@state(person="Budi")
def room_of_one_message(visitor, sample):
    visitor.join_room("garden")


@state(person="Budi")
def permalink(visitor, sample):
    visitor.page.goto(f"/rooms/{sample.kitchen.slug}/5/")
    visitor.wait_for_room()


@state(person="Budi", only_phones=True)
def people_in_a_room(visitor, sample):
    visitor.join_room(sample.kitchen.slug)
    visitor.page.locator("[data-people-button]").click()
    expect(visitor.page.locator("#people")).to_be_visible()


@state(person="Budi", only_phones=True)
def menu_of_a_room(visitor, sample):
    visitor.join_room(sample.kitchen.slug)
    visitor.page.locator(".more-button").click()
    expect(visitor.page.locator("#room-menu")).to_be_visible()


@state(person="Budi")
def toolbar_of_a_message(visitor, sample):
    focused_message(visitor, sample)
    expect(visitor.page.get_by_role("toolbar")).to_be_visible()


@state(person="Budi")
def menu_of_a_message(visitor, sample):
    focused_message(visitor, sample)
    visitor.page.keyboard.press("Shift+F10")
    expect(visitor.page.get_by_role("menu")).to_be_visible()


@state(person="Budi")
def editing(visitor, sample):
    visitor.join_room(sample.kitchen.slug)
    visitor.page.locator("#text").press("ArrowUp")
    expect(visitor.page.get_by_label("Message text")).to_be_focused()


@state(person="Budi")
def replying(visitor, sample):
    menu_of_a_message(visitor, sample)
    visitor.page.get_by_role("menuitem", name="Reply").click()
    expect(visitor.page.locator("[data-replying]")).to_be_visible()


@state(person="Budi")
def deleted_with_undo(visitor, sample):
    """Deletes a message that is sent for it, so the other states keep theirs."""
    visitor.join_room(sample.kitchen.slug)
    visitor.write("Sent by mistake").click_send()  # Enter does not send on phones
    message = visitor.page.locator(".message:not(.pending)").filter(has_text="Sent by mistake").last
    expect(message).to_be_visible()
    visitor.page.locator("#text").focus()
    visitor.page.keyboard.press("Shift+Tab")
    expect(message).to_be_focused()
    visitor.page.keyboard.press("Shift+F10")
    visitor.page.get_by_role("menuitem", name="Delete").click()
    expect(visitor.page.get_by_role("button", name="Undo")).to_be_visible()


@state(person="Budi")
def emoji_picker(visitor, sample):
    visitor.join_room(sample.kitchen.slug)
    visitor.page.get_by_role("button", name="Emoji", exact=True).click()
    expect(visitor.page.locator(".emoji-grid button").first).to_be_visible()


@state(person="Budi")
def completion_of_a_mention(visitor, sample):
    completion(visitor, sample, "@")


@state(person="Budi")
def completion_of_an_emoji(visitor, sample):
    completion(visitor, sample, ":smi")


@state(person="Budi")
def text_that_is_too_long(visitor, sample):
    visitor.join_room(sample.kitchen.slug)
    visitor.write("a" * 4_001)
    expect(visitor.page.locator("[data-too-long]")).not_to_be_empty()


@state(person="Budi")
def offline(visitor, sample):
    visitor.join_room(sample.kitchen.slug)
    visitor.go_offline()
    visitor.write("Sent later").click_send()
    visitor.see_pending("Sent later")


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


def focused_message(visitor: Visitor, sample: Sample) -> Locator:
    """The focus on the last message, which is Budi's."""
    visitor.join_room(sample.kitchen.slug)
    visitor.page.locator("#text").focus()
    visitor.page.keyboard.press("Shift+Tab")
    message = visitor.page.locator(".message:focus")
    expect(message).to_be_visible()
    return message


def completion(visitor: Visitor, sample: Sample, typed: str) -> None:
    visitor.join_room(sample.kitchen.slug)
    visitor.page.locator("#text").press_sequentially(typed)
    expect(visitor.page.get_by_role("listbox")).to_be_visible()
