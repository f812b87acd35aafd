"""Accounts: keys, plans, credits, what was used, and how many requests may run at once."""
