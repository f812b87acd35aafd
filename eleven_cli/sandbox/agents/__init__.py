"""Agents to talk with: who they are, the requests about them, and the conversation socket."""
