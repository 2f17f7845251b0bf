"""The worker: sends pushes and mails. `manage.py work` runs it, and `manage.py start` in a thread of its own.

Once a second a round (`rounds.py`) looks for new messages and queues a task for the people whose turn it is,
in one transaction. A task (`tasks.py`) is a row in the queue of the task library, so it survives a restart,
and one worker takes it. It reads what is untold (`chat.actions.notices`), sends it (`pushes.py`, `mails.py`),
and notes that it was told.

A killed worker leaves its task behind. Nothing is lost: the notices still wait, and the people are chosen
again when the lease of the task ends.
"""
