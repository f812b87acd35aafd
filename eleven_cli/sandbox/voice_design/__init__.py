"""Voices that are made of a description: designed, varied, and kept."""
