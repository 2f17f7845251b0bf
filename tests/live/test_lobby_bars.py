"""A room from which somebody is banned or removed leaves their lists of rooms, with its unread counts."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from chat.actions import members, sanctions
from chat.models import Membership, Sanction, User

from .lobby import Client, post_messages, refresh, watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(kitchen, vault):
    olga = User.objects.create_user("olga", name="Olga")
    for room in (kitchen, vault):
        Membership.objects.create(room=room, user=olga, role=Membership.OWNER)
    return olga


def bar(person, room, by, kind="ban", **fields):
    return sanctions.impose(kind, person, by=by, room=room, reason="Spam", **fields)


def beside_room(feed, person, *slugs):
    client = Client()
    feed.watch(client, person.pk, slugs, None, adds_joined=True)
    refresh(feed)
    client.received()
    return client


@pytest.mark.parametrize("kind", ["ban", "removal"])
@pytest.mark.parametrize("slug", ["kitchen", "vault"])
def test_a_barred_person_is_sent_nothing_more_about_the_room(feed, alice, owner, kitchen, vault, kind, slug):
    room = {"kitchen": kitchen, "vault": vault}[slug]
    hers, theirs = beside_room(feed, alice, slug), beside_room(feed, owner, slug)
    bar(alice, room, owner, kind)
    refresh(feed)
    assert [event["gone"] for event in hers.received()] == [True]
    post_messages(room, owner)
    refresh(feed)
    assert hers.received() == [] and [event["unread"] for event in theirs.received()] == [1]
    reloaded = watch(feed, User.objects.get(pk=alice.pk), slug, newest=0)
    refresh(feed)
    assert all(event.get("gone") for event in reloaded.received() if event["slug"] == slug)


def test_the_room_comes_back_when_the_ban_is_lifted_or_over(feed, alice, owner, kitchen):
    client = beside_room(feed, alice, "kitchen")
    for end in ("lift", "over"):
        ban = bar(alice, kitchen, owner, duration=timedelta(hours=1))
        refresh(feed)
        client.received()
        if end == "lift":
            sanctions.lift(ban, by=owner)
        else:
            Sanction.objects.filter(pk=ban.pk).update(ends_at=Now())
            sanctions.end_over()
        refresh(feed)
        assert [event["slug"] for event in client.received()] == ["kitchen"]


def test_a_removed_person_whom_an_owner_adds_again_sees_the_room(feed, alice, owner, vault):
    client = beside_room(feed, alice, "vault")
    bar(alice, vault, owner, "removal")
    refresh(feed)
    client.received()
    members.add(vault, alice, by=owner)
    refresh(feed)
    assert [event["slug"] for event in client.received()] == ["vault"]


def test_a_guest_from_a_banned_address_sees_the_room_no_more(feed, owner, kitchen):
    ayu, ani = (
        User.objects.create(username=f"guest:{n}", name=n, is_guest=True, entry_ip="192.0.2.1") for n in "12"
    )
    client = beside_room(feed, ani, "kitchen")
    bar(ayu, kitchen, owner, with_address=True)
    refresh(feed)
    assert [event["gone"] for event in client.received()] == [True]
