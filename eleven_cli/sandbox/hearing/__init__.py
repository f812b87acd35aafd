"""Detects speech, and recognizes what the sandbox's own voices said."""
