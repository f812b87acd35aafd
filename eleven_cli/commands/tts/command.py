"""The `tts` command: from its options to what is wished for, and what is said when it has been spoken."""

import typer

from eleven_cli.commands import options as shared
from eleven_cli.commands.tts import options as opt
from eleven_cli.context import Context
from eleven_cli.terminal import Terminal


def tts(
    ctx: typer.Context,
    text: opt.Text = None,
    file: opt.File = None,
    output: shared.Output = None,
    play: shared.Play = None,
    format: shared.FormatName = None,
    voice: shared.Voice = None,
    model: opt.Model = None,
    stability: shared.Stability = None,
    similarity: shared.Similarity = None,
    style: shared.Style = None,
    speed: opt.Speed = None,
    speaker_boost: shared.SpeakerBoost = None,
    seed: shared.Seed = None,
    language: opt.Language = None,
    normalize: opt.NormalizeMode = None,
    markdown: opt.Markdown = None,
    live: opt.Live = None,
    stitch: opt.StitchMode = opt.Stitch.TEXT,
    subtitles: opt.Subtitles = None,
    subtitles_format: opt.SubtitlesFormatName = None,
    dry_run: opt.DryRun = False,
    max_credits: opt.MaxCredits = None,
    cache: opt.Cache = False,
    no_clobber: shared.NoClobber = False,
    stats: shared.Stats = False,
    json: shared.StatsJson = False,
) -> None:
    """Turn text into speech.

    The text comes from the arguments, from --file, or from a pipe, which is spoken while it is still being written.
    The audio is played on a terminal, and written as it arrives to a pipe or to -o FILE.
    """
    from eleven_cli.commands.lookup.models import explaining_models
    from eleven_cli.commands.output.audio import decide
    from eleven_cli.commands.output.existing_files import keeps_existing
    from eleven_cli.commands.output.summary import check_place
    from eleven_cli.commands.tts import plan, report
    from eleven_cli.commands.tts.manner import manner_of
    from eleven_cli.commands.tts.speaking import Speaking
    from eleven_cli.commands.tts.wish import Wish

    context: Context = ctx.obj
    terminal: Terminal = context.terminal
    terminal.quiet = terminal.quiet or json  # each stream is to hold one JSON value
    outlets = decide(output, format, play, on_terminal=terminal.stdout_is_terminal)
    settings = {
        "stability": stability, "similarity_boost": similarity, "style": style, "speed": speed,
        "use_speaker_boost": speaker_boost,
    }  # fmt: skip
    model = model or context.config.value("model")
    manner = manner_of(terminal, outlets.fmt, model, settings, seed, language, normalize)
    source = (text or [], file or [], markdown)
    if max_credits is None and (limit := context.config.number("max_credits")) is not None:
        max_credits = int(limit)
    wish = Wish(*source, outlets, manner, voice, live, stitch, subtitles, max_credits, cache, no_clobber)
    wish = wish._replace(subtitles_format=subtitles_format)
    files = (outlets.file, subtitles)
    check_place(terminal, outlets, as_json=json)
    if keeps_existing(terminal, *files, no_clobber=no_clobber and not dry_run, as_json=json):
        return
    if dry_run:
        report.estimate(context, wish, plan.chapters_for(context, wish), as_json=json)
        return
    parts = plan.parts_for(context, wish)
    speaking = Speaking(context, wish, parts)
    with explaining_models(context, "eleven tts", model):
        spoken = speaking.run()
    if spoken:
        report.tell(terminal, speaking, stats=stats, as_json=json)
    elif json:
        report.tell_all_there(terminal, speaking)
