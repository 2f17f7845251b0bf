"""The admin site: its index, the order of its tables, and the application's own login page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from chat.actions import people
from chat.refusals import Refusal

from .attention import needing_attention

TABLES = {  # in this order
    "Message": "Messages",
    "User": "People",
    "Room": "Rooms",
    "Membership": "Members",
    "Case": "Cases",
    "Sanction": "Sanctions",
    "HeldMessage": "Held messages",
    "Rule": "Rules",
    "Invitation": "Invitations",
    "AuditEntry": "Audit log",
}


class ObrolanAdmin(admin.AdminSite):
    site_header = site_title = "Obrolan"
    index_title = "Moderation"
    enable_nav_sidebar = False  # the header has the tables

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the application's login page. A person who is logged in lacks the rank."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise Refusal("not_allowed", rank="site moderator")
        following = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
        return redirect(f"{reverse('login')}?{following}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        leaving = request.user
        super().logout(request, extra_context)
        if leaving.is_authenticated:
            people.sessions_ended(leaving)
        return redirect("lobby")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("password_change")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """One section with the tables of Obrolan. Others, such as Django's groups, are not part of it."""
        apps = self._build_app_dict(request, app_label)
        app = apps if app_label else apps.get("chat")
        if not app:
            return []
        by_name = {model["object_name"]: model for model in app["models"]}
        models = [by_name[name] | {"name": title} for name, title in TABLES.items() if name in by_name]
        return [{**app, "name": "Tables", "models": models}]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        listed = context["available_apps"]
        return {**context, "tables": listed[0]["models"] if listed else []}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {**self.each_context(request), "title": self.index_title, "subtitle": None}
        return TemplateResponse(
            request, "admin/index.html", {**context, "parts": needing_attention(request.user)}
        )

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:index")
