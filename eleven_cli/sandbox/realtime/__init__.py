"""Realtime transcription over a WebSocket."""
