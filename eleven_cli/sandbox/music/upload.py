"""Songs that are uploaded: what is known of one is its length and how loud it is."""

from __future__ import annotations

from typing import Any

from ..http.problems import Problem
from ..http.uploads import Form
from ..http.validate import FALSE, TRUE
from ..sound.media import Media, check_length
from ..state.entropy import new_id
from .detailed import waveform_of
from .plan import made_plan
from .request import MAX_MS, MIN_MS, MODELS
from .synthesis import RATE

MAX_UPLOAD_BYTES = 200 * 1000**2


def read_song(form: Form) -> dict[str, Any]:
    """Reads the form and the song, and describes it. Raises SchemaError, and Problem (400) for what is no song."""
    file = form.file("file")
    wanted = (form.text("extract_composition_plan") or FALSE[0]).lower()
    if wanted not in TRUE + FALSE:
        form.check.one_of("extract_composition_plan", wanted, MODELS)
    is_timed, is_drawn = form.flag("with_timestamps"), form.flag("with_waveform_visual")
    form.check.finish()
    if file is None:  # never: the check has told
        raise Problem(400, "missing_required_field", "There is no file.", param="file")
    song = Media(file.file)
    check_length(song, MAX_MS / 1000)
    length_ms = round(1000 * song.duration_s)
    if length_ms < MIN_MS:
        message = f"The song is {song.duration_s:.1f} s long; it must be at least {MIN_MS // 1000} s."
        raise Problem(400, "audio_too_short", message, param="file")
    model_id = MODELS[0] if wanted in TRUE else wanted
    return {
        "song_id": new_id(),
        "composition_plan": None if wanted in FALSE else made_plan("", length_ms, model_id),
        "words_timestamps": [] if is_timed else None,
        "waveform_visual": waveform_of(song.pcm(RATE)) if is_drawn else None,
    }
