"""Simulated platforms: separate programs that speak the platforms' protocols, with their bad manners.

They share no code with the adapters (a mistake would otherwise agree with itself) and none with the server;
third-party clients hold them to the protocol (channels.md §7).
"""
