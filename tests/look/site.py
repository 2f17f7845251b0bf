"""A server with the sample data and collected static files, and a Chromium in which Ayu is logged in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, Visitor
from tests.web import Stack

from .sample import Sample

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Look:
    """What the audit and the screenshots work with."""

    url: str
    sample: Sample
    playwright: Playwright
    browser: Browser

    @contextmanager
    def visitor(self, *, phone: bool = False, person: str = "Ayu", **options) -> Iterator[Visitor]:
        """A person with a browser of their own. An empty name is a visitor without a session."""
        sizes = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if phone else {"viewport": DESKTOP}
        options = {"base_url": self.url, "timezone_id": "UTC", "locale": "en-GB", **sizes, **options}
        visitor = Visitor(self.browser.new_context(**options))
        if person:
            visitor.log_in(self.sample.people[person])
        try:
            yield visitor
        finally:
            visitor.context.close()

    def profile(self, folder: str, port: int) -> BrowserContext:
        """A Chromium with a profile, in which Ayu is logged in. Lighthouse connects to `port`."""
        options = {"executable_path": CHROMIUM, "args": [*ARGUMENTS, f"--remote-debugging-port={port}"]}
        context = self.playwright.chromium.launch_persistent_context(folder, **options)
        Visitor(context).log_in(self.sample.people["Ayu"])
        return context


@contextmanager
def look() -> Iterator[Look]:
    """Start a server on SQLite with high rate limits, and fill its database."""
    with Stack("embedded") as stack, stack.site(**LIMITS) as site, sync_playwright() as playwright:
        os.environ.update({**site.env, "DJANGO_SETTINGS_MODULE": "chatproject.settings"})
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "on"  # Playwright runs an event loop
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        import django

        django.setup()
        from . import sample

        created = sample.create()
        files = str(site.folder / "static")
        site.manage("collectstatic", "--noinput", STATIC_ROOT=files)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield Look(site.start(STATIC_ROOT=files).url, created, playwright, browser)
        browser.close()


LIMITS = {"OBROLAN_POST_RATE": "1000", "OBROLAN_POST_BURST": "1000"}
