"""What every WebSocket of the sandbox shares: JSON messages, time-outs, ends of sessions, and authentication."""
