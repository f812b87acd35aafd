"""The `stt` command: from its options to a transcription, of a recording or of what is being said."""

from typing import Annotated

import typer

from eleven_cli.commands.audio_options import InputFormat
from eleven_cli.commands.options import NoClobber
from eleven_cli.commands.stt import options as opt
from eleven_cli.context import Context

AudioFile = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help="The recording; - or a pipe is stdin.", show_default=False)
]


def stt(
    ctx: typer.Context,
    file: AudioFile = None,
    live: opt.Live = False,
    output: opt.Output = None,
    format: opt.FormatName = None,
    diarize: opt.Diarize = False,
    speakers: opt.Speakers = None,
    channels: opt.Channels = False,
    language: opt.Language = None,
    keyterm: opt.Keyterms = None,
    no_audio_events: opt.NoAudioEvents = False,
    timestamps: opt.Times = None,
    url: opt.Url = None,
    model: opt.Model = None,
    input_format: InputFormat = None,
    no_clobber: NoClobber = False,
    json: opt.Json = False,
    mic: opt.Mic = None,
    commit: opt.CommitBy = None,
    silence: opt.Silence = None,
    vad_threshold: opt.VadThreshold = None,
    min_speech_ms: opt.MinSpeech = None,
    min_silence_ms: opt.MinSilence = None,
) -> None:
    """Write down what is said in a recording; with --live, what is being said.

    The text goes to stdout; --diarize begins a line for each speaker. Live, the microphone is heard, or a pipe or file
    of WAV in real time: each line is written when it is certain. Ctrl+C writes down what was said by then, and ends.
    """
    from eleven_cli.commands.model_hints import explaining_models
    from eleven_cli.commands.name_completion import STT_LIVE_MODELS, STT_MODELS
    from eleven_cli.commands.stt import choices

    context: Context = ctx.obj
    only_recorded = {
        "--output": output, "--format": format, "--diarize": diarize, "--speakers": speakers, "--channels": channels,
        "--no-audio-events": no_audio_events, "--url": url, "--no-clobber": no_clobber,
    }  # fmt: skip
    tuning = {
        "vad_threshold": vad_threshold, "min_speech_duration_ms": min_speech_ms,
        "min_silence_duration_ms": min_silence_ms,
    }  # fmt: skip
    only_live = {
        "--mic": mic, "--commit": commit, "--silence": silence, "--vad-threshold": vad_threshold,
        "--min-speech-ms": min_speech_ms, "--min-silence-ms": min_silence_ms,
    }  # fmt: skip
    choices.refuse_others(only_recorded if live else only_live, live=live)
    if live:
        from eleven_cli.commands.stt.hearing import ears_for
        from eleven_cli.commands.stt.live import transcribe

        live_wish = choices.live_wish(model, language, keyterm or [], commit, silence, tuning, timestamps, as_json=json)
        with (
            explaining_models(context, "eleven stt --live", model, STT_LIVE_MODELS),
            ears_for(context.terminal, file, mic, input_format, since=context.since) as ears,
        ):
            transcribe(context, live_wish, ears)
        return
    from eleven_cli.commands.existing_files import keeps_existing
    from eleven_cli.commands.stt.recorded import transcribe_recording

    manner = choices.manner(
        model, language, diarize, speakers, channels, keyterm or [], timestamps, audio_events=not no_audio_events
    )
    place = choices.place(output, choices.format_of(format, as_json=json))
    choices.check_times(manner, place.format)
    if keeps_existing(context.terminal, place.file, no_clobber=no_clobber):
        return
    with explaining_models(context, "eleven stt", model, STT_MODELS):
        transcribe_recording(context, manner, place, file, url, input_format, no_clobber=no_clobber)
