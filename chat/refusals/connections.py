"""Refusals of frames, requests, sessions and connections."""

from .kind import Kind

CONNECTIONS = {
    # frames and requests
    "malformed": Kind("This request is malformed: {detail}.", 400),
    "too_big": Kind("This is too large. Shorten it, or send it in parts.", 413),
    "hello_first": Kind("Send hello first.", 400),
    "hello_twice": Kind("Hello was already sent on this connection.", 400),
    "not_here": Kind("This connection does not support this command.", 400),
    "hello_late": Kind("No hello was sent for 10 seconds.", 408),
    "too_fast": Kind("You are sending too fast. Wait a moment.", 429, retry=True),
    "too_many_requests": Kind("You are loading pages too fast. Try again in {wait}.", 429, retry=True),
    "too_many_changes": Kind("You are sending forms too fast. Try again in {wait}.", 429, retry=True),
    "flood": Kind("You sent too much in a short time. Wait a moment.", 429),
    "busy": Kind("The server is busy. Try again in a moment.", 503, retry=True),
    "unavailable": Kind("The server cannot do this right now. Try again in a moment.", 503, retry=True),
    # sessions, rooms and connections
    "sign_in": Kind("You are logged out. Log in again to continue.", 401),
    "session_moved": Kind("You have an account now. This page reconnects.", 401, retry=True),
    "no_room": Kind("There is no such room, or you cannot see it.", 404),
    "removed": Kind("You can no longer use this room.", 403),
    "deactivated": Kind("An administrator deactivated this account.", 403),
    "too_many_sockets": Kind("Obrolan is open in too many tabs. Close one and try again.", 429),
    "opened_elsewhere": Kind(
        "This tab was disconnected, because you opened Obrolan in too many tabs. Close some of them.", 429
    ),
    "lagging": Kind("This connection was too slow: it received nothing for a minute.", 408),
}
