"""Audio in, other audio out: the voice changer and the voice isolator."""
