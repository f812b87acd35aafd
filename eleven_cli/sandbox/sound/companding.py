"""Decodes the telephone codecs; they are encoded like every other format, in `codecs`."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # before 3.13 it announces that it will be a package
    import audioop


def ulaw_to_pcm(data: bytes) -> bytes:
    """Decodes µ-law (G.711) into signed 16-bit samples, one for each byte."""
    return bytes(audioop.ulaw2lin(data, 2))
