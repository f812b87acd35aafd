"""Joins separately generated pieces of audio to one stream."""
