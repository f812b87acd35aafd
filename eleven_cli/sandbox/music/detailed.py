"""Music with the plan that it was made by, what is known of it, and its waveform: one answer in two parts."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..http.validate import Checker, truth
from ..sound.codecs import encoder
from ..state.entropy import new_hex
from .plan import Plan, made_plan, parts_of
from .request import MusicRequest, read_music
from .synthesis import RATE, song

VALUES_A_SECOND, LOUDEST = 4, 1000
GENRES = re.compile(
    r"\b(ambient|blues|classical|country|dance|disco|electronic|folk|funk|hip[- ]hop|house|jazz|latin|lo-?fi|metal|"
    r"orchestral|pop|punk|reggae|rock|soul|techno|trance)\b",
    re.IGNORECASE,
)
FLAGS = ("with_timestamps", "with_waveform_visual")
MEDIA_TYPE = "multipart/mixed; boundary={}"


@dataclass
class DetailedMusic:
    """A request for music with details, and the sound that was made of it so far."""

    music: MusicRequest
    plan: Plan
    prompt: str
    is_timed: bool
    is_drawn: bool
    audio: bytearray = field(default_factory=bytearray)
    waveform: list[int] = field(default_factory=list)

    def make(self) -> Generator[bytes, None, None]:
        """Makes the sound, and gives its parts."""
        with closing(encoder(self.music.format, RATE)) as encode:
            for pcm in _quarters(song(self.music.parts, self.music.seed, self.music.mode)):
                self.waveform.append(_loudest(pcm))
                part = encode.encode(pcm)
                self.audio += part
                yield part
            self.audio += encode.finish()

    def body(self) -> dict[str, Any]:
        """Describes the music. Nobody sings in it, so it has no words with times."""
        return {
            "composition_plan": self.plan,
            "song_metadata": _metadata(self.prompt, self.plan),
            "words_timestamps": [] if self.is_timed else None,
            "waveform_visual": self.waveform if self.is_drawn else None,
        }

    def multipart(self) -> tuple[bytes, str]:
        """Gives the answer, and its content type."""
        boundary, format = new_hex(), self.music.format
        head = "\r\n".join(
            [
                f"--{boundary}",
                "Content-Type: application/json",
                "",
                json.dumps(self.body(), separators=(",", ":")),
                f"--{boundary}",
                f"Content-Type: {format.media_type}",
                f'Content-Disposition: attachment; filename="song.{format.codec}"',
                "",
                "",
            ]
        )
        whole = head.encode("ascii") + bytes(self.audio) + f"\r\n--{boundary}--\r\n".encode("ascii")
        return whole, MEDIA_TYPE.format(boundary)


def waveform_of(pieces: Iterator[bytes]) -> list[int]:
    """Gives the loudest value of each quarter of a second of mono samples."""
    return [_loudest(pcm) for pcm in _quarters(pieces)]


def check_details(body: dict[str, Any]) -> None:
    """Checks what only music with details is asked for. Raises SchemaError."""
    check = Checker("body")
    for name in FLAGS:
        if name in body:
            check.boolean(name, body[name])
    check.finish()


def read_detailed(body: dict[str, Any], query: QueryParams, account: Account) -> DetailedMusic:
    """Reads a body that was checked; of a prompt a plan is made first. Raises Problem for what breaks a rule."""
    music = read_music(body, query, account)
    plan = body.get("composition_plan") or body.get("music_prompt")
    prompt = str(body.get("prompt") or "")
    if plan is None:
        plan = made_plan(music.parts[0].words, music.duration_ms, music.model_id)
        music = replace(music, parts=tuple(parts_of(plan, music.model_id, "prompt")))
    is_timed, is_drawn = (truth(body.get(name, False)) for name in FLAGS)
    return DetailedMusic(music, plan, prompt, is_timed, is_drawn)


def _metadata(prompt: str, plan: Plan) -> dict[str, Any]:
    parts = plan.get("sections") or plan.get("chunks") or []
    named = [plan.get("positive_global_styles")]
    named += [part.get(name) for part in parts for name in ("positive_local_styles", "positive_styles")]
    styles = list(dict.fromkeys(style for some in named for style in some or ()))
    genres = dict.fromkeys(found.lower() for found in GENRES.findall(" ".join([prompt, *styles])))
    return {
        "title": " ".join(styles[:3]).title() or None,
        "description": prompt or ", ".join(styles) or None,
        "genres": list(genres),
        "languages": [],
        "is_explicit": False,
    }


def _quarters(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Cuts samples into pieces of a quarter of a second, the last of which may be shorter."""
    size, held = 2 * RATE // VALUES_A_SECOND // 2 * 2, bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def _loudest(pcm: bytes) -> int:
    samples = np.frombuffer(pcm, "<i2").astype(int)
    return round(int(samples[np.argmax(np.abs(samples))]) * LOUDEST / 32768)
