"""The `stt` command: from its options to a transcription, of a recording or of what is being said."""

from typing import Annotated

import typer

from eleven_cli.commands.options import InputFormat
from eleven_cli.commands.stt import options as opt
from eleven_cli.context import Context

AudioFiles = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE]...", help="The recordings; - or a pipe is stdin.", show_default=False),
]


def stt(
    ctx: typer.Context,
    files: AudioFiles = None,
    live: opt.Live = False,
    output: opt.Output = None,
    format: opt.FormatName = None,
    diarize: opt.Diarize = False,
    speakers: opt.Speakers = None,
    roles: opt.Roles = False,
    channels: opt.Channels = False,
    language: opt.Languages = None,
    keyterm: opt.Keyterms = None,
    no_verbatim: opt.NoVerbatim = False,
    no_audio_events: opt.NoAudioEvents = False,
    entities: opt.Entities = False,
    redact: opt.Redact = None,
    timestamps: opt.Times = None,
    url: opt.Url = None,
    model: opt.Model = None,
    input_format: InputFormat = None,
    no_clobber: opt.NoClobber = False,
    json: opt.Json = False,
    mic: opt.Mic = None,
    once: opt.Once = False,
    timeout: opt.Timeout = None,
    commit: opt.CommitBy = None,
    silence: opt.Silence = None,
    vad_threshold: opt.VadThreshold = None,
    min_speech_ms: opt.MinSpeech = None,
    min_silence_ms: opt.MinSilence = None,
) -> None:
    """Transcribe audio, or live with --live.

    The text goes to stdout (of several files with their names before each line), or to -o '{stem}.srt', one file for
    each. With --live, the microphone, a pipe or a file is transcribed in real time: a line is printed once it is final.
    Ctrl+C prints what was said so far and exits.
    """
    from eleven_cli.commands.output.text_format import chosen_text_format, text_target
    from eleven_cli.commands.stt import validation

    context: Context = ctx.obj
    only_recorded = {
        "--diarize": diarize, "--speakers": speakers, "--roles": roles, "--channels": channels,
        "--no-audio-events": no_audio_events, "--url": url,
    }  # fmt: skip
    only_live = {
        "--mic": mic, "--once": once, "--timeout": timeout, "--commit": commit, "--silence": silence,
        "--vad-threshold": vad_threshold, "--min-speech-ms": min_speech_ms, "--min-silence-ms": min_silence_ms,
    }  # fmt: skip
    validation.refuse_others(only_recorded if live else only_live, live=live)
    validation.refuse_model(model, live=live)
    several = len(files or []) > 1
    word = chosen_text_format(format, output, as_json=json, in_lines=live or several)
    if live:
        from eleven_cli.commands.stt.live.options import live_options
        from eleven_cli.commands.stt.live.run import transcribe_live

        target = text_target(output, word)
        options = live_options(
            model=model, languages=language or [], keyterms=keyterm or [], commit=commit, silence_s=silence,
            vad_threshold=vad_threshold, min_speech_ms=min_speech_ms, min_silence_ms=min_silence_ms,
            timestamps=timestamps, no_verbatim=no_verbatim, entities=entities, redact=redact or [], once=once,
            timeout_s=timeout, format=target.format,
        )  # fmt: skip
        code = transcribe_live(context, options, target, files or [], mic, input_format, no_clobber=no_clobber)
        if code:
            raise typer.Exit(code)
        return
    from eleven_cli.commands.stt.batch import recordings_of, transcribe_all

    request = validation.transcription_request(
        model=model, languages=language or [], diarize=diarize, speakers=speakers, roles=roles, channels=channels,
        keyterms=keyterm or [], timestamps=timestamps, audio_events=not no_audio_events, no_verbatim=no_verbatim,
        redact=redact or [], entities=entities,
    )  # fmt: skip
    recordings = recordings_of(files or [], url, output, word)
    request = validation.for_target(request, recordings[0].target, context.terminal)
    transcribe_all(context, request, recordings, input_format, no_clobber=no_clobber)
