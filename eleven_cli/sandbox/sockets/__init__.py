"""What every WebSocket of the sandbox has in common: JSON messages, time-outs, and who may open one."""
