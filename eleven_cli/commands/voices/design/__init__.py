"""Voices of words: previews are designed or remixed, presented, and kept."""
