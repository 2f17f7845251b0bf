"""Notifications: which messages a member is told of, by push and by mail.

`new` finds new messages and edits, and `noting` who is to be told. `due` chooses the people whose turn it is,
`untold` reads what they are told, and `told` notes that it was sent. `chat/worker/` calls them in this order.
"""
