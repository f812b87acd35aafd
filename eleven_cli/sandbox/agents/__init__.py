"""Agents: built in or described in a file, their endpoints and signed URLs."""
