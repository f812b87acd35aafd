"""The voices of an account, and how they sound."""
