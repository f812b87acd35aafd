"""The `tts` command: options, plan, run, report."""

import typer

from eleven_cli.commands import options as shared
from eleven_cli.commands.tts import options as opt
from eleven_cli.context import Context


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
    max_credits: shared.MaxCredits = None,
    cache: shared.Cache = False,
    no_clobber: shared.NoClobber = False,
    stats: shared.Stats = False,
    json: shared.StatsJson = False,
) -> None:
    """Turn text into speech.

    The text comes from the arguments, from --file, or from a pipe, which is spoken while it is still being written.
    The audio is played on a terminal, and written as it arrives to a pipe or to -o FILE.
    """
    from eleven_cli.commands.tts import report
    from eleven_cli.commands.tts.plan import plan_speech
    from eleven_cli.commands.tts.run import run

    context: Context = ctx.obj
    terminal = context.terminal
    terminal.quiet = terminal.quiet or json  # each stream is to hold one JSON value
    options = opt.TTSOptions(
        text=text or [], file=file or [], markdown=markdown, live=live, language=language, normalize=normalize,
        output=output, play=play, format=format, subtitles=subtitles, subtitles_format=subtitles_format,
        voice=voice, model=model, stability=stability, similarity=similarity, style=style, speed=speed,
        speaker_boost=speaker_boost, seed=seed, stitch=stitch,
        dry_run=dry_run, max_credits=max_credits, cache=cache, no_clobber=no_clobber, json=json,
    )  # fmt: skip
    plan = plan_speech(context, options)
    if plan is None:  # what exists is left alone
        return
    if dry_run:
        report.report_estimate(context, plan, as_json=json)
        return
    usage = run(context, plan)
    if usage is not None:
        report.report_usage(terminal, plan, usage, stats=stats, as_json=json)
    elif json:
        report.report_skipped(terminal, plan)
