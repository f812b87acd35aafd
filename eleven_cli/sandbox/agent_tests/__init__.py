"""Tests of agents: stored, and run against them."""
