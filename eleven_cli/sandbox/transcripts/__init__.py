"""Putting speech into words: files, live audio, and texts that are aligned with their sound."""
