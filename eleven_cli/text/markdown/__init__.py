"""Markdown to the text that should be spoken. Pure."""

from eleven_cli.text.markdown.words import SENTENCE_END, spoken

__all__ = ["SENTENCE_END", "spoken"]
