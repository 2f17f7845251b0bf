"""Lists of rooms show the latest forty direct conversations. A page of their own has all, by name too."""

import pytest

from chat.actions import direct
from chat.models import Membership, Room, User
from chat.views import lobby, room_sides

pytestmark = pytest.mark.django_db

ALL = 'href="/?direct=1"'


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def conversations(monkeypatch, alice, kitchen):
    """With five people. Lists of rooms have the latest three, and a page four."""
    monkeypatch.setattr(room_sides, "MAX_DIRECT", 3)
    monkeypatch.setattr(lobby, "PAGE_SIZE", 4)
    people = [
        User.objects.create_user(name, name=name.title()) for name in ("ani", "budi", "citra", "dewi", "eka")
    ]
    Membership.objects.bulk_create(Membership(room=kitchen, user=person) for person in people)
    return [direct.open_direct([person], by=alice) for person in people]


def listed(reader, address):
    answer = reader.get(address)
    assert answer.status_code == 200
    content = answer.content.decode()
    return [room.title for section in answer.context["sections"] for room in section.rooms], content


def test_a_person_with_more_conversations_than_are_listed_reaches_all(reader, conversations, kitchen):
    for address in ("/", "/rooms/kitchen/"):
        titles, content = listed(reader, address)
        assert sum(title != kitchen.title for title in titles) == 3 and ALL in content
    first, content = listed(reader, "/?direct=1")
    assert len(first) == 4 and 'rel="next" href="/?direct=1&amp;page=2"' in content and ALL not in content
    second, _ = listed(reader, "/?direct=1&page=2")
    assert sorted(first + second) == ["Ani", "Budi", "Citra", "Dewi", "Eka"]


def test_a_conversation_is_found_by_the_name_of_a_person_in_it(reader, conversations, alice, bob, kitchen):
    direct.open_direct([bob], by=User.objects.get(username="ani"))
    titles, content = listed(reader, "/?direct=1&q=ITR")
    assert titles == ["Citra"] and 'name="direct" value="1"' in content
    assert listed(reader, "/?direct=1&q=bob")[0] == []
    assert listed(reader, f"/?direct=1&q={alice.name}")[0] == []
    assert listed(reader, "/?direct=1&q=a%00b")[0] == []


def test_few_conversations_need_no_page_of_their_own(reader, conversations):
    Room.objects.filter(pk__in=[room.pk for room in conversations[:3]]).delete()
    for address in ("/", "/rooms/kitchen/"):
        assert ALL not in listed(reader, address)[1]
