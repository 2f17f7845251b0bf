"""The rights of site moderators in the admin, by model. Administrators have all rights, others have none.

`chat/ranks.py` has the rights in rooms and over people. The actions check those; a page of the admin checks
both.
"""

APP = "chat"
OF_MODERATORS = {
    "message": ("view", "change"),
    "user": ("view", "change"),
    "room": ("view", "add", "change"),
    "membership": ("view", "add", "change", "delete"),
    "case": ("view", "change"),
    "sanction": ("view", "change"),
    "heldmessage": ("view", "change"),
    "rule": ("view", "add", "change", "delete"),
    "invitation": ("view", "add"),
    "auditentry": ("view",),
}
MODERATOR_RIGHTS = {f"{APP}.{verb}_{model}" for model, verbs in OF_MODERATORS.items() for verb in verbs}
