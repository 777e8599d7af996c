"""The tables of `routing` and its statements. Private to the room."""

from miaohui.routing.store import chats, lanes, reserve, rows, seats, tables

__all__ = ["chats", "lanes", "reserve", "rows", "seats", "tables"]
