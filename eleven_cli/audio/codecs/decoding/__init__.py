"""Decodes compressed audio while it arrives."""
