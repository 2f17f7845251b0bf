"""Mails go to confirmed addresses only: sign-up takes any address."""

import re

import pytest
from django.core import signing
from django.test import Client

from chat.actions import notification_settings
from chat.actions.leaving import delete_account
from chat.models import NotificationSettings, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_on")]
PAGE = "/accounts/notifications/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def alice(alice):
    alice.email = "alice@example.org"
    alice.save()
    return alice


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend=BACKEND)
    return client


def link_in(mail):
    return re.search(r"https://chat\.example\.org(/accounts/address/\S+/)", mail.body)[1]


def mailed(user):
    from chat.actions.notices.reach import may_mail

    return may_mail([user.pk]) == {user.pk}


def test_mails_start_when_the_address_is_confirmed(reader, alice, sent_mails):
    assert "Mails are off." in reader.get(PAGE).text
    page = reader.post(PAGE, {"mail": "on"}, follow=True).text
    assert "Confirm your address: we sent a mail to alice@example.org." in page
    reader.post(PAGE, {"mail": "on", "sound": "on"})  # changes something else
    (mail,) = sent_mails()
    assert mail.to == ["alice@example.org"]
    url, anybody = link_in(mail), Client()
    assert "Confirm this address" in anybody.get(url).text
    assert not mailed(alice)
    assert "Your address is confirmed" in anybody.post(url).text
    assert mailed(alice)
    assert "They go to alice@example.org." in reader.get(PAGE).text
    reader.post(PAGE, {"sound": "on"})
    assert not mailed(alice)
    reader.post(PAGE, {"mail": "on"})
    assert mailed(alice) and len(sent_mails()) == 1


def test_another_link_is_sent_when_it_is_asked_for_three_times_a_day(reader, sent_mails):
    for _ in range(3):
        assert reader.post(PAGE, {"mail": "on", "send_link": "yes"}).status_code == 302
    refused = reader.post(PAGE, {"mail": "on", "send_link": "yes"})
    assert refused.status_code == 429 and "Too many mails to confirm an address." in refused.text
    assert len(sent_mails()) == 3


def test_accounts_with_one_address_share_its_limit(reader, alice, bob, sent_mails):
    for _ in range(3):
        reader.post(PAGE, {"mail": "on", "send_link": "yes"})
    bob.email = "ALICE@example.org"
    bob.save()
    other = Client()
    other.force_login(bob, backend=BACKEND)
    assert other.post(PAGE, {"mail": "on"}).status_code == 429
    assert len(sent_mails()) == 3


def test_a_new_address_has_to_be_confirmed_again_and_the_link_to_the_old_one_is_spent(
    reader, alice, sent_mails
):
    reader.post(PAGE, {"mail": "on"})
    url = link_in(sent_mails()[0])
    reader.post(url)
    User.objects.filter(pk=alice.pk).update(email="new@example.org")
    assert not mailed(alice)
    assert "Confirm your new address, new@example.org." in reader.get(PAGE).text
    assert reader.post(url).status_code == 410 and not mailed(alice)


def test_a_link_ends_after_three_days_and_cannot_be_changed(alice, client, monkeypatch):
    token = notification_settings.confirmation_token(alice)
    assert client.get(f"/accounts/address/{token[:-3]}xxx/").status_code == 410
    assert client.get(f"/accounts/address/{token}/").status_code == 200
    ends = notification_settings.CONFIRM_WITHIN.total_seconds()
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + ends + 60)
    assert client.get(f"/accounts/address/{token}/").status_code == 410


def test_the_address_goes_with_the_account(alice):
    notification_settings.confirm(alice)
    delete_account(alice)
    assert not NotificationSettings.objects.exists()
