"""`/emoji.json`: the list of emoji for the picker."""

import gzip
import json

PATH = "/emoji.json"


def test_the_list_is_the_same_for_everybody_and_needs_no_query(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(PATH)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/json"
    groups = json.loads(answer.content)["groups"]
    assert ["👍", "thumbs up", ["thumbsup", "+1"], "jempol ke atas"] in groups[1]["emoji"]


def test_the_list_is_compressed_and_browsers_keep_it(client, db):
    answer = client.get(PATH, headers={"Accept-Encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "gzip" and len(answer.content) < 40_000
    assert gzip.decompress(answer.content) == client.get(PATH).content
    assert answer["Cache-Control"] == "public, max-age=86400" and answer["Vary"] == "Accept-Encoding"
    again = client.get(PATH, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304 and not again.content
    assert client.get(PATH, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_list_is_built_once(client, db, monkeypatch):
    from chat import emoji

    first = client.get(PATH).content
    monkeypatch.setattr(emoji, "catalogue", None)
    assert client.get(PATH).content == first


def test_the_list_can_only_be_read(client, db):
    assert client.post(PATH).status_code == 405


def test_starting_does_not_load_the_emoji():
    import subprocess
    import sys

    script = "import django; django.setup(); import chat.views.urls, sys; assert 'emoji' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
