"""Refusals about rooms, their modes, invite links and direct conversations."""

from .kind import Kind

ROOMS = {
    # rooms and invite links
    "room_name_empty": Kind("Enter a room name."),
    "room_name_too_long": Kind("This name is longer than {limit} characters. Shorten it."),
    "room_name_characters": Kind("This name has a character that cannot be used. Remove it."),
    "topic_too_long": Kind("This topic is longer than {limit} characters. Shorten it."),
    "topic_characters": Kind("This topic has a character that cannot be used. Remove it."),
    "room_name_taken": Kind("There is already a public room with this name.", 409),
    "room_creation_restricted": Kind("There is no such room, and you cannot create new ones here.", 403),
    "too_many_rooms": Kind("Too many new rooms were created. Try again in {wait}.", 429),
    "not_your_room": Kind("Only an owner of this room can do this.", 403),
    "last_owner": Kind("A room needs an owner. Make somebody else an owner of this room first.", 409),
    "description_too_long": Kind("This description is longer than {limit} characters. Shorten it."),
    "description_characters": Kind("This description has a character that cannot be used. Remove it."),
    "guest_owner": Kind("A guest cannot own a room. Choose a member with an account."),
    "removed_by_owner": Kind("An owner removed you from this room. Ask an owner to add you again.", 403),
    "bad_link": Kind("Choose a time and a number of uses from the lists."),
    "too_many_links": Kind("This room has {limit} invite links, which is the limit. Revoke one first."),
    "link_unknown": Kind("There is no such invite link. Check that the address is complete.", 404),
    "link_expired": Kind("This invite link has expired. Ask for a new one.", 410),
    "link_used_up": Kind("This invite link has been used as often as it could be. Ask for a new one.", 410),
    "link_revoked": Kind("This invite link was revoked. Ask for a new one.", 410),
    "too_many_guesses": Kind("Too many wrong links from your network. Try again in {wait}.", 429),
    # direct conversations
    "direct_size": Kind("Choose between one and {limit} other people."),
    "direct_refused": Kind("You cannot start a conversation with {name}.", 403),
    "direct_guests": Kind("Guests cannot take part in direct conversations here.", 403),
    "direct_unknown": Kind("There is no such person, or you cannot see them.", 404),
    "direct_blocked": Kind("You blocked {name}. Stop blocking them first.", 409),
    "direct_exists": Kind("These people already have a new conversation. Delete that one first.", 409),
    "direct_only": Kind("This is a direct conversation. It has no settings and no moderators.", 403),
    "too_many_direct": Kind("You started too many conversations. Try again in {wait}.", 429),
    "blocked": Kind("Nobody can write here, because one of you blocked the other.", 403),
    # modes: who may write
    "slow_mode": Kind("In this room you can write once in {every}. Wait {wait}.", 429, retry=True),
    "read_only": Kind("{what}", 403),
    "accounts_only": Kind("In this room only people with an account can write.", 403),
    "members_only": Kind("In this room only its members can write.", 403),
    "bad_mode": Kind("This room does not have this setting."),
}
