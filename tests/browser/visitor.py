"""A user with a browser: what they do on the pages, and what they see."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests import wire

TIMEOUT = 10_000  # milliseconds
WITHIN = 1_000 * wire.WITHIN  # milliseconds until a change elsewhere shows
EXPECTED_ERRORS = re.compile(  # while the server or the network is down
    r"WebSocket connection to|Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION"
)

expect.set_options(timeout=TIMEOUT)


class Visitor:
    """A user with a browser context. `new_tab` opens another page in it."""

    def __init__(self, context) -> None:
        self.context = context
        self.context.set_default_timeout(TIMEOUT)
        self.errors: list[str] = []
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: line.type == "error" and self._console_error(line.text))
        return page

    def _console_error(self, text: str) -> None:
        if not EXPECTED_ERRORS.search(text):
            self.errors.append(text)

    # ── actions ────────────────────────────────────────────────────────────────────────────────────

    def log_in(self, user) -> Visitor:
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "127.0.0.1", "path": "/"}]
        )
        return self

    def join_as_guest(self, name: str, room: str) -> Visitor:
        self.page.goto("/")
        return self.fill_in_the_entry_form(name, room).wait_for_room()

    def fill_in_the_entry_form(self, name: str, room: str) -> Visitor:
        self.page.get_by_label("Display name").fill(name)
        self.page.get_by_label("Room").fill(room)
        self.page.get_by_role("button", name="Enter").click()
        return self

    def join_room(self, slug: str) -> Visitor:
        self.page.goto(f"/rooms/{quote(slug)}/")
        return self.wait_for_room()

    def wait_for_room(self) -> Visitor:
        expect(self.page.locator("[data-room]")).to_have_attribute("data-live", "open")
        return self

    def write(self, text: str) -> Visitor:
        self.page.locator("#text").fill(text)
        return self

    def send_message(self, text: str) -> Visitor:
        self.write(text)
        self.page.locator("#text").press("Enter")
        return self

    def paste(self, text: str) -> Visitor:
        """Insert a text at once instead of key by key."""
        self.page.locator("#text").focus()
        self.page.keyboard.insert_text(text)
        return self

    def click_send(self) -> Visitor:
        self.page.get_by_role("button", name="Send", exact=True).click()
        return self

    def scroll_to(self, from_end: int) -> None:
        self.page.locator("[data-scroller]").evaluate(
            "(scroller, y) => { scroller.scrollTop = -y; }", from_end
        )

    def go_offline(self) -> None:
        self.context.set_offline(True)

    def go_online(self) -> None:
        self.context.set_offline(False)

    # ── expectations ───────────────────────────────────────────────────────────────────────────────

    def message(self, text: str):
        return self.page.locator(".message:not(.pending)").filter(
            has=self.page.locator(".words").get_by_text(text, exact=True)
        )

    def see_message(self, text: str) -> Visitor:
        expect(self.message(text)).to_have_count(1)
        return self

    def see_pending(self, text: str) -> Visitor:
        expect(self.page.locator(".message.pending").filter(has_text=text)).to_have_count(1)
        return self

    def see_nothing_pending(self) -> Visitor:
        expect(self.page.locator(".message.pending")).to_have_count(0)
        return self

    def see_notice(self, text: str) -> Visitor:
        expect(self.page.locator(".notice").filter(has_text=text)).to_have_count(1)
        return self

    def see_state(self, text: str | re.Pattern) -> Visitor:
        expect(self.page.locator("[data-state]")).to_contain_text(text)
        return self

    def see_people(self, *names: str) -> Visitor:
        expect(self.page.locator(".person-name")).to_have_text(sorted(names))
        return self

    def texts(self) -> list[str]:
        return self.page.locator(".message .words").all_inner_texts()

    def seqs(self) -> list[int]:
        return self.page.locator("[data-messages]").evaluate(
            "list => [...list.querySelectorAll('[data-seq]')].map(row => Number(row.dataset.seq))"
        )
