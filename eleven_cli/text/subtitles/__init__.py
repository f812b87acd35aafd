"""Subtitles: from timed characters to cues and their files, and from such files to text. Pure."""

from eleven_cli.text.subtitles.cues import ESCAPED_TAGS, Cue, cues, srt, vtt
from eleven_cli.text.subtitles.timed_words import TimedText, without_tags

__all__ = ["ESCAPED_TAGS", "Cue", "TimedText", "cues", "srt", "vtt", "without_tags"]
