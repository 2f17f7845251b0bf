"""Daphne and Twisted: the server, WebSocket connections with flow control, bounded requests, and shutdown.

Only this folder depends on these libraries. Consumers see a `chat.live.connection.Connection`.
"""
