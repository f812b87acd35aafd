"""Speech with the times of its characters: what the service sends, and what is written of it."""

import json
import re

from tests.support.service import raw_reply
from tests.support.speech_socket import CHARACTER_S, encoded, sound_of


def timed(text, *, from_s=0.0):
    """A with-timestamps line for a text."""
    starts = [from_s + at * CHARACTER_S for at in range(len(text))]
    alignment = {
        "characters": list(text),
        "character_start_times_seconds": starts,
        "character_end_times_seconds": [start + CHARACTER_S for start in starts],
    }
    return {"audio_base64": encoded(sound_of(text)), "alignment": alignment, "normalized_alignment": None}


def lines_reply(*lines, **headers):
    data = b"\n\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return raw_reply(data, content_type="application/json", **headers)


def columns(path):
    value = json.loads(path.read_text())
    return "".join(value["characters"]), value["character_start_times_seconds"], value["character_end_times_seconds"]


def seconds(time):
    hours, minutes, rest = time.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def shown(path):
    """The cues of a file: from, to, text."""
    pattern = r"(\d\d:\d\d:\d\d[.,]\d{3}) --> (\d\d:\d\d:\d\d[.,]\d{3})\n(.*?)(?:\n\n|\n*\Z)"
    found = re.findall(pattern, path.read_text(), re.DOTALL)
    return [(seconds(start), seconds(end), text.replace("\n", " ")) for start, end, text in found]
