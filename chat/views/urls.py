"""URLs of all pages. Slugs may be in any script."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from . import (
    accounts,
    decisions,
    emoji,
    held,
    history,
    lobby,
    manifest,
    members,
    mentions,
    mine,
    moderating,
    moderation,
    own_reports,
    people,
    reactions,
    reporting,
    room,
    room_cases,
    room_log,
    rules,
    sanctions,
    switcher,
    versions,
)


class Slug(StringConverter):
    regex = "[^/\x00]+"  # PostgreSQL rejects queries with NUL


register_converter(Slug, "slug_of_room")

urlpatterns = [
    path("", lobby.lobby, name="lobby"),
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("rooms/new/", lobby.new_room, name="new_room"),
    path("rooms/<slug_of_room:slug>/", room.room, name="room"),
    path("rooms/<slug_of_room:slug>/about/", members.about, name="about"),
    path("rooms/<slug_of_room:slug>/leave/", members.leave, name="leave"),
    path("rooms/<slug_of_room:slug>/mine/", mine.mine, name="mine"),
    path("rooms/<slug_of_room:slug>/members/", members.add, name="add_member"),
    path("rooms/<slug_of_room:slug>/members/<int:user_id>/remove/", members.remove, name="remove_member"),
    path("rooms/<slug_of_room:slug>/messages/", history.messages, name="messages"),
    path("rooms/<slug_of_room:slug>/held/<uuid:client_id>/withdraw/", held.withdraw, name="withdraw"),
    path("rooms/<slug_of_room:slug>/rules/", rules.rules, name="rules"),
    path("rooms/<slug_of_room:slug>/rules/<int:id>/remove/", rules.remove, name="remove_rule"),
    path("rooms/<slug_of_room:slug>/people/", people.members, name="people"),
    path("rooms/<slug_of_room:slug>/<int:seq>/", room.permalink, name="permalink"),
    path("rooms/<slug_of_room:slug>/<int:seq>/versions/", versions.versions, name="versions"),
    path("rooms/<slug_of_room:slug>/<int:seq>/reactions/", reactions.people, name="reactions"),
    path("rooms/<slug_of_room:slug>/<int:seq>/report/", reporting.message, name="report_message"),
    path("rooms/<slug_of_room:slug>/people/<int:user_id>/report/", reporting.person, name="report_person"),
    path("rooms/<slug_of_room:slug>/<int:seq>/moderate/", moderating.message, name="moderate_message"),
    path(
        "rooms/<slug_of_room:slug>/people/<int:user_id>/moderate/", moderating.person, name="moderate_person"
    ),
    path("rooms/<slug_of_room:slug>/moderation/", moderation.moderation, name="moderation"),
    path("rooms/<slug_of_room:slug>/moderation/cases/<int:id>/", room_cases.case, name="room_case"),
    path("rooms/<slug_of_room:slug>/moderation/held/<int:id>/", decisions.decide_held, name="decide_held"),
    path("rooms/<slug_of_room:slug>/moderation/sanctions/<int:id>/lift/", decisions.lift, name="lift"),
    path(
        "rooms/<slug_of_room:slug>/moderation/sanctions/<int:id>/answer/",
        decisions.answer_appeal,
        name="answer_appeal",
    ),
    path("rooms/<slug_of_room:slug>/moderation/mode/", decisions.set_mode, name="set_mode"),
    path("rooms/<slug_of_room:slug>/log/", room_log.room_log, name="room_log"),
    path("emoji.json", emoji.catalogue, name="emoji"),
    path("switch/", switcher.switch, name="switch"),
    path("mentions/", mentions.mentions, name="mentions"),
    path("reports/", own_reports.own_reports, name="reports"),
    path("people/<int:user_id>/ignore/", people.ignore, name="ignore"),
    path("sanctions/", sanctions.sanctions, name="sanctions"),
    path("sanctions/<int:sanction_id>/acknowledge/", sanctions.acknowledge, name="acknowledge"),
    path("sanctions/<int:sanction_id>/appeal/", sanctions.appeal, name="appeal"),
    path("accounts/ignored/", people.ignored, name="ignored"),
    path("accounts/", include(accounts)),
]
