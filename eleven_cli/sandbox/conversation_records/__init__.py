"""Conversations that were had: listed, read, deleted."""
