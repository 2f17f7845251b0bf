"""`manage.py collectstatic`: file names contain a hash, pages and modules refer to the hashed names, and the
chat's JavaScript is minified.
"""

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from rjsmin import jsmin

from tests.__main__ import node

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "chat/static/chat/js").rglob("*.js"))
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
IMPORTS = re.compile(r"""(?:from|import)\s*\(?["'](\./[^"']+)["']""")
PRELOADED = re.compile(r'<link rel="modulepreload" href="{% static "([^"]+)" %}">')
ROOM_BYTES = 80_000  # of JavaScript that the page of a room loads at once, uncompressed
TEMPLATE_IN_TEMPLATE = re.compile(r"`(?:[^`\\$]|\\.|\$(?!\{))*\$\{[^}`]*`")
PARSE = """
    import { readdirSync, readFileSync } from "node:fs";
    import { SourceTextModule } from "node:vm";
    const folder = process.argv[1];
    const names = readdirSync(folder);
    for (const name of names) {
        new SourceTextModule(readFileSync(`${folder}/${name}`, "utf8"), { identifier: name });
    }
    console.log(names.length);
"""


@pytest.fixture(scope="module")
def collected(stack, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    stack.manage("collectstatic", "--noinput", env={**stack.env, "STATIC_ROOT": str(folder)})
    return folder


def test_collected_files_are_cached_for_ever_under_a_name_with_a_hash(site, collected):
    server = site.start(STATIC_ROOT=str(collected))
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', httpx.get(f"{server.url}/").text)
    assert files
    for file in files:
        assert HASHED.search(file), f"{file} has no hash in its name"
        assert "immutable" in httpx.get(server.url + file).headers["cache-control"]
    modules = [path for path in (collected / "chat" / "js").glob("*.js") if HASHED.search(path.name)]
    imports = [(path.name, name) for path in modules for name in IMPORTS.findall(path.read_text())]
    assert imports
    assert not [(path, name) for path, name in imports if not HASHED.search(name)]


def test_the_javascript_of_a_room_is_minified_and_small(collected):
    names = PRELOADED.findall((ROOT / "templates" / "_room_modules.html").read_text())
    total = 0
    for name in ["chat/js/room.js", *names]:
        source = (collected / name).read_text()
        (hashed,) = (collected / name).parent.glob(f"{Path(name).stem}.*.js")
        assert len(hashed.read_text()) < len(source)
        total += hashed.stat().st_size
    assert names and total < ROOM_BYTES


def test_the_tests_of_the_javascript_pass_with_minified_modules(tmp_path):
    for source in SOURCES:
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(jsmin(source.read_text()))
    shutil.copytree(ROOT / "tests/js", tmp_path / "tests/js")
    tests = sorted(map(str, (tmp_path / "tests/js").rglob("*.test.mjs")))
    done = subprocess.run([node(), "--test", *tests], capture_output=True, text=True, timeout=60)
    assert tests and done.returncode == 0, done.stdout[-4_000:]


def test_every_minified_module_can_be_parsed(tmp_path):
    """The minifier does not read templates inside of templates, so the modules have none."""
    assert not [path.name for path in SOURCES if TEMPLATE_IN_TEMPLATE.search(path.read_text())]
    for source in SOURCES:
        (tmp_path / source.name).write_text(jsmin(source.read_text()))
    command = [node(), "--experimental-vm-modules", "--no-warnings", "--input-type=module", "-e", PARSE]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and int(done.stdout) == len(SOURCES), done.stderr
