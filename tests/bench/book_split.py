"""Splits one text: `book_split.py KIND MEGABYTES`, in a process of its own. Prints how many seconds it took."""

import sys
import time

from book_texts import KINDS

from eleven_cli.commands.tts.plan import PIECE_CHARACTERS
from eleven_cli.text.splitting import pieces


def main() -> None:
    text = KINDS[sys.argv[1]](round(float(sys.argv[2]) * 1e6))
    began = time.perf_counter()
    parts = list(pieces(text, PIECE_CHARACTERS))
    took_s = time.perf_counter() - began
    if "".join(parts) != text or max(map(len, parts)) > PIECE_CHARACTERS:
        raise SystemExit(f"{sys.argv[1]} was not split as it should be")
    print(took_s)


if __name__ == "__main__":
    main()
