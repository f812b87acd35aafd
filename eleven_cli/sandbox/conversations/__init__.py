"""Conversations with an agent: the WebSocket, the turns, the listener and the speaker."""
