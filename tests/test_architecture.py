"""The house rules that a reader would otherwise have to remember: docs/architecture.md, "The house".

An import only ever goes down, doors never import each other, and a folder has one trade.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOORS = ("chat.live", "chat.views", "chat.admin", "chat.api")
FLOORS = {
    "chat.models": 1,
    "chat.frames": 1,
    "chat.text": 1,
    "chat.markdown": 1,
    "chat.links": 1,
    "chat.names": 1,
    "chat.refusals": 1,
    "chat.events": 2,
    "chat.client_ip": 2,
    "chat.permissions": 2,
    "chat.limits": 2,
    "chat.passwords": 2,
    "chat.actions": 3,
    **dict.fromkeys(DOORS, 4),
    "chat.templatetags": 4,
    "chat.apps": 5,
    "chat.checks": 5,
    "chat.management": 5,
    "chatproject": 5,
}
LIVE = {  # the parts of chat/live: folders import only lower floors, files also files of their own floor
    "server": 4,
    "sockets": 4,
    "process": 3,
    "heartbeat": 3,
    "drain": 3,
    "feeds": 2,
    "access": 2,
    "writing": 2,
    "connection": 1,
    "layer": 1,
    "database": 1,
    "background": 1,
}
LIVE_FOLDERS = {path.parent.name for path in (ROOT / "chat" / "live").glob("*/__init__.py")}
WHERE_TO = {
    1: "What a row, a frame or a text is belongs on the ground floor, and needs nothing above it.",
    2: "Floor 2 tells and permits; what decides belongs in actions/.",
    3: "A verb is called by doors and knows none: pass in what it needs, or publish through events.py.",
    4: "Doors never import each other: what two need is an action, a permission or a QuerySet method.",
}
BANNED_NAMES = {
    "services.py": "name the verb: actions/",
    "utils.py": "put it beside its only user, or name what it is",
    "helpers.py": "put it beside its only user, or name what it is",
    "signals.py": "call it from the action that causes it",
}
SOURCES = sorted(path for top in ("chat", "chatproject") for path in (ROOT / top).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, inside functions and for types alike."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *(node.module or "").split("."))).strip(".")
            yield from ((node.lineno, f"{base}.{name.name}") for name in node.names)


def room_of(module: str) -> str | None:
    """The entry of FLOORS that a module is in, or None for what is not ours."""
    return next((room for room in FLOORS if module == room or module.startswith(room + ".")), None)


def ours(path: Path) -> str:
    return room_of(module_of(path)) or ""


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_an_import_only_ever_goes_down(path: Path):
    here = ours(path)
    wrong = []
    for line, name in imports_of(path):
        there = room_of(name)
        if not here or not there or here == there:
            continue
        if FLOORS[there] > FLOORS[here] or (here in DOORS and there in DOORS):
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}. {WHERE_TO[FLOORS[here]]}")
    assert not wrong, "\n".join(wrong)


def test_the_parts_of_chat_live_import_only_parts_below_them():
    wrong = []
    for path in (ROOT / "chat" / "live").rglob("*.py"):
        here = part_of_live(module_of(path))
        for line, name in imports_of(path):
            there = part_of_live(name)
            if not here or not there or here == there:
                continue
            floors = LIVE[here], LIVE[there]
            are_files = here not in LIVE_FOLDERS and there not in LIVE_FOLDERS
            if floors[1] > floors[0] or (floors[1] == floors[0] and not are_files):
                wrong.append(
                    f"{path.relative_to(ROOT)}:{line} imports {name}. The map is chat/live/__init__.py."
                )
    assert not wrong, "\n".join(wrong)


def test_every_file_of_chat_live_is_in_one_of_its_parts():
    modules = [module_of(path) for path in (ROOT / "chat" / "live").rglob("*.py")]
    homeless = [module for module in modules if module != "chat.live" and not part_of_live(module)]
    assert not homeless, f"{homeless}: add the part to LIVE, and to the map in chat/live/__init__.py."


def part_of_live(module: str) -> str | None:
    """The part of chat.live that a module is in, such as "feeds" for chat.live.feeds.feed."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["chat", "live"] and len(parts) > 2 and parts[2] in LIVE else None


def test_no_files_of_a_folder_import_each_other_in_a_circle():
    """Holds over the whole of chat/live. Imports for types count: use a `typing.Protocol` instead."""
    modules = {module_of(path): path for path in SOURCES}
    imports: dict[str, set[str]] = {}
    for module, path in modules.items():
        named = {name if name in modules else name.rpartition(".")[0] for _, name in imports_of(path)}
        folder = folder_of(module, path)
        imports[module] = {
            name for name in named & modules.keys() if folder_of(name, modules[name]) == folder
        }
    circles = {frozenset(circle) for module in imports if (circle := circle_from(module, imports))}
    assert not circles, "\n".join(" and ".join(sorted(circle)) for circle in circles)


def folder_of(module: str, path: Path) -> str:
    """The folder whose files must not import each other in a circle: chat.live with all its sub-folders."""
    folder = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return "chat.live" if folder.startswith("chat.live.") else folder


def circle_from(start: str, imports: dict[str, set[str]]) -> list[str]:
    """A shortest way from a module by its imports back to it, or nothing."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for module in sorted(imports[way[-1]]):
            if module == start:
                return way
            if module not in seen:
                seen.add(module)
                ways.append([*way, module])
    return []


def test_every_file_is_in_a_room_of_the_house():
    homeless = [module_of(path) for path in SOURCES if not ours(path) and path.name != "__init__.py"]
    homeless = [module for module in homeless if not module.startswith("chat.migrations")]
    assert not homeless, f"{homeless}: say in FLOORS, and in docs/architecture.md, which floor these are on."


def test_models_import_only_models():
    """And the look-alike guard, which a person's row is keyed by."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}. A rule that needs more than rows is an action."
        for path in (ROOT / "chat" / "models").glob("*.py")
        for line, name in imports_of(path)
        if room_of(name) not in (None, "chat.models", "chat.names")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_live_and_events_know_the_channel_layer():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: tell others through events.py, which waits for the commit."
        for path in SOURCES
        for line, name in imports_of(path)
        if name.startswith("channels.layers") and ours(path) not in ("chat.live", "chat.events")
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_named_after_nothing():
    wrong = [
        f"{path.relative_to(ROOT)}: {BANNED_NAMES[path.name]}."
        for path in SOURCES
        if path.name in BANNED_NAMES
    ]
    assert not wrong, "\n".join(wrong)
