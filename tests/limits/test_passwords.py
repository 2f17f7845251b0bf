"""Password hashing is limited per IP address and in parallel, and holds no database connection."""

import asyncio
import re
import threading
import time

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client

from chat.actions import invitations
from chat.limits import limits
from chat.models import User
from chat.passwords import HASHES_AT_ONCE, BoundedHasher
from chat.views import mails
from tests.wire import Person, guest

PASSWORD = "a quiet pond 7"
HASHES = 60  # burst of hashes per IP address


@pytest.fixture
def hashes(monkeypatch):
    """Make hashing fast. Return a list that gets the thread's database connection during each hash."""
    seen = []

    def encode(self, password, salt, iterations=None):
        seen.append(connection.connection)
        return f"pbkdf2_sha256$1000000${salt}${password[::-1]}"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    return seen


@pytest.fixture
def dewi(database):
    return User.objects.create_user("dewi", "dewi@example.org", PASSWORD, name="Dewi", is_superuser=True)


def log_in(client, username, password=PASSWORD):
    return client.post("/accounts/login/", {"username": username, "password": password})


@pytest.mark.django_db
def test_logins_with_random_usernames_are_limited_before_hashing(client, hashes):
    statuses = [log_in(client, f"nobody-{number}").status_code for number in range(HASHES + 5)]
    assert set(statuses[:HASHES]) == {422}
    assert set(statuses[HASHES:]) == {429}
    assert len(hashes) == HASHES
    refused = log_in(client, "somebody")
    assert "Too many attempts. Try again in" in refused.content.decode() and refused["Retry-After"]


@pytest.mark.django_db
def test_a_known_and_an_unknown_username_cost_the_same(client, hashes, dewi):
    hashes.clear()
    for username in ("dewi", "nobody"):
        before = len(hashes)
        log_in(client, username, "wrong")
        assert len(hashes) - before == 1
    assert limits().spent_here()["hash.ip:127.0.0.1"] == 2


@pytest.mark.django_db
def test_every_form_that_hashes_a_password_is_limited(client, hashes, dewi, sent_mails):
    client.force_login(dewi, backend="django.contrib.auth.backends.ModelBackend")
    invitation = f"/accounts/invite/{invitations.invite(by=dewi)}/"
    account = {"username": "ayu", "name": "", "email": "", "password": PASSWORD}
    client.post("/accounts/password_reset/", {"email": "dewi@example.org"})
    link = re.search(r"http://testserver(/accounts/reset/\S+)", sent_mails()[0].body)[1]
    reset = Client()
    reset_form = reset.get(link)["Location"]
    for _ in range(HASHES):
        limits().spend_hash("127.0.0.1")
    new = {"new_password1": "another pond 8", "new_password2": "another pond 8"}
    assert Client().post("/accounts/signup/", account).status_code == 429
    assert Client().post(invitation, account).status_code == 429
    assert reset.post(reset_form, new).status_code == 429
    assert client.post("/accounts/password_change/", {"old_password": PASSWORD, **new}).status_code == 429
    assert list(User.objects.all()) == [dewi]
    assert Client().get(invitation).status_code == 200, "a refused form must not use the link up"


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_a_password_is_hashed(client, hashes, stack, dewi):
    if not stack.postgres:
        pytest.skip("SQLite has no pool of connections")
    hashes.clear()
    invitation = invitations.invite(by=dewi)
    account = {"name": "", "email": "", "password": PASSWORD}
    assert log_in(Client(), "dewi").status_code == 302
    assert log_in(Client(), "nobody").status_code == 422
    assert Client().post("/accounts/signup/", {"username": "ayu", **account}).status_code == 302
    assert (
        Client().post(f"/accounts/invite/{invitation}/", {"username": "budi", **account}).status_code == 302
    )
    assert len(hashes) == 4 and set(hashes) == {None}


@pytest.mark.once
def test_the_number_of_parallel_hashes_is_bounded(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()

    def encode(self, password, salt, iterations=None):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)  # like the real hash, this releases the interpreter's lock
        with lock:
            running -= 1
        return ""

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    monkeypatch.setattr("chat.passwords.connection.close", lambda: None)
    threads = [threading.Thread(target=BoundedHasher().encode, args=("x", "y")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == HASHES_AT_ONCE


async def test_forty_logins_at_once_do_not_block_other_pages(site):
    server = site.start(OBROLAN_PROXY="on")
    ayu = await guest(server, "Ayu", "kitchen")
    attacker = Person(server, headers={"X-Forwarded-For": "203.0.113.5"})
    token = await attacker.token("/accounts/login/")

    async def attempt(number):
        fields = {"csrfmiddlewaretoken": token, "username": f"nobody-{number}", "password": "guess"}
        return (await attacker.http.post("/accounts/login/", data=fields, timeout=60)).status_code

    attempts = asyncio.gather(*map(attempt, range(40)))
    pages = []
    while not attempts.done():
        pages.append((await ayu.get("/rooms/kitchen/")).status_code)
        await asyncio.wait([attempts], timeout=0.2)  # slower than the page limit of one person
    assert set(pages) == {200} and len(pages) > 5
    assert set(await attempts) <= {422, 503}


async def test_a_class_of_thirty_logs_in_at_the_same_moment(site, database, monkeypatch):
    await asyncio.to_thread(User.objects.create_user, "dewi", password=PASSWORD)
    server = site.start()

    async def pupil_logs_in():
        pupil = Person(server)
        token = await pupil.token("/accounts/login/")
        fields = {"csrfmiddlewaretoken": token, "username": "dewi", "password": PASSWORD}
        for _ in range(5):  # on a busy machine some get a 503 with Retry-After
            answer = await pupil.http.post("/accounts/login/", data=fields, timeout=60)
            if answer.status_code != 503:
                return answer.status_code
            await asyncio.sleep(int(answer.headers["retry-after"]))
        return answer.status_code

    assert set(await asyncio.gather(*(pupil_logs_in() for _ in range(30)))) == {302}


@pytest.mark.django_db
def test_reset_emails_to_one_account_are_limited_and_the_response_does_not_reveal_it(
    client, dewi, sent_mails
):
    known = [client.post("/accounts/password_reset/", {"email": "dewi@example.org"}) for _ in range(6)]
    unknown = client.post("/accounts/password_reset/", {"email": "nobody@example.org"})
    assert {(answer.status_code, answer["Location"]) for answer in (*known, unknown)} == {(302, "/")}
    assert len(sent_mails()) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["dewi@example.org", "nobody@example.org"])
def test_reset_emails_requested_from_one_ip_address_are_limited(client, dewi, email):
    statuses = [client.post("/accounts/password_reset/", {"email": email}).status_code for _ in range(25)]
    assert statuses == [302] * 20 + [429] * 5
    elsewhere = client.post("/accounts/password_reset/", {"email": email}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 302


@pytest.mark.django_db
def test_many_accounts_with_one_email_address_share_its_limit(client, hashes, dewi, sent_mails):
    for number in range(5):
        User.objects.create_user(f"other{number}", "dewi@example.org", PASSWORD, name=f"Other {number}")
    client.post("/accounts/password_reset/", {"email": "dewi@example.org"})
    assert len(sent_mails()) == 3
    assert "your account dewi." in sent_mails()[0].body


@pytest.mark.once
@pytest.mark.django_db
def test_a_mail_server_that_hangs_delays_no_response(client, dewi, monkeypatch, sent_mails):
    answered, send = threading.Event(), EmailBackend.send_messages

    def hang(backend, messages):
        assert answered.wait(10)
        return send(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", hang)
    assert client.post("/accounts/password_reset/", {"email": "dewi@example.org"}).status_code == 302
    answered.set()
    assert len(sent_mails()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["dewi@example.org", "nobody@example.org"])
def test_when_too_many_emails_wait_every_address_gets_the_same_503(client, dewi, monkeypatch, email):
    monkeypatch.setattr(mails, "MAX_WAITING", 0)
    answer = client.post("/accounts/password_reset/", {"email": email})
    assert answer.status_code == 503 and answer["Retry-After"] == "60"
