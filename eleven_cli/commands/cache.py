"""`eleven cache`"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.errors import UsageError
from eleven_cli.local_sandbox import sandbox_memory
from eleven_cli.terminal.messages import counted

if TYPE_CHECKING:
    from eleven_cli.cache.audio import Info
    from eleven_cli.cache.unfinished import UnfinishedJob

COLUMNS = ("what", "items", "size", "limit", "since", "folder")
UNITS = ("B", "kB", "MB", "GB", "TB")

EXAMPLES = """eleven cache info
eleven cache clear
eleven cache clear --sandbox"""
app = typer.Typer(help="Show and clear cached audio.", epilog=EXAMPLES, rich_markup_mode=None, no_args_is_help=True)

JobsFlag = Annotated[
    bool, typer.Option("--jobs", help="Also remove unfinished long texts, whose audio you have paid for.")
]


@app.command()
def info(ctx: typer.Context, json: JsonFlag = False) -> None:
    """Show what is kept, and how much.

    What is kept: audio, the texts and voices that the sandbox remembers, and long texts that were not finished.

    The columns: what, items (entries, or pieces of how many), size, limit, since (when the oldest entry was last
    used, or the job was last at work), folder. In a pipe, sizes are in bytes.
    """
    from eleven_cli.cache.audio import AudioCache
    from eleven_cli.cache.unfinished import unfinished_jobs

    terminal, audio, jobs = ctx.obj.terminal, AudioCache().info(), unfinished_jobs()
    sandbox = sandbox_memory().kept()
    if json:
        value = {"audio": _audio_value(audio), "jobs": [_job_value(job) for job in jobs], "sandbox": sandbox._asdict()}
        terminal.json(value)
    else:
        show = _for_a_person if terminal.stdout_is_terminal else _for_a_program
        rows = [
            _audio_row(audio),
            *_sandbox_rows(*sandbox[:4]),
            *map(_job_row, jobs),
        ]
        terminal.rows(COLUMNS, map(show, rows), again=ctx.obj.words)


@app.command()
def clear(ctx: typer.Context, jobs: JobsFlag = False) -> None:
    """Remove cached audio.

    It also removes the texts and voices that the sandbox remembers. Audio in use and unfinished long texts are kept.

    With --sandbox it removes only what commands with --sandbox remember of earlier ones.
    """
    if ctx.obj.config.sandbox:
        if jobs:
            raise UsageError(
                "--sandbox removes no unfinished long texts", hint="omit --jobs, or omit --sandbox to remove them"
            )
        return _clear_sandbox(ctx)
    from eleven_cli.cache.audio import AudioCache
    from eleven_cli.cache.unfinished import unfinished_jobs

    terminal, cache = ctx.obj.terminal, AudioCache()
    gone = cache.clear()
    terminal.note(f"removed {counted(gone.entries, 'entry', 'entries')}, {size_text(gone.bytes)}")
    if left := cache.info().entries:
        terminal.note(f"kept {counted(left, 'entry', 'entries')} in use by a running process")
    forgotten = sandbox_memory().forget()
    if forgotten.texts:
        terminal.note(f"removed {counted(forgotten.texts, 'text', 'texts')} that the sandbox remembered")
    if forgotten.voices:
        terminal.note(f"removed {counted(forgotten.voices, 'voice', 'voices')} that were made in the sandbox")
    if jobs:
        _remove(ctx, unfinished_jobs())
    elif kept := unfinished_jobs():
        size = size_text(sum(job.bytes for job in kept))
        what = counted(len(kept), "unfinished long text", "unfinished long texts")
        terminal.note(f"kept {what}, {size} of paid audio; to remove that too: eleven cache clear --jobs")


def _clear_sandbox(ctx: typer.Context) -> None:
    gone = sandbox_memory().forget()
    entries = counted(gone.texts + gone.voices + gone.others, "entry", "entries")
    ctx.obj.terminal.note(f"removed {entries}, {size_text(gone.bytes)}")


def _remove(ctx: typer.Context, jobs: "list[UnfinishedJob]") -> None:
    from eleven_cli.cache.unfinished import remove_job

    for job in jobs:
        name = job.what or job.path.name
        done = "removed" if remove_job(job.path) else "kept, a running process is at it:"
        ctx.obj.terminal.note(f"{done} {name} ({counted(job.pieces, 'piece', 'pieces')}, {size_text(job.bytes)})")


def size_text(byte_count: int) -> str:
    """1_234_567 as "1.2 MB"."""
    size, unit = float(byte_count), 0
    while size >= 999.5 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.1f} {UNITS[unit]}" if unit and size < 9.95 else f"{size:.0f} {UNITS[unit]}"


class _Row(NamedTuple):
    what: str
    items: str
    bytes: int
    limit_bytes: int | None
    since: datetime | None
    folder: Path
    shown_folder: Path


def _audio_row(audio: "Info") -> _Row:
    return _Row("audio", str(audio.entries), audio.bytes, audio.limit_bytes, audio.oldest, audio.path, audio.path)


def _sandbox_rows(texts: int, byte_count: int, folder: Path | None, voices: int) -> list[_Row]:
    if not texts + voices or folder is None:
        return []
    what = " and ".join(["sandbox texts"] * bool(texts) + ["sandbox voices"] * bool(voices))
    return [_Row(what, str(texts + voices), byte_count, None, None, folder, folder)]


def _job_row(job: "UnfinishedJob") -> _Row:
    what = f"{'running' if job.running else 'unfinished'} {job.what}".rstrip()
    items = str(job.pieces) if job.total is None else f"{job.pieces}/{job.total}"
    shown = job.path.parent  # a job's own name is long, and says nothing
    return _Row(what, items, job.bytes, None, job.changed, job.path, shown)


def _for_a_person(row: _Row) -> tuple[str, ...]:
    limit = "" if row.limit_bytes is None else size_text(row.limit_bytes)
    since = f"{row.since.astimezone():%Y-%m-%d}" if row.since else ""
    return (row.what, row.items, size_text(row.bytes), limit, since, _from_home(row.shown_folder))


def _from_home(folder: Path) -> str:
    try:
        home = Path.home()
    except RuntimeError:  # a user without one, whose cache is elsewhere
        return str(folder)
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def _for_a_program(row: _Row) -> tuple[str, ...]:
    limit = "" if row.limit_bytes is None else str(row.limit_bytes)
    return (row.what, row.items, str(row.bytes), limit, row.since.isoformat() if row.since else "", str(row.folder))


def _audio_value(audio: "Info") -> dict[str, object]:
    return {**vars(audio), "oldest": audio.oldest.isoformat() if audio.oldest else None}


def _job_value(job: "UnfinishedJob") -> dict[str, object]:
    return {**vars(job), "changed": job.changed.isoformat()}
