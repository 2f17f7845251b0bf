"""The search page and its suggestions: hits with links, escaping, more results, limits and bounds."""

import re

import pytest
from django.db import connection
from django.utils.html import escape

from chat.actions.messages import post
from chat.models import Message, User
from chat.search import bounds, finding
from chat.search.query import LONGEST
from chat.search.ranking import RANKED
from chat.views.search import PAGE_SIZE

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(reader, typed, **parameters):
    answer = reader.get("/search/", {"q": typed, **parameters})
    assert answer.status_code == 200
    return answer.content.decode()


def excerpts(content):
    found = re.findall(r'(?s)class="mention-excerpt"[^>]*>(.*?)</span>', content)
    return [text.strip().replace("<mark>", "[").replace("</mark>", "]") for text in found]


def test_hits_show_author_room_and_marked_words_and_open_in_the_room(reader, kitchen, vault, alice, bob, say):
    say(kitchen, bob, "Kami mengajarkan bahasa")
    say(vault, bob, f"<@{alice.pk}> belajar?")
    content = page(reader, "ajar")
    assert excerpts(content) == ["@Alice bel[ajar]?", "Kami meng[ajar]kan bahasa"]
    assert 'href="/rooms/kitchen/1/"' in content and 'href="/rooms/vault/1/"' in content
    assert content.count('class="author">Bob<') == 2 and "in <bdi>Vault</bdi>" in content


def test_messages_and_queries_are_escaped(reader, kitchen, alice, say):
    say(kitchen, alice, 'tea <script>alert("1")</script> & more')
    content = page(reader, 'script "><script>alert(2)')
    assert "<script>alert" not in content
    assert excerpts(page(reader, "script tea")) == [
        "[tea] &lt;[script]&gt;alert(&quot;1&quot;)&lt;/[script]&gt; &amp; more"
    ]


def test_more_results_continue_until_the_last(reader, kitchen, alice, say):
    say(kitchen, alice, *(f"tea {n}" for n in range(PAGE_SIZE + 5)))
    content = page(reader, "tea")
    assert len(excerpts(content)) == PAGE_SIZE
    (more,) = re.findall(r'rel="next" href="(.*?)"', content)
    rest = reader.get("/search/" + more.replace("&amp;", "&")).content.decode()
    assert excerpts(rest) == [f"[tea] {n}" for n in range(4, -1, -1)] and 'rel="next"' not in rest


def test_best_first_prefers_whole_words_and_the_typed_order(reader, kitchen, alice, say):
    say(kitchen, alice, "green tea", "tea of a green kind", "evergreens and teapots")
    assert excerpts(page(reader, "green tea", sort="best")) == [
        "[green] [tea]",
        "[tea] of a [green] kind",
        "ever[green]s and [tea]pots",
    ]


def test_best_first_says_how_many_results_it_compares_and_goes_on_like_newest_first(
    reader, kitchen, alice, say, monkeypatch
):
    say(kitchen, alice, "xyz", "one", "two", "three")
    assert f"compares the latest {RANKED} results" in page(reader, "xyz", sort="best")
    monkeypatch.setattr(finding, "FEW", 0)
    monkeypatch.setattr(finding, "WALKED", 2)
    content = page(reader, "y", sort="best")  # one letter has no index
    assert "No message matches" not in content and "Search further back" in content


def test_a_search_that_reads_message_by_message_can_be_continued(reader, kitchen, alice, say, monkeypatch):
    monkeypatch.setattr(finding, "FEW", 0)
    monkeypatch.setattr(finding, "WALKED", 2)
    say(kitchen, alice, "xyz", "one", "two", "three")
    content = page(reader, "y")  # one letter has no index
    assert excerpts(content) == [] and "Search further back" in content
    (more,) = re.findall(r'rel="next" href="(.*?)"', content)
    assert excerpts(reader.get("/search/" + more.replace("&amp;", "&")).content.decode()) == ["x[y]z"]


def test_without_a_query_the_page_explains_what_can_be_typed(reader):
    content = page(reader, "")
    assert all(f"{key}:" in content for key in ("from", "in", "mentions", "has", "after", "before"))
    assert "No message matches" in page(reader, "kettle")
    assert escape("“after:” is followed by a date") in page(reader, "after:soon")


@pytest.mark.parametrize(
    "typed",
    ["x" * 4_000, "\0", "a\0b", '"' * 500, "(" * 300, "%_\\*?", "from: in: has:", "\ud800", "🫖" * 200],
)
def test_odd_queries_are_answered(reader, kitchen, alice, say, typed):
    say(kitchen, alice, "tea")
    content = page(reader, typed.encode("utf-8", "replace").decode())
    if len(typed) > LONGEST:
        assert f"at most {LONGEST} characters" in content


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30])
def test_an_odd_page_is_not_found(reader, before):
    assert reader.get("/search/", {"q": "tea", "before": before}).status_code == 404


def test_visitors_log_in_first_and_come_back(client):
    assert client.get("/search/?q=tea").headers["location"].endswith("?next=%2Fsearch%2F%3Fq%3Dtea")
    assert client.get("/search/suggestions/").status_code == 401


# ── suggestions ──────────────────────────────────────────────────────────────────────────────────


def test_people_in_shared_rooms_and_visible_rooms_are_suggested(reader, client, vault, charlie):
    def suggested(**parameters):
        return client.get("/search/suggestions/", parameters).json()["names"]

    assert suggested(key="from", q="b") == ["Bob"] and suggested(key="from", q="char") == []
    assert suggested(key="in", q="ault") == ["Vault"] and suggested(key="in", q="\0") == []
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    assert suggested(key="in", q="ault") == [] and suggested(key="from", q="b") == []


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────


def test_searches_are_limited_per_person(reader, kitchen):
    statuses = [reader.get("/search/?q=tea").status_code for _ in range(35)]
    assert statuses[0] == 200 and statuses[-1] == 429


def test_a_process_searches_for_a_few_people_at_once(reader, kitchen, monkeypatch):
    monkeypatch.setattr(bounds, "PATIENCE", 0.01)
    for _ in range(bounds.AT_ONCE):
        bounds._slots.acquire()
    try:
        assert reader.get("/search/?q=tea").status_code == 503
    finally:
        for _ in range(bounds.AT_ONCE):
            bounds._slots.release()
    assert reader.get("/search/?q=tea").status_code == 200


def test_a_search_that_takes_too_long_is_stopped_and_explained(reader, kitchen, alice, monkeypatch):
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

    def search(_):
        with connection.cursor() as cursor:
            cursor.execute(endless)

    monkeypatch.setattr(bounds, "LONGEST", 0.05)
    monkeypatch.setattr(finding.Search, "run", search)
    answer = reader.get("/search/?q=tea")
    content = answer.content.decode()
    assert answer.status_code == 422 and "took too long" in content and 'value="tea ' in content
    assert User.objects.filter(pk=alice.pk).exists()  # the connection can be used


def test_a_post_takes_no_query_more_and_stores_its_words(kitchen, alice, say):
    (message,) = say(kitchen, alice, "Green tea")
    assert Message.objects.get(pk=message.pk).search_text == " green tea " and post([]) == []
