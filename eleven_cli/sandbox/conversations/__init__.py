"""Conversations with an agent: the WebSocket, whose turn it is, what is heard and what is spoken."""
