"""Conversations with agents, over a WebSocket."""
