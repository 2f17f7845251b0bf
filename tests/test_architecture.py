"""The layers of docs/architecture.md: imports go only down, and entry points never import each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
ENTRY_POINTS = ("chat.live", "chat.views", "chat.admin", "chat.api", "chat.worker")
LAYERS = {
    "chat.models": 1,
    "chat.frames": 1,
    "chat.text": 1,
    "chat.emoji": 1,
    "chat.markdown": 1,
    "chat.blocks": 1,
    "chat.links": 1,
    "chat.mention_tokens": 1,
    "chat.names": 1,
    "chat.pictures": 1,
    "chat.reasons": 1,
    "chat.refusals": 1,
    "chat.rights": 1,
    "chat.word_rules": 1,
    "chat.word_tables": 1,
    "chat.link_rules": 1,
    "chat.rule_sets": 1,
    "chat.events": 2,
    "chat.client_ip": 2,
    "chat.permissions": 2,
    "chat.ranks": 2,
    "chat.standing": 2,
    "chat.limits": 2,
    "chat.passwords": 2,
    "chat.search": 2,
    "chat.vapid": 2,
    "chat.actions": 3,
    **dict.fromkeys(ENTRY_POINTS, 4),
    "chat.templatetags": 4,
    "chat.apps": 5,
    "chat.checks": 5,
    "chat.management": 5,
    "chatproject": 5,
}
LIVE = {  # the parts of chat/live: folders import only lower layers, files also files of their own layer
    "server": 4,
    "sockets": 4,
    "process": 3,
    "heartbeat": 3,
    "chores": 3,
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
ADVICE = {
    1: "Layer 1 defines data, frames and text. It imports nothing from the layers above.",
    2: "Layer 2 broadcasts, permits and limits. Code that changes data belongs in actions/.",
    3: "Entry points call actions, never the reverse. Pass in a value, or publish through events.py.",
    4: "Entry points never import each other. Share an action, a permission or a QuerySet method.",
}
BANNED_NAMES = {
    "services.py": "make it an action, named by its verb: actions/",
    "utils.py": "put it beside its only user, or name what it is",
    "helpers.py": "put it beside its only user, or name what it is",
    "signals.py": "call it from the action that causes it",
}
SOURCES = sorted(path for top in ("chat", "chatproject") for path in (ROOT / top).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each import of a file, including those inside functions and for types."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *(node.module or "").split("."))).strip(".")
            yield from ((node.lineno, f"{base}.{name.name}") for name in node.names)


def component_of(module: str) -> str | None:
    """The entry of LAYERS that a module is in, or None for a module of another project."""
    return next((name for name in LAYERS if module == name or module.startswith(name + ".")), None)


def component_of_file(path: Path) -> str:
    return component_of(module_of(path)) or ""


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_imports_go_only_to_the_same_or_a_lower_layer(path: Path):
    here = component_of_file(path)
    wrong = []
    for line, name in imports_of(path):
        there = component_of(name)
        if not here or not there or here == there:
            continue
        if LAYERS[there] > LAYERS[here] or (here in ENTRY_POINTS and there in ENTRY_POINTS):
            wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}. {ADVICE[LAYERS[here]]}")
    assert not wrong, "\n".join(wrong)


def test_the_parts_of_chat_live_import_only_parts_below_them():
    wrong = []
    for path in (ROOT / "chat" / "live").rglob("*.py"):
        here = part_of_live(module_of(path))
        for line, name in imports_of(path):
            there = part_of_live(name)
            if not here or not there or here == there:
                continue
            layers = LIVE[here], LIVE[there]
            are_files = here not in LIVE_FOLDERS and there not in LIVE_FOLDERS
            if layers[1] > layers[0] or (layers[1] == layers[0] and not are_files):
                wrong.append(
                    f"{path.relative_to(ROOT)}:{line} imports {name}. The map is chat/live/__init__.py."
                )
    assert not wrong, "\n".join(wrong)


def test_every_file_of_chat_live_is_in_one_of_its_parts():
    modules = [module_of(path) for path in (ROOT / "chat" / "live").rglob("*.py")]
    missing = [module for module in modules if module != "chat.live" and not part_of_live(module)]
    assert not missing, f"{missing}: add the part to LIVE and to the map in chat/live/__init__.py."


def part_of_live(module: str) -> str | None:
    """The part of chat.live that a module is in, such as "feeds" for chat.live.feeds.feed."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["chat", "live"] and len(parts) > 2 and parts[2] in LIVE else None


def test_no_folder_contains_an_import_cycle():
    """This covers chat/live with all its sub-folders, and imports for types.

    A file that needs only a part of another declares a `typing.Protocol`.
    """
    modules = {module_of(path): path for path in SOURCES}
    imports: dict[str, set[str]] = {}
    for module, path in modules.items():
        named = {name if name in modules else name.rpartition(".")[0] for _, name in imports_of(path)}
        folder = folder_of(module, path)
        imports[module] = {
            name for name in named & modules.keys() if folder_of(name, modules[name]) == folder
        }
    cycles = {frozenset(cycle) for module in imports if (cycle := cycle_from(module, imports))}
    assert not cycles, "\n".join(" and ".join(sorted(cycle)) for cycle in cycles)


def folder_of(module: str, path: Path) -> str:
    """The folder within which import cycles are forbidden: chat.live counts with all its sub-folders."""
    folder = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return "chat.live" if folder.startswith("chat.live.") else folder


def cycle_from(start: str, imports: dict[str, set[str]]) -> list[str]:
    """The shortest chain of imports from a module back to itself, or an empty list."""
    chains, seen = [[start]], {start}
    while chains:
        chain = chains.pop(0)
        for module in sorted(imports[chain[-1]]):
            if module == start:
                return chain
            if module not in seen:
                seen.add(module)
                chains.append([*chain, module])
    return []


def test_every_module_has_a_layer():
    missing = [
        module_of(path) for path in SOURCES if not component_of_file(path) and path.name != "__init__.py"
    ]
    missing = [module for module in missing if not module.startswith("chat.migrations")]
    assert not missing, f"{missing}: add these to LAYERS and to the table in docs/architecture.md."


def test_models_import_only_models():
    """The exceptions: chat.names computes the key of a user's row, chat.rights has what a role may do."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}. A rule that needs more than models is an action."
        for path in (ROOT / "chat" / "models").glob("*.py")
        for line, name in imports_of(path)
        if component_of(name) not in (None, "chat.models", "chat.names", "chat.rights")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_live_and_events_import_the_channel_layer():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: publish through events.py, which waits for the commit."
        for path in SOURCES
        for line, name in imports_of(path)
        if name.startswith("channels.layers") and component_of_file(path) not in ("chat.live", "chat.events")
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_has_a_generic_name():
    wrong = [
        f"{path.relative_to(ROOT)}: {BANNED_NAMES[path.name]}."
        for path in SOURCES
        if path.name in BANNED_NAMES
    ]
    assert not wrong, "\n".join(wrong)
