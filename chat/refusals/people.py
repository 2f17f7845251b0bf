"""Refusals about names, accounts, pictures and notifications."""

from .kind import Kind

PEOPLE = {
    # names and accounts
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
    "no_person": Kind("That person is not in this room.", 404),
    "ignoring_yourself": Kind("You cannot ignore yourself."),
    "too_many_ignored": Kind("You ignore {limit} people, which is the limit. Stop ignoring somebody first."),
    # pictures
    "picture_missing": Kind("Choose a picture."),
    "picture_too_big": Kind("This picture is larger than {limit} MB. Choose a smaller one.", 413),
    "picture_too_large": Kind("This picture has too many pixels. Choose one of at most {limit} million."),
    "picture_unreadable": Kind("This is not a picture that can be read. Use JPEG, PNG, WebP or GIF."),
    "too_many_pictures": Kind("You changed your picture too often. Try again in {wait}.", 429),
    # notifications
    "push_is_off": Kind("This site sends no notifications to closed pages.", 404),
    "bad_subscription": Kind(
        "Notifications could not be turned on in this browser. Try again or use another one."
    ),
    "bad_level": Kind("Choose all messages, mentions or nothing."),
}
