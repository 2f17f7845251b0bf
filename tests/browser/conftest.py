"""Fixtures of the browser tests. `visitor()` opens a browser context for a new user.

Without Chromium the tests are skipped with instructions to install it. In CI they fail.
"""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from .visitor import Visitor

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
DISABLED = [  # features of Chromium. The list replaces Playwright's own, so it repeats that
    "WebUIOmniboxPopup",  # the address bar's two hidden pages: half of the processor time of a new context
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
]
ARGUMENTS = [
    f"--disable-features={','.join(DISABLED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SPAM = "Buy cheap watches"  # what the offender of `three_screens` has written


@pytest.fixture(scope="package")  # a running event loop breaks the asynchronous tests of other folders
def chromium():
    if not CHROMIUM:
        missing = "Chromium is missing. Install it (apt-get install chromium) or set CHROMIUM to its path."
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package", autouse=True)
def collected_files(stack):
    """Pages load minified and joined files, as in production, and keep them when they are loaded again."""
    with stack.collected_files():
        yield


@pytest.fixture
def chromium_with_bfcache(chromium):
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
    errors = [error for one in visitors for error in one.errors]
    for one in visitors:
        one.context.close()
    assert not errors, errors


@pytest.fixture
def three_screens(visitor, alice, bob, kitchen):
    """The page of a moderator in the admin, and the offender Alice and the bystander Bob in the room."""
    from chat.models import User

    mara = User.objects.create_user("mara", name="Mara", is_staff=True)
    offender, bystander = (visitor().log_in(person).join_room("kitchen") for person in (alice, bob))
    offender.send_message(SPAM)
    bystander.see_message(SPAM)
    return visitor().log_in(mara).page, offender, bystander
