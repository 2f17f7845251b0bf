"""Accessibility: axe-core on every state, on a wide screen and a phone, in light, dark and forced colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Error, Page

from . import account_states as account_states
from . import admin_states as admin_states  # adds its states
from . import direct_states as direct_states  # adds its states
from . import moderation_states as moderation_states  # adds its states
from . import notification_states as notification_states  # adds its states
from . import room_states as room_states  # adds its states
from .site import Look
from .states import STATES, State
from .tools import installed

SCHEMES = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "light", "forced_colors": "active"},
}
# With forced colours the system decides them, but axe reads the colours of the page.
RUN = """async (forced) => {
    const rules = { "color-contrast": { enabled: !forced } };
    const { violations } = await axe.run(document, { resultTypes: ["violations"], rules });
    const at = (nodes) => nodes.map((node) => node.target.join(" "));
    return violations.map(({ id, help, nodes }) => ({ id, help, at: at(nodes) }));
}"""


@dataclass
class Checked:
    state: str
    screen: str
    findings: list[str]  # one line each, with the schemes in which axe found it
    error: str = ""  # why the page could not be brought into the state


def check_states(look: Look, names: list[str]) -> Iterator[Checked]:
    source = (installed("axe-core") / "axe.min.js").read_text()
    for state in STATES:
        if names and state.name not in names:
            continue
        for phone in phones(state):
            with look.visitor(phone=phone, person=state.person, reduced_motion="reduce") as visitor:
                checked = Checked(state.name, "phone" if phone else "wide", [])
                try:
                    state.open(visitor, look.sample)
                    errors = sorted(set(visitor.errors))  # before axe, whose inline styles the policy blocks
                    checked.findings = [*findings(visitor.page, source), *errors]
                except (AssertionError, Error) as error:
                    checked.error = str(error).strip().splitlines()[0]
                yield checked


def phones(state: State) -> list[bool]:
    if state.only_phones:
        return [True]
    return [False, True] if state.on_phones else [False]


def findings(page: Page, source: str) -> list[str]:
    """Run axe in each scheme. The page stays in its state: only the media change."""
    found: dict[str, list[str]] = {}
    page.evaluate(source)  # not a script element, which the Content-Security-Policy forbids
    for scheme, media in SCHEMES.items():
        page.emulate_media(**media)
        for violation in page.evaluate(RUN, media["forced_colors"] == "active"):
            line = f"{violation['id']}: {violation['help']} ({', '.join(violation['at'][:3])})"
            found.setdefault(line, []).append(scheme)
    return [f"{line} [{', '.join(schemes)}]" for line, schemes in found.items()]
