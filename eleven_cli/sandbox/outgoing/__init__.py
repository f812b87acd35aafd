"""What the sandbox sends: webhooks after calls, calls of webhook tools, and requests to a model of the user's own."""
