"""The consumers: one object per client. It authenticates the client, handles its frames and sends it events.
`routing` maps URL paths to consumers.
"""
