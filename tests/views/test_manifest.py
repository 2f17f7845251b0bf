"""The web app manifest and its icons."""

import json
import struct
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(client):
    return client.get("/manifest.webmanifest")


def test_the_manifest_is_cached_and_has_its_own_type(answer, django_assert_num_queries, client):
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/manifest+json"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in answer.get("Vary", "")
    with django_assert_num_queries(0):
        client.get("/manifest.webmanifest")


def test_the_manifest_makes_the_site_installable(answer):
    manifest = json.loads(answer.content)
    assert manifest["name"] == manifest["short_name"] == "Obrolan"
    assert manifest["start_url"] == manifest["scope"] == "/" and manifest["display"] == "standalone"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert [icon["sizes"] for icon in manifest["icons"] if icon.get("purpose") == "maskable"] == ["512x512"]


def test_every_icon_has_the_size_that_the_manifest_states(answer):
    for icon in json.loads(answer.content)["icons"]:
        if icon["type"] == "image/png":
            assert icon["sizes"] == size(icon["src"].removeprefix("/static/"))
    assert size("chat/icon-apple.png") == "180x180"


def test_every_page_links_to_the_manifest(client):
    page = client.get("/accounts/login/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert '<link rel="apple-touch-icon" href="/static/chat/icon-apple.png">' in page


def size(name):
    """Width and height in the header of a PNG file."""
    header = Path(finders.find(name)).read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", header[16:24])
    return f"{width}x{height}"
