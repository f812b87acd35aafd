"""Encoded audio: recognising, measuring, cutting, joining and decoding it."""
