"""Text: reading it, cleaning it. Pure."""
