"""Views: confirm the address to which mails about missed messages go, with a link in a mail."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.actions import notification_settings
from chat.client_ip import client_ip
from chat.limits import limits
from chat.models import User
from chat.refusals import Refusal

from . import mails
from .errors import page as error_page

SUBJECT = "Confirm your address for mails from Obrolan"

logger = logging.getLogger(__name__)


def ask(request: HttpRequest, user: User) -> None:
    """Send the link to the address of the user. Raises Refusal: busy, too_many_confirmations."""
    mails.check_queue()
    limits().spend_confirmation(user.email, client_ip(request))
    link = settings.OBROLAN_URL + reverse(
        "confirm_address", args=[notification_settings.confirmation_token(user)]
    )
    text = render_to_string("mails/confirm_address.txt", {"site": settings.OBROLAN_URL, "link": link})
    mails.send_soon(send, EmailMessage(SUBJECT, text, to=[user.email]))


def send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except (SMTPException, OSError, ValueError) as error:
        logger.warning("A mail to confirm an address was not sent: %s", type(error).__name__)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows a button, since programs that check links must not confirm anything."""
    user = notification_settings.user_to_confirm(token)
    if user is None:
        return error_page(request, Refusal("link_spent"))
    if request.method == "POST":
        notification_settings.confirm(user)
    context = {"account": user, "is_done": request.method == "POST"}
    return render(request, "confirm_address.html", context)
