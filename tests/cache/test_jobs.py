"""Jobs: pieces that arrived whole are never asked for again, whatever ends the run."""

import fcntl
import os
import signal
import stat
import tempfile
import threading
import time
from contextlib import ExitStack

import pytest

from eleven_cli.cache.jobs import Job, JobBusy
from eleven_cli.cache.unfinished import remove_job, unfinished_jobs
from eleven_cli.errors import ElevenError
from eleven_cli.files import locks
from tests.support.cache_process import child

DAY_S = 24 * 3600


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "jobs"


@pytest.fixture
def job(folder):
    return lambda **options: Job("book", folder=folder, **options)


def make(job, index, *chunks, **facts):
    with job.piece(index) as piece:
        for chunk in chunks:
            piece.write(chunk)
        piece.finish(facts)


def heard(job, index):
    return b"".join(job.read(index))


def test_pieces_are_there_in_the_next_run(job):
    timings = {"characters": ["a", "ß"], "start_s": [0.0, 0.25]}
    with job() as first:
        assert not first.has(0)
        make(first, 0, b"abc", b"def", request_id="r0", timings=timings)
        make(first, 7, b"x" * 200_000)
        assert first.has(0)
    with job() as second:
        assert [second.has(index) for index in (0, 1, 7)] == [True, False, True]
        assert heard(second, 0) == b"abcdef"
        assert second.facts(0) == {"request_id": "r0", "timings": timings}
        assert heard(second, 7) == b"x" * 200_000
        assert second.resumable
        assert not second.trouble


def test_another_job_has_nothing_of_it(job, folder):
    with job() as book:
        make(book, 0, b"abc")
    with Job("other", folder=folder) as other:
        assert not other.has(0)


def test_a_piece_that_was_left_is_not_there(job, folder):
    def fail():
        with job() as book:
            make(book, 0, b"whole")
            with book.piece(1) as piece:
                piece.write(b"half")
                raise ElevenError("lost")

    with pytest.raises(ElevenError, match="lost"):
        fail()
    with job() as book:
        assert [book.has(0), book.has(1)] == [True, False]
        make(book, 1, b"now whole")
        assert heard(book, 1) == b"now whole"
        assert not list(folder.rglob("*.part"))


def test_all_done(job, folder):
    with job() as book:
        make(book, 0, b"abc")
        book.discard()
    assert list(folder.iterdir()) == []


def test_a_run_that_made_nothing_leaves_nothing(job, folder):
    with job():
        pass
    assert list(folder.iterdir()) == []


def test_only_the_owner_can_read_it(job, folder):
    with job(about={"what": "diary.txt"}) as book:
        make(book, 0, b"abc")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder, book.folder)] == [0o700] * 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in book.folder.iterdir()} == {0o600}


def test_what_is_not_there_cannot_be_read(job):
    with job() as book:
        for ask in (lambda: heard(book, 3), lambda: book.facts(3)):
            with pytest.raises(ElevenError, match="piece 3 of the text is no longer in"):
                ask()


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"", lambda data: b"y" + data[1:]])
def test_a_damaged_piece_counts_as_missing(job, damage):
    with job() as book:
        make(book, 0, b"x" * 1000)
        make(book, 1, b"z" * 1000)
    path = book.folder / "000000.piece"
    path.write_bytes(damage(path.read_bytes()))
    with job() as book:
        assert [book.has(0), book.has(1)] == [False, True]
        make(book, 0, b"again")
        assert heard(book, 0) == b"again"


def test_whole_means_on_the_disk(job, monkeypatch):
    done = []
    sync, replace = os.fsync, os.replace
    with job() as book:
        monkeypatch.setattr(os, "fsync", lambda handle: (done.append(os.fstat(handle).st_ino), sync(handle)))
        monkeypatch.setattr(os, "replace", lambda *paths: (done.append("name"), replace(*paths)))
        make(book, 0, b"abc")
        file, folder = (path.stat().st_ino for path in (book.folder / "000000.piece", book.folder))
    assert done == [file, "name", folder]


# two at once

HOLDS = """
import sys
from pathlib import Path
from eleven_cli.files import locks
from eleven_cli.cache.jobs import Job
with Job("book", folder=Path(sys.argv[1])) as job:
    with job.piece(0) as piece:
        piece.write(b"abc")
        piece.finish({})
    print("at it", flush=True)
    sys.stdin.read()
    if sys.argv[2] == "done":
        job.discard()
"""


def test_the_same_job_twice_is_refused(job, folder):
    with child(HOLDS, folder, "stop") as other:
        assert other.line() == "at it"
        with pytest.raises(JobBusy) as refused, job():
            pass
        assert refused.value.exit_code == 1
        assert refused.value.message == "another process is already making this"
        assert other.end() == (0, "")
    with job() as book:
        assert heard(book, 0) == b"abc"


def test_the_same_job_twice_in_one_process_is_refused(job):
    with job(), pytest.raises(JobBusy), job():
        pass


@pytest.mark.parametrize(("ends", "there"), [("stop", True), ("done", False)])
def test_the_second_waits_for_the_first(job, folder, ends, there):
    told = []
    with child(HOLDS, folder, ends) as other:
        assert other.line() == "at it"

        def wait():
            told.append("waiting")
            other.stdin.close()

        with job(wait=wait) as book:
            assert told == ["waiting"]
            assert book.has(0) == there
            make(book, 1, b"mine")
            with pytest.raises(JobBusy), job():
                pass
    with job() as book:
        assert heard(book, 1) == b"mine"


def test_who_has_discarded_a_job_leaves_the_next_run_alone(job):
    with ExitStack() as stack:
        with job() as first:
            make(first, 0, b"abc")
            first.discard()
            second = stack.enter_context(job())
        assert (second.folder / "lock").exists()
        with pytest.raises(JobBusy), job():
            pass
        make(second, 0, b"mine")
        assert heard(second, 0) == b"mine"


def test_the_lock_of_a_folder_that_was_just_removed_is_worth_nothing(job, monkeypatch):
    with job() as book:
        make(book, 0, b"abc")
    lock = locks.acquire

    def removed_first(file):
        monkeypatch.setattr(locks, "acquire", lock)
        assert remove_job(book.folder)
        return lock(file)

    monkeypatch.setattr(locks, "acquire", removed_first)
    with pytest.raises(FileNotFoundError):
        locks.acquire_folder(book.folder)
    monkeypatch.setattr(locks, "acquire", removed_first)
    with job() as again:
        make(again, 0, b"new")
        with pytest.raises(JobBusy), job():
            pass


def test_nobody_waits_for_a_look(job, folder):
    """What looks at the jobs holds their locks for a moment; that is no other run."""
    with job() as book:
        make(book, 0, b"abc")
    with (book.folder / "lock").open("rb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(0.05, lambda: fcntl.flock(looking, fcntl.LOCK_UN)).start()
        with job() as book:
            assert book.has(0)


WAITS = """
import sys
from pathlib import Path
from eleven_cli.files import locks
from eleven_cli.cache.jobs import Job
try:
    with Job("book", folder=Path(sys.argv[1]), wait=lambda: print("waiting", flush=True)):
        print("never")
except KeyboardInterrupt:
    print("interrupted")
"""


def test_waiting_can_be_interrupted(job, folder):
    with job(), child(WAITS, folder) as waiting:
        assert waiting.line() == "waiting"
        waiting.send_signal(signal.SIGINT)
        assert waiting.end() == (0, "interrupted\n")


CROWD = """
import sys
from pathlib import Path
from eleven_cli.files import locks
from eleven_cli.cache.jobs import Job
folder = Path(sys.argv[1])
for turn in range(40):
    with Job("book", folder=folder / "jobs", wait=lambda: None) as job:
        (folder / "alone").touch(exist_ok=False)
        with job.piece(turn) as piece:
            piece.write(bytes(1000))
            piece.finish({})
        assert len(b"".join(job.read(turn))) == 1000
        (folder / "alone").unlink()
        if turn % 2:
            job.discard()
"""


def test_many_that_make_and_discard_the_same_job_are_never_two_at_once(tmp_path):
    with child(CROWD, tmp_path) as one, child(CROWD, tmp_path) as two, child(CROWD, tmp_path) as three:
        assert [each.end() for each in (one, two, three)] == [(0, "")] * 3


# killed

MAKES = """
import sys
from pathlib import Path
from eleven_cli.files import locks
from eleven_cli.cache.jobs import Job
with Job("book", folder=Path(sys.argv[1])) as job:
    for index in range(10**9):
        if job.has(index):
            continue
        with job.piece(index) as piece:
            for number in range(8):
                piece.write(bytes([index % 251]) * 3000)
                print("writing", index, number, flush=True)
            piece.finish({"index": index})
        print("whole", index, flush=True)
"""


def test_killed_at_any_point_and_taken_up_again(job):
    said = [0]
    for lines in (1, 5, 9, 13, 20, 30, 47):  # in mid-piece, after a piece, anywhere
        with child(MAKES, job().folder.parent) as process:
            for _ in range(lines):
                word, index, *_ = process.line().split()
                said.append(int(index) + (word == "whole"))
                assert said[-1] >= max(said)  # nothing that was whole is made again
            process.send_signal(signal.SIGKILL)
            process.wait()
        with job() as book:
            made = next(index for index in range(10**9) if not book.has(index))
            assert made >= max(said)
            for index in range(made):
                assert heard(book, index) == bytes([index % 251]) * 24_000
                assert book.facts(index) == {"index": index}
            assert len(list(book.folder.glob("*.piece"))) == made
            assert not list(book.folder.glob("*.part"))
        said.append(made)
    assert said[-1] >= 10


# where nothing can be written


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with Job("book", folder=tmp_path / "file") as book:
        assert not book.resumable
        assert book.trouble == f"cannot write {tmp_path / 'file' / 'book'}: Not a directory"
        assert not book.has(0)
        make(book, 0, b"abc", request_id="r")
        assert heard(book, 0) == b"abc"
        assert book.facts(0) == {"request_id": "r"}
        temporary = book.folder
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o700
    assert not temporary.exists()
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_job_that_can_only_be_read(job):
    with job() as book:
        make(book, 0, b"abc")
    book.folder.chmod(0o500)
    try:
        with job() as again:
            assert not again.resumable
            make(again, 0, b"abc")
    finally:
        book.folder.chmod(0o700)


def test_no_place_at_all(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(ElevenError, match="Not a directory; there is no temporary folder either"):
        Job("book", folder=tmp_path / "file").__enter__()


FULL = """
import resource, sys
from pathlib import Path
from eleven_cli.files import locks
from eleven_cli.cache.jobs import Job
from eleven_cli.errors import ElevenError
with Job("book", folder=Path(sys.argv[1])) as job:
    with job.piece(0) as piece:
        piece.write(b"abc")
        piece.finish({})
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    try:
        with job.piece(1) as piece:
            following = piece.follow()
            for _ in range(20):
                piece.write(bytes(1000))
    except ElevenError as error:
        print(error.code, error.message)
    try:
        print(sum(map(len, following)))
    except ElevenError as error:
        print(error.code)
"""


def test_a_full_disk_costs_no_whole_piece(job, folder):
    with child(FULL, folder) as process:
        code, said = process.end()
    assert code == 0
    assert said.splitlines() == [f"write_failed cannot write {folder / 'book'}: File too large", "write_failed"]
    with job() as book:
        assert [book.has(0), book.has(1)] == [True, False]


# what is unfinished


def test_looking_at_what_is_unfinished(job, folder):
    with Job("old", folder=folder) as old:
        make(old, 0, b"abc")
    then = int(time.time()) - 5 * DAY_S
    os.utime(old.folder, (then, then))
    with job(about={"what": "book.txt", "pieces": 40}) as book:
        make(book, 0, b"abc")
        make(book, 1, b"abc")
        first, second = unfinished_jobs(folder)
        assert (first.path, first.what, first.pieces, first.total, first.running) == (old.folder, "", 1, None, False)
        assert first.changed.timestamp() == then
        assert (second.what, second.pieces, second.total, second.running) == ("book.txt", 2, 40, True)
        assert second.bytes == 2 * first.bytes > 6
    assert not unfinished_jobs(folder)[1].running
    assert unfinished_jobs(folder / "nowhere") == []


def test_a_running_job_cannot_be_removed(job):
    with job() as book:
        make(book, 0, b"abc")
        assert not remove_job(book.folder)
        assert heard(book, 0) == b"abc"
    assert remove_job(book.folder)
    assert not book.folder.exists()
    assert remove_job(book.folder)  # it is gone, as was wished


def test_abandoned_jobs_go_after_30_days(folder):
    names = ("ancient", "recent", "running")
    for name in names:
        with Job(name, folder=folder) as each:
            make(each, 0, b"abc")
    with Job("running", folder=folder):
        for name, days in zip(names, (31, 29, 31), strict=True):
            then = time.time() - days * DAY_S
            os.utime(folder / name, (then, then))
        with Job("new", folder=folder):
            assert {path.name for path in folder.iterdir()} == {"recent", "running", "new"}


def test_a_job_that_is_taken_up_again_is_not_abandoned(job):
    with job() as book:
        make(book, 0, b"abc")
    then = time.time() - 31 * DAY_S
    os.utime(book.folder, (then, then))
    with job() as book:
        assert book.has(0)
        assert time.time() - book.folder.stat().st_mtime < DAY_S


def test_what_a_job_is_may_be_unreadable(job, folder):
    with job(about={"what": "book.txt"}) as book:
        make(book, 0, b"abc")
    (book.folder / "about.json").write_text("{")
    assert [(each.what, each.pieces) for each in unfinished_jobs(folder)] == [("", 1)]
