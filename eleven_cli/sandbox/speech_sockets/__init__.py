"""The sockets on which text is spoken while it is still being written."""
