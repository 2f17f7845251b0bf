"""Every setting, frame, error code, close code, command and make target is documented.

The message of a failure says where to document it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from chat import frames, ranks
from chat.refusals import CONNECTIONS, MESSAGES, MODERATION, PEOPLE, REFUSALS, ROOMS

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "chatproject" / "settings.py"


def page(*names: str) -> str:
    return "\n".join((ROOT / name).read_text() for name in names)


def guides() -> str:
    return page("README.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("*.md"))))


def variables() -> list[str]:
    """The names of all environment variables that the settings read: env("NAME"), env.bool("NAME"), …"""
    calls = [node for node in ast.walk(ast.parse(SETTINGS.read_text())) if isinstance(node, ast.Call)]
    readers = [call for call in calls if re.fullmatch(r"env(\.\w+)?", ast.unparse(call.func))]
    return sorted({call.args[0].value for call in readers if isinstance(call.args[0], ast.Constant)})


def frame_types(base: type) -> list[type]:
    return sorted(base.__subclasses__(), key=lambda frame_type: frame_type.__struct_config__.tag)


@pytest.mark.parametrize("name", variables())
def test_every_setting_is_in_the_table_of_the_readme(name: str):
    assert re.search(rf"^\| `{name}` \|", page("README.md"), re.M), f"README.md, Settings: | `{name}` | … |"


@pytest.mark.parametrize("base", [frames.Command, frames.Event], ids=["client", "server"])
def test_every_frame_and_its_fields_are_in_the_protocol(base: type):
    protocol = page("docs/protocol.md")
    for frame_type in frame_types(base):
        tag = frame_type.__struct_config__.tag
        section = re.search(rf"^#+ .*`{tag}`.*?(?=^#|\Z)", protocol, re.M | re.S)
        assert section, f"docs/protocol.md: a heading with `{tag}`"
        missing = [name for name in frame_type.__struct_fields__ if f"`{name}`" not in section[0]]
        assert not missing, f"docs/protocol.md, {tag}: fields {missing}"


def test_no_error_code_has_two_meanings():
    assert len(REFUSALS) == sum(map(len, (CONNECTIONS, PEOPLE, MODERATION, ROOMS, MESSAGES)))


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_error_code_is_in_the_protocol(code: str):
    assert f"`{code}`" in page("docs/protocol.md"), f"docs/protocol.md, Errors: `{code}`"


@pytest.mark.parametrize("name", sorted(name for name in vars(frames) if name.startswith("CLOSE_")))
def test_every_close_code_is_in_the_protocol(name: str):
    code = getattr(frames, name)
    assert f"`{code}`" in page("docs/protocol.md"), f"docs/protocol.md, Close codes: `{code}` ({name})"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "chat" / "management" / "commands").glob("[!_]*.py")), ids=str
)
def test_every_management_command_is_in_the_docs(path: Path):
    assert re.search(rf"manage\.py {path.stem}\b", guides()), f"README.md or docs/: manage.py {path.stem}"


def test_every_make_target_is_in_the_docs():
    targets = re.findall(r"^([a-z-]+):.*## ", page("Makefile"), re.M)
    missing = [
        target for target in targets if f"make {target}" not in page("README.md", "docs/development.md")
    ]
    assert targets
    assert not missing, f"docs/development.md, Commands: {missing}"


def test_every_variable_of_the_compose_stack_is_in_the_readme():
    names = re.findall(r"^(\w+)=", page(".env.example"), re.M)
    missing = [name for name in names if f"| `{name}` |" not in page("README.md")]
    assert names
    assert not missing, f"README.md, Settings: {missing}"


def test_no_link_inside_the_docs_is_broken():
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"


def test_the_guide_for_moderators_has_the_table_of_ranks():
    rows = re.findall(r"^\| `(\w+)`.*? \| ([a-z ]+) \| (yes)? ?\|$", page("docs/moderation.md"), re.M)
    assert {action: rank for action, rank, _ in rows} == {
        action: lowest.name.replace("_", " ").lower() for action, lowest in ranks.LOWEST.items()
    }
    assert {action for action, _, on_person in rows if on_person} == ranks.ON_PERSONS
