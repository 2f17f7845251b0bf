"""Error codes of the WebSocket protocol and of HTTP: message, HTTP status, and whether a retry can succeed.

A refusal is an expected answer, not a failure. Its message tells the user what to do.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    message: str
    status: int = 422  # HTTP status
    retry: bool = False  # whether the same command may be accepted later


REFUSALS = {
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
    # names and people
    "name_empty": Kind("Enter a name."),
    "name_too_long": Kind("This name is longer than {limit} characters. Shorten it."),
    "name_characters": Kind("This name has a character that cannot be used. Remove it."),
    "name_mixed": Kind("This name mixes alphabets. Use letters of one alphabet."),
    "name_reserved": Kind("This name is reserved for administrators. Choose another."),
    "name_taken": Kind("Somebody already has this name, or one that looks like it. Choose another.", 409),
    "not_a_guest": Kind("You already have an account.", 409),
    "accounts_only_here": Kind("Only people with an account can do this.", 403),
    "too_many_renames": Kind("You changed your name too often. Try again in {wait}.", 429),
    "bad_time_zone": Kind("There is no such time zone."),
    "wrong_password": Kind("This is not your password."),
    "not_confirmed": Kind("Enter {word} to confirm."),
    "last_administrator": Kind(
        "You are the only administrator. Make somebody else an administrator first.", 409
    ),
    "account_deleted": Kind("This account was deleted by its owner.", 410),
    "too_many_downloads": Kind("Your data was downloaded a moment ago. Try again in {wait}.", 429),
    "picture_missing": Kind("Choose a picture."),
    "picture_too_big": Kind("This picture is larger than {limit} MB. Choose a smaller one.", 413),
    "picture_too_large": Kind("This picture has too many pixels. Choose one of at most {limit} million."),
    "picture_unreadable": Kind("This is not a picture that can be read. Use JPEG, PNG, WebP or GIF."),
    "too_many_pictures": Kind("You changed your picture too often. Try again in {wait}.", 429),
    "guests_closed": Kind("Guests are not allowed here. Log in to continue.", 403),
    "too_many_newcomers": Kind("Too many new people from your network. Try again in {wait}.", 429),
    "too_many_attempts": Kind("Too many attempts. Try again in {wait}.", 429),
    "too_many_mails": Kind("Too many requests for a new password. Try again in {wait}.", 429),
    "too_many_confirmations": Kind("Too many mails to confirm an address. Try again in {wait}.", 429),
    "guests_have_no_role": Kind("A guest has no role. Only accounts can become moderators."),
    "signup_closed": Kind("Sign-up is closed. Ask an administrator for an account.", 403),
    "link_spent": Kind("This link has been used or has expired. Ask for a new one.", 410),
    "not_yourself": Kind("You cannot do this to yourself."),
    "not_above_you": Kind("This person's rank is not below yours. Ask somebody of a higher rank.", 403),
    "not_allowed": Kind("This needs a higher rank: {rank}.", 403),
    "push_is_off": Kind("This site sends no notifications to closed pages.", 404),
    "bad_subscription": Kind(
        "Notifications could not be turned on in this browser. Try again or use another one."
    ),
    "bad_level": Kind("Choose all messages, mentions or nothing."),
    "no_person": Kind("That person is not in this room.", 404),
    "too_many_reports": Kind("You reported too much in a short time. Try again in {wait}.", 429),
    "case_closed": Kind("{by} has closed this case already: {outcome}.", 409),
    # decisions of moderators; `chat.standing` adds where, until when and why
    "muted": Kind("You are muted.", 403),
    "acknowledge_first": Kind("A moderator warned you. Acknowledge it before you write again.", 403),
    "banned": Kind("You are banned.", 403),
    "address_banned": Kind("Guests and new accounts from your network are not admitted: {reason}", 403),
    "no_address": Kind("The IP address of this person is not known. Ban only the person."),
    "bad_address": Kind("This is not an IP address."),
    "bad_duration": Kind("Choose a time of at least a second and at most {days} days."),
    "reason_empty": Kind("Enter a reason."),
    "words_empty": Kind("Write a few words first."),
    "no_sanction": Kind("There is no such sanction.", 404),
    "sanction_over": Kind("This sanction is over.", 410),
    "appeal_sent": Kind("You have already appealed. A moderator will answer.", 409),
    "no_appeal": Kind("There is no appeal.", 404),
    "appeal_answered": Kind("{by} has already answered this appeal.", 409),
    "wrote_messages": Kind("This person wrote messages. Deactivate the account instead.", 409),
    "ignoring_yourself": Kind("You cannot ignore yourself."),
    "too_many_ignored": Kind("You ignore {limit} people, which is the limit. Stop ignoring somebody first."),
    # search
    "too_many_searches": Kind("You are searching too fast. Try again in {wait}.", 429, retry=True),
    "search_too_long": Kind("This search took too long. Add a word, a person, a room or a date."),
    # rooms
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
    "slow_mode": Kind("In this room you can write once in {every}. Wait {wait}.", 429, retry=True),
    "read_only": Kind("{what}", 403),
    "accounts_only": Kind("In this room only people with an account can write.", 403),
    "members_only": Kind("In this room only its members can write.", 403),
    "bad_mode": Kind("This room does not have this setting."),
    # word and link rules, and messages that wait
    "rule_empty": Kind("Enter a word, a phrase or a host."),
    "rule_signs": Kind(
        "Rules ignore signs such as # and +. Enter letters and digits, and at the end maybe *."
    ),
    "rule_too_long": Kind("This is longer than {limit} characters. Shorten it."),
    "rule_words": Kind("A phrase can have at most {limit} words. Shorten it."),
    "rule_characters": Kind("This has a character that cannot be used. Remove it."),
    "rule_host": Kind("Enter a host, such as example.com."),
    "rule_exists": Kind("There is already a rule for this.", 409),
    "too_many_rules": Kind("There are already {limit} rules. Remove some first."),
    "already_decided": Kind("{who} already decided: this message was {outcome}.", 409),
    "author_sanctioned": Kind("The author of this message cannot write now, so it cannot be approved.", 409),
    "against_rules": Kind("This message is against a rule of the room: {explanation}"),
    "too_many_held": Kind(
        "{limit} of your messages wait for approval. Wait until a moderator has read them.", 429
    ),
    # messages
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
}


class Refusal(Exception):
    """A code of REFUSALS with the values of its message: `Refusal("too_long", limit=4000)`."""

    def __init__(self, code: str, *, retry_after_ms: int | None = None, **details: object) -> None:
        kind = REFUSALS[code]
        self.code = code
        self.message = kind.message.format(**details)
        self.status = kind.status
        self.retry = kind.retry
        self.retry_after_ms = retry_after_ms
        super().__init__(self.message)
