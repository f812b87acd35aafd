"""Encoded audio: what kind it is, how long it sounds, and cutting, joining and decoding it."""
