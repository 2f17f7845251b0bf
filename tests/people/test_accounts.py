"""Accounts: sign-up, login, logout and passwords."""

import re

import pytest
from axes.models import AccessAttempt
from django.test import Client

from chat.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a quiet pond 7"


@pytest.fixture
def dewi(db):
    return User.objects.create_user("dewi", "dewi@example.org", PASSWORD, name="Dewi")


def test_signing_up_creates_an_account_and_logs_it_in(client):
    answer = sign_up(client, username="dewi", name="Dewi Sri")
    assert answer.status_code == 302 and answer["Location"] == "/"
    dewi = User.objects.get(username="dewi")
    assert dewi.name == "Dewi Sri" and not dewi.is_guest and not dewi.is_staff
    assert client.session["_auth_user_id"] == str(dewi.pk)


def test_the_default_display_name_is_the_username(client):
    sign_up(client, username="dewi", name="")
    assert User.objects.get().name == "dewi"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("username", "Alice", "Somebody already has this username"),
        ("username", "guest:1", "Use only letters, digits"),
        ("username", "", "Enter a username."),
        ("name", "AIice", "Somebody already has this name"),
        ("name", "Administrator", "reserved for administrators"),
        ("password", "12345678", "too common"),
        ("password", "dewi.sri", "too similar"),
        ("email", "nowhere", "valid email address"),
    ],
)
def test_a_sign_up_error_is_shown_beside_its_field(client, alice, field, value, error):
    answer = sign_up(client, **{"username": "dewi.sri", "name": "Dewi", field: value})
    assert answer.status_code == 422
    assert error in re.search(rf'id="id_{field}_error".*?</ul>', answer.content.decode(), re.S)[0]
    assert list(User.objects.all()) == [alice]


@pytest.mark.parametrize("mode", ["invite", "closed"])
def test_sign_up_without_an_invitation_can_be_disabled(client, settings, mode):
    settings.OBROLAN_SIGNUP = mode
    assert client.get("/accounts/signup/").status_code == 403
    assert sign_up(client, username="dewi").status_code == 403
    assert not User.objects.exists()


def test_login_redirects_to_the_next_page_and_logout_ends_the_session(client, dewi):
    answer = log_in(client, "dewi", PASSWORD, next="/rooms/kitchen/")
    assert answer.status_code == 302 and answer["Location"] == "/rooms/kitchen/"
    assert client.get("/accounts/logout/").status_code == 405, (
        "a link or an image must not be able to log a user out"
    )
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_login_never_redirects_to_another_site(client, dewi):
    assert log_in(client, "dewi", PASSWORD, next="https://evil.example/")["Location"] == "/"


def test_a_deactivated_account_cannot_log_in(client, dewi):
    User.objects.update(is_active=False)
    assert log_in(client, "dewi", PASSWORD).status_code == 422


def test_eight_wrong_passwords_lock_the_login_for_one_ip_address_only(client, dewi):
    answers = [log_in(client, "dewi", f"guess {number}").status_code for number in range(9)]
    assert answers == [422] * 7 + [429] * 2
    refused = log_in(client, "dewi", PASSWORD)
    assert refused.status_code == 429 and b"Too many attempts. Try again in 15 minutes." in refused.content
    elsewhere = log_in(client, "dewi", PASSWORD, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 302, "an attacker must not be able to lock users out of their accounts"


def test_a_successful_login_resets_the_count_of_wrong_passwords(client, dewi):
    log_in(client, "dewi", "guess")
    log_in(client, "dewi", PASSWORD)
    assert not AccessAttempt.objects.exists()


def test_behind_a_proxy_wrong_passwords_are_counted_for_the_forwarded_ip_address(client, dewi, settings):
    settings.OBROLAN_PROXY = True
    for number in range(8):
        log_in(client, "dewi", "guess", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 198.51.100.4")
    assert log_in(client, "dewi", PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.4").status_code == 429
    assert log_in(client, "dewi", PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.5").status_code == 302


def test_a_password_change_ends_the_users_other_sessions(client, dewi):
    elsewhere = Client()
    log_in(client, "dewi", PASSWORD)
    log_in(elsewhere, "dewi", PASSWORD)
    new = "another pond 8"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/accounts/password_change/", fields)["Location"] == "/"
    assert client.get("/").context["user"] == dewi
    assert not elsewhere.get("/").context["user"].is_authenticated


def test_a_forgotten_password_is_reset_with_a_one_use_link_sent_by_email(client, dewi, settings, sent_mails):
    settings.EMAIL_HOST = "mail.example.org"
    assert client.post("/accounts/password_reset/", {"email": "dewi@example.org"}).status_code == 302
    (email,) = sent_mails()
    link = re.search(r"http://testserver(/accounts/reset/\S+)", email.body)[1]
    form = client.get(link)["Location"]
    new = {"new_password1": "another pond 8", "new_password2": "another pond 8"}
    assert client.post(form, new)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(dewi.pk)
    client.logout()
    assert b"has been used or has expired" in client.get(link).content


def test_an_unknown_email_address_gets_the_same_response_and_no_email(client, dewi, sent_mails):
    known = client.post("/accounts/password_reset/", {"email": "dewi@example.org"})
    unknown = client.post("/accounts/password_reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(sent_mails()) == 1


def test_without_a_mail_server_the_reset_page_refers_to_an_administrator(client):
    assert b"Ask an administrator" in client.get("/accounts/password_reset/").content


def test_a_guest_who_logs_in_continues_as_the_account(client, dewi):
    client.post("/", {"username": "Ayu", "room": "Kitchen"})
    log_in(client, "dewi", PASSWORD)
    assert client.session["_auth_user_id"] == str(dewi.pk)


def sign_up(client, **fields):
    return client.post("/accounts/signup/", {"name": "", "email": "", "password": PASSWORD, **fields})


def log_in(client, username, password, next="", **extra):
    fields = {"username": username, "password": password, "next": next}
    return client.post("/accounts/login/", fields, **extra)
