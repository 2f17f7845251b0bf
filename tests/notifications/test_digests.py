"""Mails about missed messages, read from a real mail server."""

import re

import pytest
from aiosmtpd.controller import Controller

from chat.actions import notification_settings
from chat.actions.changes import Edit
from chat.actions.messages import post
from chat.actions.reading import mark_read
from chat.actions.room_settings import set_for_me
from chat.models import Membership, NotificationSettings, User
from tests.services import free_port

from .mailbox import Mailbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


@pytest.fixture
def mailbox(settings, mails_on):
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    yield box
    server.stop()


def gets_mails(user, address):
    user.email = address
    user.save()
    NotificationSettings.objects.update_or_create(user=user, defaults={"mail": True})
    notification_settings.confirm(user)
    return user


@pytest.fixture
def alice(alice):
    return gets_mails(alice, "alice@example.org")


def test_ten_minutes_after_a_mention_one_mail_lists_what_was_missed(
    mailbox, alice, bob, kitchen, vault, say, work, later
):
    set_for_me(vault, by=alice, notify=Membership.ALL)
    message = say(kitchen, bob, f"*Tea*, <@{alice.pk}> & <b>cake</b>?")
    say(vault, bob, *(f"Number {number}" for number in range(7)))
    later(seconds=10)
    work()
    later(minutes=9)
    work()
    assert mailbox.mails == []
    later(minutes=1)
    work()
    work()
    (mail,) = mailbox.mails
    assert mail["To"] == "alice@example.org"
    assert mail["Subject"] == "8 new messages in Kitchen and 1 more"
    text, html = mailbox.part(0, "plain"), mailbox.part(0, "html")
    assert "Bob: Tea, @Alice & <b>cake</b>?" in text and "&lt;b&gt;cake" in html
    for body in (text, html):
        assert f"https://chat.example.org/rooms/kitchen/{message.seq}/" in body
        assert "Number 6" in body and "Number 2" in body and "Number 1" not in body
        assert "2 earlier" in body


def test_a_person_who_read_the_messages_meanwhile_gets_no_mail(
    mailbox, alice, bob, kitchen, say, work, later
):
    message = say(kitchen, bob, f"<@{alice.pk}>")
    later(seconds=10)
    work()
    mark_read({(kitchen.pk, alice.pk): message.seq})
    later(minutes=11)
    work()
    assert mailbox.mails == []
    say(kitchen, bob, f"<@{alice.pk}> again")
    later(seconds=10)
    work()
    later(minutes=11)
    work()
    assert len(mailbox.mails) == 1


def test_a_mention_that_an_edit_adds_is_mailed_once(mailbox, alice, bob, kitchen, say, work, later):
    message = say(kitchen, bob, "Hello")
    later(minutes=1)
    work()
    post([Edit(kitchen.pk, bob.pk, message.seq, f"Hello <@{alice.pk}>")])
    for _ in range(2):
        later(seconds=10)
        work()
        later(hours=2)
        work()
    assert [mail["Subject"] for mail in mailbox.mails] == ["A new message in Kitchen"]


def test_a_person_gets_at_most_one_mail_an_hour(mailbox, alice, bob, kitchen, say, work, later):
    for number in range(12):
        say(kitchen, bob, f"<@{alice.pk}> {number}")
        later(seconds=10)
        work()
        later(minutes=10)
        work()
    assert [mail["Subject"] for mail in mailbox.mails] == [
        "A new message in Kitchen",
        "6 new messages in Kitchen",
    ]


def test_a_mail_that_the_server_did_not_take_is_sent_again(
    mailbox, alice, bob, kitchen, say, work, later, settings
):
    say(kitchen, bob, f"<@{alice.pk}>")
    later(minutes=11)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    work()
    later(minutes=11)
    work()
    settings.EMAIL_PORT = port
    work()
    assert mailbox.mails == []
    later(minutes=6)
    work()
    assert len(mailbox.mails) == 1


def test_an_address_that_is_refused_for_good_is_tried_once(
    mailbox, alice, bob, kitchen, say, work, later, caplog
):
    mailbox.refusal = "550 no such person"
    say(kitchen, bob, f"<@{alice.pk}>")
    later(seconds=10)
    work()
    later(minutes=11)
    work()
    assert "refused an address with [550]" in caplog.text and "alice@" not in caplog.text
    mailbox.refusal = ""
    later(hours=2)
    work()
    assert mailbox.mails == []


def test_guests_accounts_without_an_address_and_those_who_ended_it_get_none(
    mailbox, alice, bob, kitchen, say, work, later
):
    NotificationSettings.objects.filter(user=alice).update(mail=False)
    guest = User.objects.create(username="guest:1", name="G", is_guest=True, email="g@example.org")
    Membership.objects.create(room=kitchen, user=guest)
    say(kitchen, bob, "<@all> hello")
    later(seconds=10)
    work()
    later(minutes=11)
    work()
    assert mailbox.mails == []


def test_the_link_in_the_mail_ends_the_mails_without_login(
    mailbox, alice, bob, kitchen, say, work, later, client
):
    say(kitchen, bob, f"<@{alice.pk}>")
    later(seconds=10)
    work()
    later(minutes=11)
    work()
    mail = mailbox.mails[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<https://chat\.example\.org(/\S+)>", mail["List-Unsubscribe"].strip())
    assert found, mail["List-Unsubscribe"]
    url = found[1]
    assert url in mailbox.part(0, "plain")
    assert b"Stop these mails" in client.get(url).content
    assert not NotificationSettings.objects.filter(user=alice, mail=False).exists()
    one_click = client.post(url, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    assert one_click.status_code == 200
    assert NotificationSettings.objects.get(user=alice).mail is False
    assert client.get(url[:-4] + "xxx/").status_code == 410


def test_mails_that_were_ended_or_whose_address_changed_while_they_waited_are_not_sent(
    mailbox, alice, bob, kitchen, vault, say, work, later
):
    say(kitchen, bob, f"<@{alice.pk}>")
    later(seconds=10)
    work()
    User.objects.filter(pk=alice.pk).update(email="someone.else@example.org")
    later(minutes=11)
    work()
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    say(vault, bob, f"<@{alice.pk}>")
    later(seconds=10)
    work()
    notification_settings.stop_mails(alice)
    later(minutes=11)
    work()
    assert mailbox.mails == []


def test_several_accounts_with_one_address_get_one_mail_an_hour_together(
    mailbox, alice, bob, kitchen, say, work, later
):
    people = [alice]
    for number in range(3):
        user = User.objects.create_user(f"double{number}", name=f"Double {number}")
        people.append(gets_mails(user, "Alice@Example.org"))
        Membership.objects.create(room=kitchen, user=user)
    say(kitchen, bob, "<@all> hello")
    later(seconds=10)
    work()
    later(minutes=11)
    for _ in range(5):
        work()
        later(minutes=11)
    assert len(mailbox.mails) == 1
    later(minutes=6)
    work()
    work()
    assert [mail["To"] for mail in mailbox.mails] == ["alice@example.org", "Alice@Example.org"]
