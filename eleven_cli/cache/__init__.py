"""What is kept between runs: small facts about an account, audio that was paid for, and unfinished long texts."""

from eleven_cli.cache.account import AccountCache

__all__ = ["AccountCache"]
