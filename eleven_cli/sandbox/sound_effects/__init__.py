"""Sound effects: synthesized by the words of their description."""
