"""What belongs to the account: its plan and usage, what it has generated, and what its key may do."""
