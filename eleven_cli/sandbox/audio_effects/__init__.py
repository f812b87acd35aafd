"""Audio effects: their catalogue, and what they do to speech."""
