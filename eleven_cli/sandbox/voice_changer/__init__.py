"""The voice changer and the voice isolator."""
