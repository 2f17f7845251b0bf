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


def test_no_files_of_a_folder_import_each_other_in_a_circle():
    """Imports for types count: a file that needs only a part of another declares a `typing.Protocol`."""
    modules = {module_of(path): path for path in SOURCES}
    imports: dict[str, set[str]] = {}
    for module, path in modules.items():
        folder = module if path.name == "__init__.py" else module.rpartition(".")[0]
        named = {name for _, name in imports_of(path)} | {
            name.rpartition(".")[0] for _, name in imports_of(path)
        }
        imports[module] = {name for name in named & modules.keys() if name.rpartition(".")[0] == folder}
    circles = {frozenset(circle) for module in imports if (circle := circle_from(module, imports))}
    assert not circles, "\n".join(" and ".join(sorted(circle)) for circle in circles)


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
