"""`eleven sts`: speech by another voice."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands import options as shared
from eleven_cli.commands.lookup.completion import STS_MODELS
from eleven_cli.commands.options import AudioFile, InputFormat, Mic
from eleven_cli.context import Context

if TYPE_CHECKING:
    from eleven_cli.api.audio.voice_changer import VoiceChangeOptions
    from eleven_cli.api.http.bodies import FilePart
    from eleven_cli.api.http.uploads import ProgressCallback
    from eleven_cli.api.tts.speech import SpeechResponse

EXAMPLES = """eleven sts recording.wav -v Imogen -o other.mp3
eleven sts --mic default -v Imogen
eleven tts "Hello" | eleven sts -v Imogen > other.mp3"""
GROUPS = {
    "Input": ("input_format", "mic", "remove_noise"),
    "Output": ("output", "format", "play", "no_clobber"),
    "Voice": ("voice", "model", "stability", "similarity", "style", "speaker_boost", "seed"),
    "Reports": ("stats", "json"),
}
EXAMPLE = "eleven sts recording.wav -v NAME, or speak: eleven sts --mic default -v NAME"
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="ID",
        help="The model; eleven models lists them.",
        autocompletion=completed_by("complete_sts_model"),
    ),
]
RemoveNoise = Annotated[bool, typer.Option("--remove-noise", help="Remove background noise, too.")]


def sts(
    ctx: typer.Context,
    file: AudioFile = None,
    output: shared.Output = None,
    play: shared.Play = None,
    format: shared.FormatName = None,
    voice: shared.Voice = None,
    model: Model = None,
    stability: shared.Stability = None,
    similarity: shared.Similarity = None,
    style: shared.Style = None,
    speaker_boost: shared.SpeakerBoost = None,
    seed: shared.Seed = None,
    remove_noise: RemoveNoise = False,
    input_format: InputFormat = None,
    mic: Mic = None,
    no_clobber: shared.NoClobber = False,
    stats: shared.Stats = False,
    json: shared.StatsJson = False,
) -> None:
    """Change the voice of a recording.

    The audio is played on a terminal, and written as it arrives to a pipe or to -o FILE.

    A recording longer than the service takes (5 minutes) is cut at silences and joined again: WAV, raw PCM and MP3, and
    FLAC where the audio extra is installed. Convert anything else: ffmpeg -i FILE -f wav - | eleven sts -v NAME
    """
    from eleven_cli.api.audio.voice_changer import MOST_S, VoiceChangeOptions
    from eleven_cli.api.tts.models import documented_models
    from eleven_cli.commands.input.audio_upload import MOST_BYTES
    from eleven_cli.commands.input.microphone import audio_or_recording
    from eleven_cli.commands.lookup.models import explaining_models, refuse_other_kind
    from eleven_cli.commands.output import plan_output
    from eleven_cli.commands.output.audio_transform import AudioTransform, tell
    from eleven_cli.commands.output.existing import keeps_existing
    from eleven_cli.commands.output.figures import check_report
    from eleven_cli.suggestions import either

    context: Context = ctx.obj
    terminal = context.terminal
    terminal.quiet = terminal.quiet or json  # each stream is to hold one JSON value
    if model not in documented_models():  # of those that speak, the service knows which change voices, too
        refuse_other_kind(model, "change voices", "eleven sts", hint=f"give eleven sts -m {either(list(STS_MODELS))}")
    plan = plan_output(output, format, play, on_terminal=terminal.stdout_is_terminal)
    check_report(terminal, plan, as_json=json)
    if keeps_existing(terminal, plan.file, no_clobber=no_clobber, as_json=json):
        return
    settings = {
        "stability": stability, "similarity_boost": similarity, "style": style, "use_speaker_boost": speaker_boost,
    }  # fmt: skip
    chosen = {name: value for name, value in settings.items() if value is not None}
    how = VoiceChangeOptions(str(plan.fmt.wire), model, chosen, seed, remove_noise)
    opening = audio_or_recording(
        terminal, file, mic, input_format, most_bytes=MOST_BYTES, output=plan.file, example=EXAMPLE
    )
    with opening as audio:
        transform = AudioTransform(context, plan, _asking(context, voice, how, audio.file_format))
        with explaining_models(context, "eleven sts", model, STS_MODELS):
            transform.run(audio, MOST_S, no_clobber=no_clobber)
    tell(terminal, transform, stats=stats, as_json=json, model_id=model)


def _asking(
    context: Context, voice: str | None, how: "VoiceChangeOptions", more_fields: list[tuple[str, str]]
) -> "Callable[[FilePart, ProgressCallback], SpeechResponse]":
    """What sends a piece. The voice is chosen with the first, and stays."""
    from eleven_cli.api.audio.voice_changer import change
    from eleven_cli.commands.lookup.voice_candidates import VoiceCandidate, voice_candidates

    known: list[str] = []

    def ask(content: "FilePart", sent: "ProgressCallback") -> "SpeechResponse":
        for candidate in map(VoiceCandidate, known) if known else voice_candidates(context, voice):
            with candidate as voice_id:
                response = change(context.client, voice_id, how, content, more_fields, sent=sent)
                known[:] = [voice_id]
                return response
        raise AssertionError("the last candidate's refusal is raised")

    return ask
