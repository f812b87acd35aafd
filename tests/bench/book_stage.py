"""What every figure of `book` needs: a service that speaks it, and what became of each request."""

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from book_server import CHARACTERS_PER_S, Request, digest, frame_count, stamps

HERE = Path(__file__).parent
PLACES = 5
KEY, OTHER_KEY = "bench", "another"
MOST_LOST = 4  # frames of a piece, where it was joined to others


class Service:
    """The process of `book_server.py`, and what it says of its requests. A `with`."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def __enter__(self) -> "Service":
        command = [sys.executable, "-B", str(HERE / "book_server.py"), str(self._speed), str(PLACES)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self._changed = threading.Condition()
        self._begun, self._over = 0, list[Request]()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()  # it takes this as its end
        self._process.wait()
        self._listener.join()
        self._process.stdout.close()

    def wait_for_whole(self, count: int, patience_s: float) -> None:
        """Until so many answers in all have been sent whole, or time is up."""
        with self._changed:
            self._changed.wait_for(lambda: sum(each.whole for each in self._over) >= count, patience_s)

    def whole_count(self) -> int:
        with self._changed:
            return sum(each.whole for each in self._over)

    def requests(self) -> list[Request]:
        """All of them until now, once they are over."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._over) == self._begun)
            return sorted(self._over, key=lambda each: each.began_s)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                if line == "begun\n":
                    self._begun += 1
                else:
                    self._over.append(Request(**json.loads(line)))
                self._changed.notify_all()


@dataclass(frozen=True)
class Stage:
    """What the sections share.

    folder      for everything that is written
    characters  of the book, which lies in `book.txt`
    speed       of the service when it is the subject; it is `fast` when it is not
    rounds      how often a book is made that is broken off again and again, so many `kills` each
    splits      how often each text is split
    """

    folder: Path
    characters: int
    speed: float
    fast: float
    rounds: int
    kills: int
    splits: int

    @property
    def eleven(self) -> str:
        return str(Path(sys.executable).with_name("eleven"))

    @property
    def book(self) -> Path:
        return self.folder / "book.txt"

    @property
    def whole(self) -> Path:
        """What was made of the book without a break."""
        return self.folder / "whole.mp3"

    def command(self, output: Path, book: Path | None = None) -> list[str]:
        return [self.eleven, "tts", "-f", str(book or self.book), "-o", str(output), "-v", "speaks00000000000000"]

    def ideal_s(self, speed: float) -> float:
        """What the service needs for the book when it never waits."""
        return self.characters / CHARACTERS_PER_S / speed / PLACES

    def environ(self, service: Service) -> Mapping[str, str]:
        """Nothing of the caller's but the path."""
        base = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LANG": "C.UTF-8"}
        return {**base, "ELEVENLABS_API_KEY": KEY, "ELEVENLABS_BASE_URL": f"http://127.0.0.1:{service.port}"}


def in_flight(requests: Sequence[Request]) -> float:
    """How many there were on average, from the beginning of the first to the end of the last."""
    heard = [each for each in requests if not each.refused]
    since, until = min(each.began_s for each in heard), max(each.ended_s for each in heard)
    return sum(each.ended_s - each.began_s for each in heard) / (until - since)


def misplaced(output: Path, book: Path, requests: Sequence[Request]) -> int:
    """In how many characters the texts of the output's frames, in their order, are not the book."""
    texts = {digest(each.text): each.text for each in requests}
    spoken = "".join(texts[name] for name in _voiced(output, texts))
    written = book.read_text()
    return sum(one != other for one, other in zip(spoken, written, strict=False)) + abs(len(spoken) - len(written))


def _voiced(output: Path, texts: Mapping[bytes, str]) -> Iterator[bytes]:
    """The texts that the output voices, each with all of its frames but for a few at a join."""
    for name, numbered in itertools.groupby(stamps(output.read_bytes()), key=lambda stamp: stamp[0]):
        numbers = [number for _, number in numbered]
        lost = frame_count(texts[name]) - len(numbers)
        if numbers != list(range(numbers[0], numbers[-1] + 1)) or lost > MOST_LOST:
            raise SystemExit(f"of the {frame_count(texts[name])} frames of one text {len(numbers)} are in the book")
        yield name
