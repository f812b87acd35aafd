"""A piece is read while it is written, by other threads, from the disk."""

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from eleven_cli.cache.jobs import Job
from eleven_cli.errors import ElevenError, NetworkError


@pytest.fixture
def job(tmp_path):
    with Job("book", folder=tmp_path / "jobs") as job:
        yield job


def test_what_is_written_is_there_at_once(job):
    with job.piece(0) as piece:
        piece.write(b"a")
        one, other = piece.follow(), piece.follow()
        assert next(one) == b"a"
        piece.write(b"b")
        assert [next(one), next(other)] == [b"b", b"ab"]
        piece.finish({})
        assert [*one, *other] == []


def test_following_waits_for_the_beginning_and_for_more(job):
    piece = job.piece(0)
    with ThreadPoolExecutor(3) as pool:
        following = [pool.submit(b"".join, piece.follow()) for _ in range(3)]
        with piece:
            for number in range(1000):
                piece.write(bytes([number % 256]) * 100)
            piece.finish({})
        whole = b"".join(bytes([number % 256]) * 100 for number in range(1000))
        assert [each.result() for each in following] == [whole] * 3
    assert b"".join(job.read(0)) == whole


def test_following_afterwards(job):
    with job.piece(0) as piece:
        piece.write(b"abc")
        piece.finish({})
    assert b"".join(piece.follow()) == b"abc"


def test_a_view_outlives_the_piece_and_the_job(job):
    with job.piece(0) as piece:
        piece.write(b"x" * 200_000)
        following = piece.follow()
        first = next(following)
        piece.finish({})
    job.discard()
    assert first + b"".join(following) == b"x" * 200_000


def test_nothing_at_all_is_a_whole_piece_too(job):
    with job.piece(0) as piece:
        piece.finish({})
    assert list(piece.follow()) == list(job.read(0)) == []
    assert job.has(0)


def test_who_follows_is_told_why_it_failed(job):
    heard, begun = [], threading.Event()

    def follow(piece):
        for chunk in piece.follow():
            heard.append(chunk)
            begun.set()

    def fail(piece):
        with piece:
            piece.write(b"abc")
            assert begun.wait(30)
            raise NetworkError("cut off")

    piece = job.piece(0)
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(follow, piece)
        with pytest.raises(NetworkError, match="cut off"):
            fail(piece)
        with pytest.raises(NetworkError, match="cut off"):
            following.result()
    assert heard == [b"abc"]
    late = piece.follow()  # what had arrived is not lost for whoever comes when the piece is
    assert next(late) == b"abc"
    with pytest.raises(NetworkError, match="cut off"):
        next(late)


def test_who_follows_is_told_that_it_was_left(job):
    with job.piece(0) as piece:
        piece.write(b"abc")
        following = piece.follow()
        assert next(following) == b"abc"
    with pytest.raises(ElevenError, match="cancelled before it was complete"):
        next(following)
    assert not job.has(0)


def test_an_interrupt_is_not_passed_on_as_one(job):
    piece = job.piece(0)

    def interrupt():
        with piece:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    with pytest.raises(ElevenError, match="cancelled"):
        next(piece.follow())


def test_a_piece_that_will_never_begin(job):
    piece = job.piece(0)
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(list, piece.follow())
        piece.give_up(NetworkError("another piece failed"))
        with pytest.raises(NetworkError, match="another piece failed"):
            following.result()


def test_thirty_pieces_at_once(job):
    def write(index, piece):
        with piece:
            for number in range(40):
                piece.write(bytes([index, number]) * 500)
            piece.finish({"index": index})

    pieces = [job.piece(index) for index in range(30)]
    with ThreadPoolExecutor(60) as pool:
        following = [pool.submit(b"".join, piece.follow()) for piece in pieces]
        for done in [pool.submit(write, index, piece) for index, piece in enumerate(pieces)]:
            done.result()
        for index, each in enumerate(following):
            assert each.result() == b"".join(bytes([index, number]) * 500 for number in range(40))
    assert all(job.has(index) and job.facts(index) == {"index": index} for index in range(30))


def test_memory_does_not_hold_the_audio(job):
    chunk = bytes(100_000)
    tracemalloc.start()
    try:
        with job.piece(0) as piece:
            for _ in range(200):
                piece.write(chunk)
            following = piece.follow()
            next(following)
            piece.finish({})
        assert sum(map(len, following)) + 65_536 == sum(map(len, job.read(0))) == 20_000_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
