"""Text to speech and dialogue over HTTP, and the synthesis that sockets and conversations share."""
