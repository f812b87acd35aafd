"""Transcribes files, and aligns texts with their audio."""
