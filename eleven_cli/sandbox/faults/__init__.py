"""Faults on demand: errors and a network that misbehaves, for whatever is asked; no endpoint knows of them."""
