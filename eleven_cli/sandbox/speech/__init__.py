"""The requests that speak a text or a dialogue."""
