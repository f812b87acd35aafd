"""Chooses how to play on this machine, before anything is paid for."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from eleven_cli.audio.codecs.decoding import sink as decoding_sink
from eleven_cli.audio.codecs.decoding.sink import DecodingSink
from eleven_cli.audio.devices import portaudio
from eleven_cli.audio.devices.external import FilePlayer, PipePlayer
from eleven_cli.audio.devices.speaker import Speaker
from eleven_cli.audio.formats import Format
from eleven_cli.audio.sinks import Sink
from eleven_cli.errors import AudioError

ON_THE_PATH = ("ffplay", "mpv", "afplay", "paplay", "aplay")
_DECODERS = {"ffplay", "mpv", "afplay"}  # the others take samples only
_OPUS_DECODERS = {"ffplay", "mpv"}


@dataclass(frozen=True)
class Playback:
    """How to play one format.

    player   "pyaudio" or the name of a program
    decode   whether the audio is decoded to PCM first
    """

    player: str
    decode: bool


def choose(fmt: Format, *, speaker: bool, programs: list[str], mp3_decoder: bool) -> Playback | None:
    """Choose how to play `fmt`, on the speaker rather than by a program; None if nothing can. Pure."""
    raw = fmt.codec in ("pcm", "ulaw", "alaw")
    we_decode = raw or (fmt.codec == "mp3" and mp3_decoder)
    if speaker and we_decode:
        return Playback("pyaudio", decode=fmt.codec != "pcm")
    for program in programs:
        if we_decode:
            return Playback(program, decode=fmt.codec != "pcm")
        if program in (_OPUS_DECODERS if fmt.codec == "opus" else _DECODERS):
            return Playback(program, decode=False)
    return None


def programs_here(which: Callable[[str], str | None] = shutil.which) -> list[str]:
    """List the known players on the PATH, best first."""
    return [program for program in ON_THE_PATH if which(program)]


def best_rate() -> int:
    """Give the PCM rate in Hz to request for audio that is only played."""
    return (portaudio.playable_rate() if portaudio.installed() else None) or portaudio.RATES[0]


def stereo_format() -> Format:
    """Give what to request of stereo sound that is only played: MP3 arrives while it is made, WAV needs no decoder."""
    mp3 = Format("mp3", 44100, 128, channels=2)
    return mp3 if _chosen(mp3) is not None else Format("wav", best_rate(), channels=2)


def player_for(fmt: Format) -> Sink:
    """Open a sink that plays `fmt` as the service sends it. Raises AudioError if nothing here can."""
    installed = portaudio.installed()
    playback = _chosen(fmt)
    if playback is None and installed and not _speaker_takes(fmt):
        portaudio.library()  # raises the reason if PyAudio is broken
        raise AudioError("no sound device found", hint="write a file: -o FILE")
    if playback is None:
        raise AudioError(f"no audio player found for {fmt.codec}", hint=_install_hint(fmt))
    sink = _sink(playback.player, Format("pcm", fmt.rate, channels=fmt.channels) if playback.decode else fmt)
    return DecodingSink(sink, fmt) if playback.decode else sink


def _chosen(fmt: Format) -> Playback | None:
    decoder = decoding_sink.mp3_decoder_installed()
    return choose(fmt, speaker=_speaker_takes(fmt), programs=programs_here(), mp3_decoder=decoder)


def _speaker_takes(fmt: Format) -> bool:
    return portaudio.installed() and portaudio.playable_rate(fmt.rate, fmt.channels) is not None


def _install_hint(fmt: Format) -> str:
    """Name what to install: PyAudio if it can play this format, or a program."""
    from eleven_cli.packages import install

    others = "install ffmpeg or mpv, or write a file with -o FILE"
    if fmt.codec == "opus":
        return others
    needed = ["pyaudio"] if not portaudio.installed() else []
    if fmt.codec == "mp3" and not decoding_sink.mp3_decoder_installed():
        needed.append("miniaudio")
    return f"{install(*needed)}, or {others}" if needed else others


def _sink(player: str, fmt: Format) -> Sink:
    match player:
        case "pyaudio":
            return Speaker(fmt.rate, channels=fmt.channels)
        case "afplay":
            return FilePlayer(player, fmt)
    return PipePlayer(player, fmt)
