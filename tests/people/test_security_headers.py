"""Security headers, Content-Security-Policy and cookie flags of every page."""

import re

import pytest
from django.test import Client

from chat.models import User

pytestmark = pytest.mark.django_db
PAGES = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password_reset/", "/accounts/first/x/"]
PAGES += ["/rooms/kitchen/", "/rooms/new/", "/nowhere", "/admin/login/"]
PAGES_FOR_ADMINISTRATORS = ["/", "/rooms/kitchen/", "/rooms/new/", "/accounts/password_change/", "/admin/"]
PAGES_FOR_ADMINISTRATORS += [
    f"/admin/chat/{rows}/" for rows in ("user", "room", "membership", "message", "invitation")
]
PAGES_FOR_ADMINISTRATORS += ["/admin/chat/user/add/", "/admin/chat/room/add/", "/admin/chat/membership/add/"]
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/json)|<style|\sstyle=|\son\w+=|javascript:"
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_sends_the_security_headers(client, kitchen, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert policy(headers) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("path", PAGES_FOR_ADMINISTRATORS)
def test_no_page_has_an_inline_script_or_style(client, kitchen, path):
    client.force_login(User.objects.create_superuser("rut"))
    answer = client.get(path)
    assert answer.status_code == 200
    assert not INLINE.findall(answer.content.decode())
    assert policy(answer.headers)["script-src"] == "'self'"


def test_cookies_are_secure_and_same_site_and_scripts_cannot_read_the_session(client, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client.get("/accounts/login/")
    client.post("/", {"username": "Ayu", "room": "Kitchen"})
    session, csrf = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"] and session["secure"] and session["samesite"] == "Lax"
    assert csrf["secure"] and csrf["samesite"] == "Lax"


def test_the_session_key_changes_when_a_guest_logs_in(client):
    client.session.save()
    client.get("/accounts/login/")
    client.post("/", {"username": "Ayu", "room": "Kitchen"})
    first = client.cookies["sessionid"].value
    User.objects.create_user("dewi", password="a quiet pond 7")
    client.post("/accounts/login/", {"username": "dewi", "password": "a quiet pond 7"})
    assert client.cookies["sessionid"].value != first


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/logout/", "/rooms/new/"])
def test_a_form_without_a_csrf_token_is_refused(path, alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    answer = strict.post(path, {"username": "Ayu", "room": "Kitchen", "name": "x"})
    assert answer.status_code == 403 and b"it had expired" in answer.content


def policy(headers):
    rules = (rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    return {rule[0]: rule[1] for rule in rules if len(rule) == 2}
