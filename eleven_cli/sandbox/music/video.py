"""Reads requests for music to videos: as long as all of them together, by a description and tags."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from ..accounts.account import Account
from ..http.problems import invalid_parameter
from ..http.uploads import Form
from ..http.validate import check_text
from ..sound.media import video_length_s
from .plan import Part
from .request import MAX_MS, MODELS, MusicRequest, check_paid, music_format

MAX_VIDEOS, MAX_VIDEO_BYTES = 10, 200 * 1000**2
MAX_DESCRIPTION, MAX_TAGS = 1_000, 10
MODE = "video_to_music"
NOTHING_SAID = "film music"  # what it is like where nothing was said


def read_video_music(form: Form, query: QueryParams, account: Account) -> MusicRequest:
    """Reads the form. Raises SchemaError for one that does not match the schema, Problem for what breaks a rule."""
    videos, tags = form.files("videos"), form.texts("tags")
    description = form.text("description")
    if description is not None:
        check_text(form.check, "description", description, MAX_DESCRIPTION, 1)
    for name, count, most in (("videos", len(videos), MAX_VIDEOS), ("tags", len(tags), MAX_TAGS)):
        form.check.at_most(name, count, most)
    form.flag("sign_with_c2pa")
    model_id = form.choice("model_id", MODELS, MODELS[0])
    form.check.finish()
    check_paid(account)
    format = music_format(query, model_id, account)
    length_ms = round(1000 * sum(video_length_s(video.file) for video in videos))
    if not 0 < length_ms <= MAX_MS:
        message = f"The videos are {length_ms / 1000:.1f} s long; up to {MAX_MS // 1000} s are allowed."
        raise invalid_parameter("videos", message)
    words = " ".join(filter(None, [description, *tags])) or NOTHING_SAID
    return MusicRequest(model_id, format, (Part(words, length_ms),), 0, MODE)
