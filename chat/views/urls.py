"""Every page's address. Slugs may be in any script."""

from django.urls import include, path

from . import accounts, history, lobby, members, room

urlpatterns = [
    path("", lobby.lobby, name="lobby"),
    path("rooms/new/", lobby.new_room, name="new_room"),
    path("rooms/<str:slug>/", room.room, name="room"),
    path("rooms/<str:slug>/about/", members.about, name="about"),
    path("rooms/<str:slug>/members/", members.add, name="add_member"),
    path("rooms/<str:slug>/members/<int:user_id>/remove/", members.remove, name="remove_member"),
    path("rooms/<str:slug>/messages/", history.messages, name="messages"),
    path("rooms/<str:slug>/<int:seq>/", room.permalink, name="permalink"),
    path("accounts/", include(accounts)),
]
