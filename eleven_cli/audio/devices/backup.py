"""A player that keeps a backup: a playback failure must not lose paid audio."""

from contextlib import suppress
from typing import Any

from eleven_cli.audio.devices.temporary import TemporaryAudio
from eleven_cli.audio.formats import Format
from eleven_cli.audio.sinks import Sink
from eleven_cli.errors import AudioError


class BackupPlayer:
    """Plays `fmt` through another sink, and writes it to a temporary file, which stays only if playback fails: a note
    on the exception names it. If no file can be written, it only plays.
    """

    def __init__(self, player: Sink, fmt: Format) -> None:
        self._player, self._fmt = player, fmt
        self._backup: TemporaryAudio | None = None

    def __enter__(self) -> "BackupPlayer":
        self._player.__enter__()
        with suppress(OSError):
            self._backup = TemporaryAudio(self._fmt)
        return self

    def write(self, data: bytes) -> None:
        try:
            if self._backup is not None:
                self._backup.write(data)
        except OSError:  # no space left: playback matters more
            self._drop()
        self._player.write(data)

    def finish(self) -> None:
        self._player.finish()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        try:
            self._player.__exit__(kind, error, trace)
        finally:
            if self._backup is not None and isinstance(error, AudioError) and self._backup.byte_count:
                error.add_note(_kept(self._backup))
            else:
                self._drop()

    def _drop(self) -> None:
        backup, self._backup = self._backup, None
        if backup is not None:
            backup.remove()


def _kept(backup: TemporaryAudio) -> str:
    """Completes a backup; says where it is."""
    arrived = f"what arrived ({backup.byte_count:,} bytes)"
    try:
        backup.complete()
    except OSError as failed:
        return f"of {arrived} only a part is kept in {backup.name}: {failed.strerror}"
    return f"{arrived} is kept in {backup.name}"
