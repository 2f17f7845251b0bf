"""Django's admin, for moderators and administrators. Its pages write through `chat.actions`.

`chatproject/apps.py` imports the modules after the site is created. Imported here, they would be registered
twice.
"""
