"""The settings file, the environment, and the API key."""
