"""The events for clients. A feed per open room orders its changes and broadcasts them. The lobby feed
compares snapshots of the listed rooms, and presence tracks the people in each room.
"""
