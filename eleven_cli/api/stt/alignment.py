"""Forced alignment: when each character of a known text is said (POST /v1/forced-alignment)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from eleven_cli.api.client import Client
from eleven_cli.api.http.bodies import FilePart
from eleven_cli.api.http.uploads import Form, ProgressCallback, upload_for_json
from eleven_cli.api.json_fields import number, objects_of, text_of
from eleven_cli.errors import ElevenError

PATH = "/v1/forced-alignment"
MOST_BYTES = 1_000_000_000
FITTING_LOSS = 1.0  # on average; of a text that is read as it stands it is a tenth of that
DOUBTFUL_LOSS = 2.0  # of a word
DOUBTFUL_SHARE = 0.2  # of all words; a number that is said in words may be one of them
LATEST_S = 1e8  # more than three years: what is later is no time


class ForcedAlignment(NamedTuple):
    """answer: as the service put it; characters: each with its start and end in seconds."""

    answer: dict[str, Any]
    characters: tuple[tuple[str, float, float], ...]


def align(
    client: Client,
    audio: FilePart,
    text: str,
    more_fields: Sequence[tuple[str, str]] = (),
    *,
    sent: ProgressCallback = lambda count, of: None,
) -> ForcedAlignment:
    """Waits for the answer as long as it takes. Raises what the service refused with."""
    return alignment(upload_for_json(client, PATH, Form([("text", text), *more_fields], "file", audio, sent)))


def alignment(answer: Any) -> ForcedAlignment:
    """The service's answer as a value. Raises ElevenError for one without an alignment."""
    entries = answer.get("characters") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise ElevenError("the service sent no alignment", code="no_alignment")
    return ForcedAlignment(answer, tuple(_character(entry) for entry in entries if isinstance(entry, dict)))


def misfit(answer: dict[str, Any]) -> str:
    """What to say where the text does not seem to be what is said in the recording; "" where it fits."""
    words = objects_of(answer.get("words"))
    doubtful = [word for word in words if (number(word.get("loss")) or 0.0) > DOUBTFUL_LOSS]
    loss = number(answer.get("loss")) or 0.0
    if loss <= FITTING_LOSS and len(doubtful) < max(len(words) * DOUBTFUL_SHARE, 2):
        return ""
    which = ""
    if doubtful:
        first = doubtful[0]
        which = f", the first at {_time(first.get('start')):.1f} s: {text_of(first.get('text'))}"
    many = f"{len(doubtful):,} of {len(words):,} words were hardly found{which}" if doubtful else f"loss {loss:.2f}"
    return f"the text may not be what is said in the recording: {many}"


def _character(entry: dict[str, Any]) -> tuple[str, float, float]:
    start_s, end_s = (_time(entry.get(name)) for name in ("start", "end"))
    return text_of(entry.get("text")), start_s, end_s


def _time(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and abs(value) <= LATEST_S else 0.0
