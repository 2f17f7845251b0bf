"""`make screenshots`: the pictures of README.md, docs/using.md and docs/moderation.md, from the sample data.

A picture of a state that the page does not reach is taken nevertheless; the exit status is then 1.

python -m tests.look.screenshots                 all
python -m tests.look.screenshots room reply      only these files
"""

from __future__ import annotations

import io
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error

from tests.web import ROOT

from . import admin_states as admin_states  # adds its states
from . import moderation_states as moderation_states  # adds its states
from . import room_states as room_states  # adds its states
from .site import Look, look
from .states import STATES

WIDE = {"width": 1200, "height": 760}
COLOURS = 128  # of a picture: enough for flat pages, and a third of the size
PRESENT = ("Citra", "Dewi", "Farah", "Hana")  # people in the room, besides the one who looks


@dataclass(frozen=True)
class Picture:
    path: str
    state: str
    phone: bool = False
    dark: bool = False

    @property
    def name(self) -> str:
        return Path(self.path).stem


PICTURES = [
    Picture("docs/screenshot.png", "room with unread messages"),
    Picture("docs/pictures/lobby.png", "lobby"),
    Picture("docs/pictures/room.png", "room", dark=True),
    Picture("docs/pictures/mention.png", "completion of a mention"),
    Picture("docs/pictures/menu.png", "menu of a message"),
    Picture("docs/pictures/reply.png", "replying"),
    Picture("docs/pictures/emoji.png", "emoji picker"),
    Picture("docs/pictures/phone.png", "room", phone=True),
    Picture("docs/pictures/admin.png", "admin index"),
    Picture("docs/pictures/admin_messages.png", "admin list of message"),
    Picture("docs/pictures/admin_case.png", "admin open case", dark=True),
    Picture("docs/pictures/admin_phone.png", "admin list of message", phone=True),
    Picture("docs/pictures/about.png", "room with a description"),
    Picture("docs/pictures/invite.png", "invite links of a room"),
    Picture("docs/pictures/pinned.png", "pinned messages", dark=True),
    Picture("docs/pictures/report.png", "form for a report"),
    Picture("docs/pictures/moderate.png", "form for moderating"),
    Picture("docs/pictures/muted.png", "muted"),
    Picture("docs/pictures/moderation.png", "moderation of a room"),
]


def main(*names: str) -> int:
    failures = 0
    with look() as found, ExitStack() as stack:
        for person in PRESENT:
            stack.enter_context(found.visitor(person=person)).join_room(found.sample.kitchen.slug)
        for picture in PICTURES:
            if not names or picture.name in names:
                failures += not take(found, picture)
    return int(failures > 0)


def take(found: Look, picture: Picture) -> bool:
    """Returns whether the page reached the state."""
    (state,) = [state for state in STATES if state.name == picture.state]
    options = {"reduced_motion": "reduce", "color_scheme": "dark" if picture.dark else "light"}
    if not picture.phone:
        options["viewport"] = WIDE
    reached = True
    with found.visitor(phone=picture.phone, person=state.person, **options) as visitor:
        try:
            state.open(visitor, found.sample)
        except (AssertionError, Error) as error:
            reached = False
            print(f"{picture.path}: not reached: {str(error).strip().splitlines()[0]}")
        content = visitor.page.screenshot(animations="disabled", caret="hide")
    target = ROOT / picture.path
    target.parent.mkdir(exist_ok=True)
    smaller(content).save(target, optimize=True)
    print(f"{picture.path}: {target.stat().st_size // 1000} KB", flush=True)
    return reached


def smaller(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content)).convert("RGB")
    return image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
