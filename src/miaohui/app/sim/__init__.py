"""The demo's people: buyers who write through the real doors, colleagues who work through the public API.

Separate processes; they know nothing of the server but its addresses and log-ins (`demo.json`).
"""
