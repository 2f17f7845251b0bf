"""`manage.py collectstatic`: file names contain a hash, and pages and modules refer to the hashed names. The
chat's modules are minified, its style sheets joined.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.__main__ import node

minify = pytest.importorskip("minify", reason="The minifier has no wheel for this machine")

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "chat/static/chat/js").rglob("*.js"))
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
IMPORTS = re.compile(r"""(?:from|import)\s*\(?["'](\./[^"']+)["']""")
SCRIPTS = re.compile(r'(?:src|modulepreload" fetchpriority="low" href)="{% static "(chat/js/[^"]+)" %}"')
IMPORTED = re.compile(r'@import "(\w+\.css)";')
ROOM_TEMPLATES = ("base.html", "room.html", "_room_modules.html")
ROOM_BYTES = 80_000  # of JavaScript that the page of a room loads at once, uncompressed
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


@pytest.mark.once
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


@pytest.mark.once
def test_the_javascript_of_a_room_is_minified_and_small(collected):
    """All scripts of the page count, also the one that only pages with unread messages have."""
    pages = "".join((ROOT / "templates" / name).read_text() for name in ROOM_TEMPLATES)
    names = set(SCRIPTS.findall(pages))
    assert {f"chat/js/{name}.js" for name in ("room", "page", "opening", "timeline")} <= names
    total = 0
    for name in names:
        served = hashed(collected / name)
        assert len(served.read_text()) < len((collected / name).read_text())
        total += served.stat().st_size
    assert total < ROOM_BYTES


@pytest.mark.once
@pytest.mark.parametrize("name", ["every_page.css", "room_page.css"])
def test_a_page_loads_its_style_sheets_as_one_file(collected, name):
    folder = ROOT / "chat/static/chat/css"
    parts = IMPORTED.findall((folder / name).read_text())
    served = hashed(collected / "chat/css" / name).read_text()
    assert len(parts) > 3 and "@import" not in served
    places = [served.index((folder / part).read_text()) for part in parts]
    assert places == sorted(places)


def minified(source: Path) -> str:
    return minify.string("application/javascript", source.read_text())


def hashed(path: Path) -> Path:
    """The collected file with a hash in its name. Earlier passes leave others, so the manifest decides."""
    paths = json.loads((path.parents[2] / "staticfiles.json").read_text())["paths"]
    return path.parents[2] / paths[str(path.relative_to(path.parents[2]))]


@pytest.mark.once
def test_the_tests_of_the_javascript_pass_with_minified_modules(tmp_path):
    for source in SOURCES:
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(minified(source))
    shutil.copytree(ROOT / "tests/js", tmp_path / "tests/js")
    shutil.copy(ROOT / "tests/excerpts.json", tmp_path / "tests")
    tests = sorted(map(str, (tmp_path / "tests/js").rglob("*.test.mjs")))
    done = subprocess.run([node(), "--test", *tests], capture_output=True, text=True, timeout=60)
    assert tests and done.returncode == 0, done.stdout[-4_000:]


@pytest.mark.once
def test_every_minified_module_can_be_parsed(tmp_path):
    for source in SOURCES:
        (tmp_path / source.name).write_text(minified(source))
    command = [node(), "--experimental-vm-modules", "--no-warnings", "--input-type=module", "-e", PARSE]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and int(done.stdout) == len(SOURCES), done.stderr
