"""The pure rules of importing: kinds of files as data, recognition, values, chats."""
