"""Audio beside speech: the voice changer, isolation, sound effects, and the effects that speech can have."""
