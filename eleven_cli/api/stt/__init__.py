"""Speech to text: recordings, alignment, and the WebSocket that transcribes live."""
