"""What is kept between runs: small facts about an account, audio that was paid for, and unfinished long texts."""

from eleven_cli.cache.memory import Memory

__all__ = ["Memory"]
