"""HTTP below the client: sessions, answers, uploads, retries, traces."""

from eleven_cli.errors import ElevenError

MOST_INTERIM = 1000  # 102 Processing may come for an hour, every few seconds
SWITCHING_PROTOCOLS = 101
ADDRESS_HINT = "check the server's address: eleven config get base_url"


def is_interim(status: int) -> bool:
    """Whether another answer follows."""
    return 100 <= status < 200 and status != SWITCHING_PROTOCOLS


class Retry(Exception):
    """Nothing was paid for and it may work the next time; `error` is what to say when it does not."""

    def __init__(self, error: ElevenError, after_s: float = 0.0) -> None:
        super().__init__(error.message)
        self.error, self.after_s = error, after_s
