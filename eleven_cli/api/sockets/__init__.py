"""WebSockets: the handshake, messages both ways, and how a session ended."""
