"""Accounts: keys, plans, credits, usage and concurrency."""
