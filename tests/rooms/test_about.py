"""The page about a room: its description, and its people in pages."""

import re
import uuid

import pytest
from django.utils import timezone

from chat.actions import descriptions
from chat.models import AuditEntry, Description, Membership, Presence, User
from chat.refusals import Refusal
from chat.views.members import PAGE_SIZE

QUERIES = 8  # of the page

pytestmark = pytest.mark.django_db

SETTINGS = {"name": "Vault", "topic": "", "kind": "private", "mention_all": "moderators", "shows_joins": "on"}
SHOWN = {f"initial-{name}": value for name, value in SETTINGS.items()} | {"initial-shows_joins": "True"}


def describe(client, description, shown=""):
    fields = {"initial-description": shown, "description": description}
    return client.post("/rooms/vault/edit/", SETTINGS | SHOWN | fields)


def test_the_owner_writes_a_description_that_is_rendered_once(as_person, vault, alice, dewi):
    written = "Read the **rules**:\r\n\r\n- [tea](https://example.org/tea)\r\n- example.com"
    assert describe(as_person(dewi), written).status_code == 302
    stored = Description.objects.get()
    assert "\r" not in stored.text and "<strong>rules</strong>" in stored.html
    for path in ("about/", ""):
        page = as_person(alice).get(f"/rooms/vault/{path}").content.decode()
        assert '<a href="https://example.org/tea"' in page and "<strong>rules</strong>" in page
    assert AuditEntry.objects.get().details["description"][0] == ""
    assert describe(as_person(dewi), "", shown=stored.text).status_code == 302
    assert not Description.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:alert(1))",
        "[a](mailto:eve@example.org)",
        "<eve@example.org>",
        "<img src=x>",
        "[a](data:x)",
    ],
)
def test_a_description_links_to_web_pages_only(vault, dewi, text):
    descriptions.describe(vault, by=dewi, description=text)
    html = Description.objects.get().html
    assert "href" not in html and "<img" not in html


def test_a_description_mentions_nobody(vault, dewi, alice):
    descriptions.describe(vault, by=dewi, description=f"Ask <@{alice.pk}>")
    assert "Alice" not in Description.objects.get().html


@pytest.mark.parametrize(
    ("text", "words"), [("x" * 2_001, "longer than 2000"), ("a\u202eb", "cannot be used")]
)
def test_a_description_that_cannot_be_stored_is_refused_beside_its_field(as_person, vault, dewi, text, words):
    answer = describe(as_person(dewi), text)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Description.objects.exists()


def test_an_older_form_does_not_undo_a_newer_description(as_person, vault, dewi):
    descriptions.describe(vault, by=dewi, description="One\nTwo")
    older = "One\r\nTwo"
    descriptions.describe(vault, by=dewi, description="Three")
    describe(as_person(dewi), older, shown=older)
    assert Description.objects.get().text == "Three"


def test_only_those_who_manage_the_room_describe_it(vault, bob):
    with pytest.raises(Refusal) as refused:
        descriptions.describe(vault, by=bob, description="Mine")
    assert refused.value.code == "not_your_room"


def test_the_people_who_are_here_come_first_and_the_rest_by_name_in_pages(as_person, vault, alice, bob):
    people = [
        User(username=f"p{n:03}", name=f"Person {n:03}", name_key=f"person{n}") for n in range(PAGE_SIZE)
    ]
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(Membership(room=vault, user=one) for one in people)
    Presence.objects.create(process=uuid.uuid4(), room=vault, user=people[-1], seen_at=timezone.now())
    first = names_in(as_person(bob).get("/rooms/vault/about/"))
    assert first[:3] == ["Person 049", "Alice", "Bob"] and len(first) == PAGE_SIZE
    second = names_in(as_person(bob).get("/rooms/vault/about/?page=2"))
    assert second == ["Person 047", "Person 048"]
    assert names_in(as_person(bob).get("/rooms/vault/about/?q=person 01"))[0] == "Person 010"
    assert names_in(as_person(bob).get("/rooms/vault/about/?q=049")) == ["Person 049"]
    for query in ("%00", "nobody", "%25"):
        assert names_in(as_person(bob).get(f"/rooms/vault/about/?q={query}")) == []
    for page in ("0", "x", "201", "99999"):
        assert as_person(bob).get(f"/rooms/vault/about/?page={page}").status_code == 404


def names_in(answer):
    assert answer.status_code == 200
    return re.findall(r'class="person-name"[^>]*>([^<]*)<', answer.content.decode())


def test_the_number_of_queries_does_not_depend_on_the_members(
    as_person, vault, bob, django_assert_num_queries
):
    client = as_person(bob)
    for number in (0, 30):
        members = User.objects.bulk_create(
            User(username=f"p{each}", name=f"P{each}", name_key=f"p{each}") for each in range(number)
        )
        Membership.objects.bulk_create(Membership(room=vault, user=one) for one in members)
        with django_assert_num_queries(QUERIES):
            client.get("/rooms/vault/about/")
