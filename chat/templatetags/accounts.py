"""Template tags about accounts."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def signup_is_open() -> bool:
    """Whether everybody can create an account."""
    return settings.OBROLAN_SIGNUP == "open"
