"""What can be set, sent, refused, run or made is written down; this test says where to write it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from chat import frames
from chat.refusals import REFUSALS

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "chatproject" / "settings.py"


def page(*names: str) -> str:
    return "\n".join((ROOT / name).read_text() for name in names)


def guides() -> str:
    return page("README.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("*.md"))))


def variables() -> list[str]:
    """Every name that the settings read from the environment: env("NAME"), env.bool("NAME"), …"""
    calls = [node for node in ast.walk(ast.parse(SETTINGS.read_text())) if isinstance(node, ast.Call)]
    readers = [call for call in calls if re.fullmatch(r"env(\.\w+)?", ast.unparse(call.func))]
    return sorted({call.args[0].value for call in readers if isinstance(call.args[0], ast.Constant)})


def kinds(base: type) -> list[type]:
    return sorted(base.__subclasses__(), key=lambda kind: kind.__struct_config__.tag)


@pytest.mark.parametrize("name", variables())
def test_a_setting_is_in_the_table_of_the_readme(name: str):
    assert re.search(rf"^\| `{name}` \|", page("README.md"), re.M), f"README.md, Settings: | `{name}` | … |"


@pytest.mark.parametrize("base", [frames.Command, frames.Event], ids=["client", "server"])
def test_a_frame_and_its_fields_are_in_the_protocol(base: type):
    protocol = page("docs/protocol.md")
    for kind in kinds(base):
        tag = kind.__struct_config__.tag
        section = re.search(rf"^#+ .*`{tag}`.*?(?=^#|\Z)", protocol, re.M | re.S)
        assert section, f"docs/protocol.md: a heading with `{tag}`"
        missing = [name for name in kind.__struct_fields__ if f"`{name}`" not in section[0]]
        assert not missing, f"docs/protocol.md, {tag}: fields {missing}"


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_an_error_code_is_in_the_protocol(code: str):
    assert f"`{code}`" in page("docs/protocol.md"), f"docs/protocol.md, Errors: `{code}`"


@pytest.mark.parametrize("name", sorted(name for name in vars(frames) if name.startswith("CLOSE_")))
def test_a_close_code_is_in_the_protocol(name: str):
    code = getattr(frames, name)
    assert f"`{code}`" in page("docs/protocol.md"), f"docs/protocol.md, Close codes: `{code}` ({name})"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "chat" / "management" / "commands").glob("[!_]*.py")), ids=str
)
def test_a_management_command_is_in_the_docs(path: Path):
    assert re.search(rf"manage\.py {path.stem}\b", guides()), f"README.md or docs/: manage.py {path.stem}"


def test_a_make_target_is_in_the_docs():
    targets = re.findall(r"^([a-z-]+):.*## ", page("Makefile"), re.M)
    missing = [
        target for target in targets if f"make {target}" not in page("README.md", "docs/development.md")
    ]
    assert targets
    assert not missing, f"docs/development.md, Commands: {missing}"


def test_a_variable_of_the_stack_is_in_the_docs():
    given = re.findall(r"^(\w+)=", page(".env.example"), re.M)
    missing = [name for name in given if f"| `{name}` |" not in page("README.md")]
    assert given
    assert not missing, f"README.md, Settings: {missing}"


def test_a_link_inside_the_docs_leads_somewhere():
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"
