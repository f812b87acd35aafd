"""Live transcription: the WebSocket that turns sound into words while it is spoken."""
