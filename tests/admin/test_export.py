"""The export of the audit log from the admin, over HTTP."""

import httpx
from django.conf import settings
from django.db import transaction
from django.test import Client

from chat.actions import audit, reports, sanctions
from chat.models import Membership, User
from chat.models.audit_entry import READ_AT_ONCE

MANY = READ_AT_ONCE + 10


def test_the_audit_log_is_exported_as_csv_without_reports_about_the_reader(server, kitchen, alice, bob):
    mara = User.objects.create_user("mara", name="Mara", is_staff=True)
    Membership.objects.create(room=kitchen, user=mara)
    sanctions.impose("mute", alice, by=mara, room=kitchen, reason="=Spam")
    reports.report_person(mara, room=kitchen, by=bob, reason="abuse", words="She bans everybody")
    with transaction.atomic():
        audit.record([audit.Decision("hide", mara, alice, kitchen)] * MANY)
    browser = Client()
    browser.force_login(mara, backend="django.contrib.auth.backends.ModelBackend")
    cookies = {settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value}
    answer = httpx.get(f"{server.url}/admin/chat/auditentry/export/", cookies=cookies)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    heading, *lines = answer.text.splitlines()
    assert heading.startswith("number,") and len(lines) == 1 + MANY
    assert "'=Spam" in lines[0] and "bans everybody" not in answer.text
