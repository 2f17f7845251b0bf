"""Admin pages for messages. Moderators can hide and restore them, but not edit or delete them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat import names
from chat.actions.moderation import hide, restore
from chat.models import Message, Room, User

from .dates import FastDates
from .site import COUNTED, FastAdmin

MAX_SEARCHED = 50_000  # latest messages that a text search reads
MAX_FOUND = 500  # results of a text search
SEQ_DIGITS = 18  # fewer digits than this fit the column
EXCERPT = 100  # characters of a message in the list


class HiddenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("hidden", "Hidden or deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.exclude(deleted_at=None) if self.value() == "hidden" else queryset


@admin.register(Message)
class MessageAdmin(FastAdmin):
    list_display = ("words", "author", "room", "created_at", "state")
    list_select_related = ("author", "room")
    list_filter = (HiddenFilter,)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    sortable_by = ("created_at",)
    search_fields = ("text",)
    search_help_text = (
        f"by:name (no spaces), room:slug, room:slug #number, or text (in the latest {MAX_SEARCHED:,})."
    )
    actions = ("hide_selected", "restore_selected")
    fields = readonly_fields = (
        "place", "author", "created_at", "text", "edited_at", "deleted_at", "deleted_by",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def get_urls(self) -> list:
        at = self.admin_site.admin_view(self.at)
        return [path("at/<int:room_id>/<int:seq>/", at, name="chat_message_at"), *super().get_urls()]

    def at(self, request: HttpRequest, room_id: int, seq: int) -> HttpResponse:
        """Redirect to a message by room and number, which the room's page knows."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        numbers = {"room": room_id, "seq": seq} if max(room_id, seq) < 2**63 else {"pk": 0}
        return redirect("admin:chat_message_change", get_object_or_404(Message, **numbers).pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return FastDates(Message)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        changes.queryset.year = int(changes.params.get("created_at__year") or 0)
        changes.queryset.month = int(changes.params.get("created_at__month") or 0)
        return changes

    def get_search_results(self, request: HttpRequest, found: QuerySet, term: str) -> tuple[QuerySet, bool]:
        words, room = [], None
        for word in term.split():
            where, _, what = word.partition(":")
            if where == "room" and what:
                room = Room.objects.filter(slug=what).first()
                found = found.filter(room=room).order_by("-seq")  # uses the index on room and seq
            elif where == "by" and what:
                people = User.objects.filter(Q(name_key=names.skeleton(what)) | Q(username=what))
                found = found.filter(author_id__in=list(people.values_list("pk", flat=True)))
            elif room and word[0] == "#" and word[1:].isdecimal() and len(word) < SEQ_DIGITS:
                found = found.filter(seq=int(word[1:]))
            else:
                words.append(word)
        if words:
            # A separate query: if PostgreSQL misjudges the number of matches, the joins take 800 ms.
            newest = Message.objects.aggregate(pk=Max("pk"))["pk"] or 0
            matching = found.filter(pk__gt=newest - MAX_SEARCHED, text__icontains=" ".join(words))
            latest = matching.order_by("-pk").values_list("pk", flat=True)[:MAX_FOUND]
            found = found.filter(pk__in=list(latest))
        return found, False

    @admin.display(description="place")
    def place(self, message: Message) -> SafeString:
        link = reverse("permalink", args=[message.room.slug, message.seq])
        return format_html('<a href="{}">{} in {}</a>', link, message.seq, message.room)

    @admin.display(description="message")
    def words(self, message: Message) -> str:
        return message.text[:EXCERPT]

    @admin.display(description="state")
    def state(self, message: Message) -> str:
        if not message.deleted_at:
            return ""
        return "deleted by the author" if message.deleted_by_id == message.author_id else "hidden"

    @admin.action(description="Hide the selected messages", permissions=["change"])
    def hide_selected(self, request: HttpRequest, chosen: QuerySet) -> None:
        self.report(request, hide(chosen[:COUNTED], by=request.user), "Hidden")

    @admin.action(description="Restore the selected messages", permissions=["change"])
    def restore_selected(self, request: HttpRequest, chosen: QuerySet) -> None:
        self.report(request, restore(chosen[:COUNTED], by=request.user), "Restored")

    def save_model(self, request: HttpRequest, message: Message, form: ModelForm, change: bool) -> None:
        """Hide or restore the message, depending on the button. The page has no other fields to save."""
        form.done = ""
        if "_hide" in request.POST and hide([message], by=request.user):
            form.done = "Hidden"
        if "_restore" in request.POST and restore([message], by=request.user):
            form.done = "Restored"

    def construct_change_message(self, request: HttpRequest, form: ModelForm, *_: Any, **__: Any) -> str:
        return form.done

    def log_change(self, request: HttpRequest, message: Message, words: Any) -> LogEntry | None:
        """Log nothing if the form was sent without a button: then nothing was changed."""
        return super().log_change(request, message, words) if words else None

    def response_change(self, request: HttpRequest, message: Message) -> HttpResponse:
        """Redirect to the list with a message about what was done, instead of Django's "was changed"."""
        done = "Hidden" if "_hide" in request.POST else "Restored" if "_restore" in request.POST else ""
        if done:
            self.message_user(request, f"{done}: “{message.text[:EXCERPT]}”", messages.SUCCESS)
        return self.response_post_save_change(request, message)
