"""Refusals about messages and the search."""

from .kind import Kind

MESSAGES = {
    "empty": Kind("This message is empty. Write something first."),
    "too_long": Kind("This is longer than {limit} characters. Shorten it or send it in parts."),
    "characters": Kind("This has a character that cannot be shown ({detail}). Remove it and try again."),
    "no_message": Kind("That message is not in this room.", 404),
    "not_all": Kind("In this room you cannot mention @all. Remove it and send the message again.", 403),
    "too_late": Kind("This was deleted too long ago to undo it.", 410),
    "not_yours": Kind("Only its author can change this message.", 403),
    "deleted": Kind("This message was deleted.", 410),
    "bad_emoji": Kind("React with one emoji."),
    "too_many_reactions": Kind("This message cannot have more reactions."),
    "too_many_pins": Kind("This room has {limit} pinned messages, which is the limit. Unpin one first."),
    "client_id_reused": Kind("This id was already used for another message.", 409),
    # search
    "too_many_searches": Kind("You are searching too fast. Try again in {wait}.", 429, retry=True),
    "search_too_long": Kind("This search took too long. Add a word, a person, a room or a date."),
}
