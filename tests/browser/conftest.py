"""Browser tests. `visitor()` opens a browser context for a new person. Its methods name what people do.

The tests are skipped without Chromium, with a hint how to install it. In CI a missing Chromium is a failure.
"""

import os
import re
import shutil
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 10_000  # milliseconds
NOISE = re.compile(
    r"WebSocket connection to|Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION"
)

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")  # its event loop would be in the way of asynchronous tests elsewhere
def chromium():
    if not CHROMIUM:
        missing = "No Chromium: install one (apt-get install chromium), or name it in CHROMIUM."
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def keeping_chromium(chromium):
    """A Chromium with the back/forward cache, which Playwright disables by default."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser
    browser.close()


@pytest.fixture
def visitor(chromium, server):
    """Creates visitors with separate browser contexts. An error in a visitor's console fails the test."""
    visitors = []

    def new(browser=chromium, **options) -> Visitor:
        options = {"viewport": {"width": 1200, "height": 800}, "timezone_id": "Asia/Jakarta", **options}
        visitors.append(Visitor(browser.new_context(base_url=server.url, **options)))
        return visitors[-1]

    yield new
    complaints = [complaint for one in visitors for complaint in one.complaints]
    for one in visitors:
        one.context.close()
    assert not complaints, complaints


class Visitor:
    """A person with a browser context. `tab` opens another page in it."""

    def __init__(self, context) -> None:
        self.context = context
        self.context.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: line.type == "error" and self._complain(line.text))
        return page

    def _complain(self, words: str) -> None:
        if not NOISE.search(words):
            self.complaints.append(words)

    # ── doing ────────────────────────────────────────────────────────────────────────────────────

    def sign_in(self, user) -> "Visitor":
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "127.0.0.1", "path": "/"}]
        )
        return self

    def enter_as_guest(self, name: str, room: str) -> "Visitor":
        self.page.goto("/")
        return self.fill_in_the_entry_form(name, room).be_in_room()

    def fill_in_the_entry_form(self, name: str, room: str) -> "Visitor":
        self.page.get_by_label("Display name").fill(name)
        self.page.get_by_label("Room").fill(room)
        self.page.get_by_role("button", name="Enter").click()
        return self

    def join_room(self, slug: str) -> "Visitor":
        self.page.goto(f"/rooms/{quote(slug)}/")
        return self.be_in_room()

    def be_in_room(self) -> "Visitor":
        expect(self.page.locator("[data-room]")).to_have_attribute("data-live", "open")
        return self

    def write(self, text: str) -> "Visitor":
        self.page.locator("#text").fill(text)
        return self

    def send_message(self, text: str) -> "Visitor":
        self.write(text)
        self.page.locator("#text").press("Enter")
        return self

    def paste(self, text: str) -> "Visitor":
        """Insert a text at once, as a paste does."""
        self.page.locator("#text").focus()
        self.page.keyboard.insert_text(text)
        return self

    def press_send(self) -> "Visitor":
        self.page.get_by_role("button", name="Send", exact=True).click()
        return self

    def scroll_to(self, from_end: int) -> None:
        self.page.locator("[data-scroller]").evaluate("(talk, y) => { talk.scrollTop = -y; }", from_end)

    def go_offline(self) -> None:
        self.context.set_offline(True)

    def come_back_online(self) -> None:
        self.context.set_offline(False)

    # ── seeing ───────────────────────────────────────────────────────────────────────────────────

    def message(self, text: str):
        return self.page.locator(".message:not(.pending)").filter(
            has=self.page.locator(".words").get_by_text(text, exact=True)
        )

    def see_message(self, text: str) -> "Visitor":
        expect(self.message(text)).to_have_count(1)
        return self

    def see_pending(self, text: str) -> "Visitor":
        expect(self.page.locator(".message.pending").filter(has_text=text)).to_have_count(1)
        return self

    def see_nothing_pending(self) -> "Visitor":
        expect(self.page.locator(".message.pending")).to_have_count(0)
        return self

    def see_notice(self, words: str) -> "Visitor":
        expect(self.page.locator(".notice").filter(has_text=words)).to_have_count(1)
        return self

    def see_state(self, words: str | re.Pattern) -> "Visitor":
        expect(self.page.locator("[data-state]")).to_contain_text(words)
        return self

    def see_people(self, *names: str) -> "Visitor":
        expect(self.page.locator(".person-name")).to_have_text(sorted(names))
        return self

    def texts(self) -> list[str]:
        return self.page.locator(".message .words").all_inner_texts()

    def seqs(self) -> list[int]:
        return self.page.locator("[data-messages]").evaluate(
            "list => [...list.querySelectorAll('[data-seq]')].map(row => Number(row.dataset.seq))"
        )
