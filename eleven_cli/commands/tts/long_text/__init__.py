"""A text of many requests: its pieces in parallel, kept as they arrive, and given in order."""
