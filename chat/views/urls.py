"""Every page's address. Slugs may be in any script."""

from django.urls import include, path

from . import accounts, history, lobby, room

urlpatterns = [
    path("", lobby.lobby, name="lobby"),
    path("accounts/", include("chat.views.accounts")),
    path("rooms/new/", lobby.new_room, name="new_room"),
    path("rooms/<str:slug>/", room.room, name="room"),
    path("rooms/<str:slug>/messages/", history.messages, name="messages"),
    path("rooms/<str:slug>/<int:seq>/", room.permalink, name="permalink"),
    path("accounts/", include(accounts)),
]
