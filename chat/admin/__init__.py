"""Django's admin, for moderators and administrators. Its pages write through `chat.actions`.

`chatproject/apps.py` imports the pages once the site exists. Imported here they would register twice.
"""
