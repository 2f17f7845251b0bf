"""Migration 0005 on a database in use: duplicates are numbered, guessable private slugs are replaced."""

import pytest

from tests.migrations import migrate, migrated_back

BEFORE, AFTER = "0004_moderators", "0005_room_names_and_addresses"
SECRET = "party-abcdefgh"


@pytest.mark.django_db(transaction=True)
def test_existing_rooms_get_unique_names_and_private_slugs_that_cannot_be_guessed():
    with migrated_back(BEFORE) as old:
        make = old.get_model("chat", "Room").objects.create
        make(slug="kitchen", name="Kitchen", head=3)
        make(slug="kitchen-2", name="KITCHEN", head=90)
        make(slug="kitchen-3", name="kitchen ", head=3)
        make(slug="numbered", name="Kitchen 2", head=0)
        make(slug="long", name="x" * 60, head=1)
        make(slug="long-2", name="X" * 60)
        make(slug="wide", name="\ufdfa" * 60, head=1)
        make(slug="wide-2", name="\ufdfa" * 60)
        make(slug="vault", name="Kitchen", kind="private")
        make(slug=SECRET, name="Kitchen", kind="private")
        user = old.get_model("chat", "User").objects.create(username="a", name="A", name_key="a")
        old.get_model("chat", "Membership").objects.create(
            room=old.get_model("chat", "Room").objects.get(slug="vault"), user=user
        )
        new = migrate(AFTER)
        assert_names_and_slugs(new)


def assert_names_and_slugs(new):
    rooms = new.get_model("chat", "Room").objects
    assert dict(rooms.filter(kind="public").values_list("slug", "name")) == {
        "kitchen-2": "KITCHEN",
        "kitchen": "Kitchen 3",
        "kitchen-3": "kitchen 4",
        "numbered": "Kitchen 2",
        "long": "x" * 60,
        "long-2": "X" * 58 + " 2",
        "wide": "\ufdfa" * 60,
        "wide-2": "Room 2",
    }
    assert rooms.filter(kind="private", name="Kitchen", name_key="kitchen").count() == 2
    former = new.get_model("chat", "FormerSlug").objects.get()
    assert former.slug == "vault" and former.room.slug.startswith("vault-") and len(former.room.slug) == 14
    assert rooms.filter(slug=SECRET).exists()


def test_the_migration_computes_the_same_keys_as_the_code():
    from importlib import import_module

    from chat.names import room_key
    from tests.input.payloads import PAYLOADS

    frozen = import_module("chat.migrations.0005_room_names_and_addresses").room_key
    for name in (*PAYLOADS, "Ｋｉｔ\u00adchen", "\u3164", "❤\ufe0f", "a\u200db", "\u1680x", "Straße  1"):
        assert frozen(name[:60]) == room_key(name[:60])
