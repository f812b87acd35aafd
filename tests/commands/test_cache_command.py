"""`eleven cache`: what is kept, and clearing it."""

import json
import os
from datetime import UTC, datetime

import pytest

from eleven_cli.cache.audio import AudioCache, key
from eleven_cli.cache.jobs import Job
from eleven_cli.commands.cache import size_text


@pytest.fixture
def kept():
    """Keep that many bytes of audio; gives the entry's file."""

    def keep(text, byte_count=1000):
        cache = AudioCache()
        with cache.writer(key({"text": text})) as writer:
            writer.write(bytes(byte_count))
            writer.finish()
        return cache.folder / f"{key({'text': text})}.audio"

    return keep


@pytest.fixture
def stopped():
    """A job that stopped with that many pieces; gives its folder."""

    def stop(name, count, **about):
        with Job(name, about=about) as job:
            for index in range(count):
                with job.piece(index) as piece:
                    piece.write(bytes(1000))
                    piece.finish({})
        return job.folder

    return stop


def test_nothing_is_kept(eleven, home):
    result = eleven("cache", "info")
    assert (result.code, result.err) == (0, "")
    assert result.text == f"audio\t0\t0\t1000000000\t\t{home / '.cache' / 'eleven' / 'audio'}\n"
    assert not (home / ".cache").exists()  # looking makes nothing


def test_info_in_a_pipe(eleven, kept, stopped):
    path = kept("one")
    kept("two")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    job = stopped("book", 3, what="book.txt", pieces=40)
    os.utime(job, (1_700_000_001, 1_700_000_001))
    audio, unfinished = (line.split("\t") for line in eleven("cache", "info").text.splitlines())
    size = path.stat().st_size
    assert audio == ["audio", "2", str(2 * size), "1000000000", "2023-11-14T22:13:20+00:00", str(path.parent)]
    assert unfinished[:2] == ["unfinished book.txt", "3/40"]
    assert int(unfinished[2]) > 3000
    assert unfinished[3:] == ["", "2023-11-14T22:13:21+00:00", str(job)]


def test_info_on_a_terminal(eleven, kept, stopped):
    os.utime(kept("one", 1_234_567), (1_700_000_000, 1_700_000_000))
    stopped("book", 3)
    header, audio, unfinished = eleven("cache", "info", tty="out").text.splitlines()
    assert header.split() == ["WHAT", "ITEMS", "SIZE", "LIMIT", "SINCE", "FOLDER"]
    assert audio.split()[:6] == ["audio", "1", "1.2", "MB", "1.0", "GB"]
    assert audio.split()[6] in ("2023-11-14", "2023-11-15")  # here
    assert audio.endswith("~/.cache/eleven/audio")
    assert unfinished.split()[:4] == ["unfinished", "3", "3.2", "kB"]
    assert unfinished.endswith("~/.cache/eleven/jobs")


def test_info_as_json(eleven, kept, stopped):
    path, job = kept("one"), stopped("book", 2, what="book.txt")
    found = json.loads(eleven("cache", "info", "--json").text)
    assert {**found["audio"], "oldest": None} == {
        "entries": 1,
        "bytes": path.stat().st_size,
        "limit_bytes": 1_000_000_000,
        "oldest": None,
        "path": str(path.parent),
    }
    assert (datetime.now(UTC) - datetime.fromisoformat(found["audio"]["oldest"])).days == 0
    (one,) = found["jobs"]
    assert (one["what"], one["pieces"], one["total"], one["running"]) == ("book.txt", 2, None, False)
    assert one["path"] == str(job)


def test_a_running_job_is_shown_as_such(eleven):
    with Job("book", about={"what": "book.txt"}):
        assert eleven("cache", "info").text.splitlines()[1].startswith("running book.txt\t0\t0\t")


def test_control_characters_in_a_name_are_shown(eleven, stopped):
    stopped("book", 1, what="a\x1b[31m\tb")
    (line,) = eleven("cache", "info").text.splitlines()[1:]
    assert "\x1b" not in line
    assert line.count("\t") == 5


def test_clear(eleven, kept):
    paths = [kept("one"), kept("two")]
    result = eleven("cache", "clear")
    assert (result.code, result.out) == (0, b"")
    assert result.err == "removed 2 entries, 2.2 kB\n"
    assert not any(path.exists() for path in paths)
    assert eleven("cache", "clear").err == "removed 0 entries, 0 B\n"


def test_clear_keeps_what_is_paid_for_and_not_yet_heard(eleven, kept, stopped):
    kept("one")
    job = stopped("book", 3)
    assert eleven("cache", "clear").err.splitlines() == [
        "removed 1 entry, 1.1 kB",
        "kept 1 unfinished long text, 3.2 kB of paid audio; to remove that too: eleven cache clear --jobs",
    ]
    assert (job / "000002.piece").exists()


def test_clear_jobs(eleven, stopped):
    job = stopped("book", 3, what="book.txt")
    assert eleven("cache", "clear", "--jobs").err.splitlines() == [
        "removed 0 entries, 0 B",
        "removed book.txt (3 pieces, 3.2 kB)",
    ]
    assert not job.exists()


def test_clear_leaves_what_is_in_use(eleven, kept):
    path = kept("one")
    with AudioCache().get(key({"text": "one"})), Job("book", about={"what": "book.txt"}) as job:
        assert eleven("cache", "clear", "--jobs").err.splitlines() == [
            "removed 0 entries, 0 B",
            "kept 1 entry in use by a running process",
            "kept, a running process is at it: book.txt (0 pieces, 0 B)",
        ]
        assert path.exists()
        assert job.folder.exists()


def test_clear_is_silent_when_told_so(eleven, kept):
    path = kept("one")
    result = eleven("-q", "cache", "clear", "--jobs")
    assert (result.code, result.out, result.err) == (0, b"", "")
    assert not path.exists()


def test_a_cache_that_is_no_folder(eleven, home):
    (home / ".cache").write_text("in the way")
    assert eleven("cache", "info").code == 0
    assert eleven("cache", "clear", "--jobs").code == 0


def test_cache_alone_shows_its_commands(eleven):
    result = eleven("cache")
    assert result.code == 2
    assert "info" in result.err
    assert "clear" in result.err


def test_what_was_remembered_of_the_account_stays(eleven, kept, home):
    from eleven_cli.context import Context
    from eleven_cli.terminal import Terminal

    context = Context(Terminal.of_process(), os.environ)
    context.account_cache.put("voice", "abc")
    kept("one")
    assert eleven("cache", "clear", "--jobs").code == 0
    assert context.account_cache.get("voice") == "abc"


@pytest.mark.parametrize(
    ("byte_count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (10**9, "1.0 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes(byte_count, text):
    assert size_text(byte_count) == text


def test_voices_that_were_made_in_the_sandbox_are_shown_and_cleared(eleven):
    assert eleven("--sandbox", "voices", "design", "an old sailor, gravelly and kind", "--keep", "Sailor").code == 0
    assert eleven("--sandbox", "voices", "sailor").text.startswith("Sailor\t")
    assert eleven("cache", "info").text.splitlines()[1].startswith("sandbox voices\t4\t")
    assert "removed 4 voices that were made in the sandbox" in eleven("cache", "clear").err
    assert eleven("--sandbox", "voices", "sailor").text == ""


def test_what_the_sandbox_remembers_is_shown_and_cleared(eleven, home, tmp_path):
    assert eleven("--sandbox", "tts", "A secret of mine.", "-o", str(tmp_path / "secret.mp3")).code == 0
    folder = home / ".local" / "state" / "eleven" / "sandbox"
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert eleven("cache", "info").text.splitlines()[1] == f"sandbox texts\t1\t{size}\t\t\t{folder}"
    assert json.loads(eleven("cache", "info", "--json").text)["sandbox"]["texts"] == 1
    assert "removed 1 text that the sandbox remembered" in eleven("cache", "clear").err
    assert not list(folder.iterdir())
    assert "sandbox texts" not in eleven("cache", "info").text
