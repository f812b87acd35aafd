"""Voices and models, and the endpoints that list them."""
