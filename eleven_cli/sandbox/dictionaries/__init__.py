"""Pronunciation dictionaries: stored for each account, and heard in speech."""
