"""Word and link rules of a room and of the site: what they do to posts and edits, and how they change."""

import uuid

import pytest

from chat.actions import changes, rule_cache, rule_log, rules
from chat.actions.messages import Draft, post
from chat.actions.rooms import create
from chat.models import AuditEntry, Membership, Message, Rule, User, Version
from chat.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(kitchen):
    owner = User.objects.create_user("olga", name="Olga")
    Membership.objects.create(room=kitchen, user=owner, role=Membership.OWNER)
    return owner


@pytest.fixture
def rut():
    return User.objects.create_superuser("rut")


def say(room, author, text):
    known = User(pk=author.pk, name=author.name, is_guest=author.is_guest)
    (done,) = post([Draft(room.pk, author.pk, uuid.uuid4(), text, author=known)])
    return done


def add(room, by, pattern, effect, **options):
    return rules.add(room, by=by, pattern=pattern, effect=effect, **options)


def code(call, *arguments, **options):
    with pytest.raises(Refusal) as refused:
        call(*arguments, **options)
    return refused.value.code


def test_a_refused_text_is_handed_back_with_the_explanation(kitchen, alice, owner):
    add(kitchen, owner, "spam", "refuse", explanation="Sell it elsewhere.")
    refusal = say(kitchen, alice, "Buy SPAM")
    assert (refusal.code, refusal.retry) == ("against_rules", False)
    assert refusal.message == "This message is against a rule of the room: Sell it elsewhere."
    assert not Message.objects.exists()


def test_a_masked_word_is_stored_nowhere(kitchen, alice, owner):
    add(kitchen, owner, "spam*", "mask")
    message = say(kitchen, alice, "Buy **spammy** things")
    assert (message.text, message.html) == ("Buy **•••** things", "<p>Buy <strong>•••</strong> things</p>")
    post([changes.Edit(kitchen.pk, alice.pk, 1, "No more spam")])
    assert Message.objects.get().text == "No more •••"
    assert "spam" not in Version.objects.get().text


@pytest.mark.parametrize("effect", ["refuse", "hold"])
def test_an_edit_that_a_rule_stops_is_refused(kitchen, alice, owner, effect):
    add(kitchen, owner, "spam", effect)
    say(kitchen, alice, "hello")
    (refusal,) = post([changes.Edit(kitchen.pk, alice.pk, 1, "spam")])
    assert refusal.code == "against_rules"
    assert Message.objects.get().text == "hello"


def test_a_rule_applies_from_the_next_post_on_and_until_it_is_removed(kitchen, alice, owner):
    assert say(kitchen, alice, "spam").seq == 1
    rule = add(kitchen, owner, "spam", "refuse")
    assert say(kitchen, alice, "spam").code == "against_rules"
    rules.remove(rule, by=owner)
    assert say(kitchen, alice, "spam").seq == 2


def test_a_text_that_was_prepared_before_a_rule_changed_is_prepared_again(kitchen, alice, owner):
    early = Draft(kitchen.pk, alice.pk, uuid.uuid4(), "spam and ham", author=alice)
    early.prepare()
    add(kitchen, owner, "spam", "mask")
    (message,) = post([early])
    assert message.html == "<p>••• and ham</p>"


def test_a_rule_of_the_site_applies_in_every_room_also_in_later_ones(
    kitchen, vault, alice, rut, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        add(None, rut, "evil.com", "refuse", kind="link")
    for room in (kitchen, vault, create("Later", by=alice)):
        assert say(room, alice, "https://evil.com/").code == "against_rules"
    assert say(kitchen, alice, "https://good.com/").seq == 1


def test_another_rooms_rule_does_not_apply(kitchen, vault, alice, owner):
    add(kitchen, owner, "spam", "refuse")
    assert say(vault, alice, "spam").seq == 1


def test_only_owners_set_the_rules_of_a_room_and_site_moderators_those_of_the_site(
    kitchen, alice, bob, owner, rut
):
    for person in (alice, bob):
        assert code(add, kitchen, person, "spam", "hold") == "not_allowed"
    assert code(add, None, owner, "spam", "hold") == "not_allowed"
    rule = add(None, rut, "spam", "hold")
    assert code(rules.remove, rule, by=owner) == "not_allowed"


REFUSED = {
    "rule_empty": ("word", "!?"),
    "rule_signs": ("word", "c#"),
    "rule_too_long": ("word", "x" * 101),
    "rule_words": ("word", "a b c d e f g h i"),
    "rule_characters": ("word", "a\u202eb"),
    "rule_host": ("link", "not a host"),
    "bad_mode": ("regexp", ".*"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_rule_that_cannot_be_matched_is_refused(kitchen, owner, why):
    kind, pattern = REFUSED[why]
    assert code(add, kitchen, owner, pattern, "hold", kind=kind) == why


@pytest.mark.parametrize("pattern", ["c#", "C++", ".net", "#tag", "b*d", "*bad", "bad**", "@alice", "bad!"])
def test_a_pattern_whose_signs_would_be_ignored_is_refused(kitchen, owner, pattern):
    """The rule would match more than it says: `c#` every `c`."""
    assert code(add, kitchen, owner, pattern, "hold") == "rule_signs"


@pytest.mark.parametrize(
    "pattern", ["bad*", "don't", "f.o.o", "buy now", "buy-now", "Übel", "e\u0301te", "死ね!"]
)
def test_other_patterns_are_accepted(kitchen, owner, pattern):
    assert add(kitchen, owner, pattern, "hold").pk


def test_a_room_has_each_rule_once_and_five_hundred_at_most(kitchen, owner):
    add(kitchen, owner, "spam", "hold")
    assert code(add, kitchen, owner, " spam ", "refuse") == "rule_exists"
    Rule.objects.bulk_create([Rule(room=kitchen, pattern=f"word{n}") for n in range(499)])
    assert code(add, kitchen, owner, "more", "hold") == "too_many_rules"


def test_a_host_is_stored_without_its_address(kitchen, owner):
    assert add(kitchen, owner, "https://www.Evil.com/page", "hold", kind="link").pattern == "evil.com"


def test_posts_take_no_query_for_rules_that_are_known(django_assert_num_queries, kitchen, alice, owner):
    add(kitchen, owner, "spam", "refuse")
    say(kitchen, alice, "hello")
    decisions = type(kitchen).objects.get(pk=kitchen.pk).decisions
    draft = Draft(kitchen.pk, alice.pk, uuid.uuid4(), "hi", author=alice, known_decisions=decisions)
    with django_assert_num_queries(3 + 2):  # as without rules; two for the savepoint
        post([draft])


def test_refused_and_masked_posts_are_logged_once_a_minute(
    kitchen, alice, owner, django_capture_on_commit_callbacks
):
    add(kitchen, owner, "spam", "refuse")
    add(kitchen, owner, "darn", "mask")
    with django_capture_on_commit_callbacks(execute=True):
        for text in ("spam", "spam again", "darn", "darn spam"):
            say(kitchen, alice, text)
    rule_log.write()
    rule_log.write()
    found = AuditEntry.objects.filter(action__in=("refuse", "mask")).order_by("action")
    assert [(each.action, each.person_id, each.details["times"]) for each in found] == [
        ("mask", alice.pk, 1),
        ("refuse", alice.pk, 3),
    ]


def test_trying_a_text_stores_nothing(kitchen, owner):
    add(kitchen, owner, "spam", "refuse")
    add(kitchen, owner, "darn", "mask")
    assert rules.try_text(kitchen, "hello").effect == ""
    assert rules.try_text(kitchen, "darn spam").stopped_by.pattern == "spam"
    masked = rules.try_text(kitchen, "darn it")
    assert (masked.effect, masked.text, masked.masked_by[0].pattern) == ("mask", "••• it", "darn")
    assert not Message.objects.exists()


def test_the_rules_page_adds_tries_and_removes(client, kitchen, bob, owner, rut):
    add(None, rut, "sitewide", "hold")
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    url = "/rooms/kitchen/rules/"
    fields = {"kind": "word", "pattern": "spam", "effect": "refuse", "explanation": ""}
    assert "Added “spam”" in client.post(url, fields, follow=True).content.decode()
    assert client.post(url, fields).status_code == 422
    assert "because of “<bdi>spam</bdi>”" in client.post(url, {"text": "Spam!"}).content.decode()
    assert "sitewide" in client.get(url).content.decode()
    rule = kitchen.rules.get()
    client.post(f"{url}{rule.pk}/remove/")
    assert not kitchen.rules.exists()
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == 403
    assert client.post(f"{url}{Rule.objects.get().pk}/remove/").status_code == 404


def test_the_number_of_rooms_whose_rules_are_kept_is_bounded(monkeypatch, kitchen, vault, alice, owner, rut):
    monkeypatch.setattr(rule_cache, "MAX_ROOMS", 1)
    add(None, rut, "spam", "refuse")
    for room in (kitchen, vault, kitchen):
        assert say(room, alice, "spam").code == "against_rules"
        assert len(rule_cache._known) == 1
