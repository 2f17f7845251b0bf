"""Django's admin, for moderators and administrators. Each page calls the verbs of `chat.actions`.

`chatproject/apps.py` loads the pages, after the site: loaded from here they would register with two sites.
"""
