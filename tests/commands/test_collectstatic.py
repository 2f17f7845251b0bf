"""`manage.py collectstatic`: file names contain a hash, and pages and modules refer to the hashed names."""

import re

import httpx

HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
IMPORTS = re.compile(r"""(?:from|import)\s*["'](\./[^"']+)["']""")


def test_collected_files_are_cached_for_ever_under_a_name_with_a_hash(site, tmp_path):
    site.manage("collectstatic", "--noinput", STATIC_ROOT=str(tmp_path))
    server = site.start(STATIC_ROOT=str(tmp_path))
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', httpx.get(f"{server.url}/").text)
    assert files
    for file in files:
        assert HASHED.search(file), f"{file} has no hash in its name"
        assert "immutable" in httpx.get(server.url + file).headers["cache-control"]
    modules = [path for path in (tmp_path / "chat" / "js").glob("*.js") if HASHED.search(path.name)]
    imports = [(path.name, name) for path in modules for name in IMPORTS.findall(path.read_text())]
    assert imports
    assert not [(path, name) for path, name in imports if not HASHED.search(name)]
