"""Text to speech: requests, timestamps, and the WebSocket that speaks text while it is written."""
