"""What a server keeps between runs, and what differs from run to run."""
