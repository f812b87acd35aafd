"""The stream-input sockets, which speak text while it is still being written."""
