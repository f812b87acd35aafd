"""The audio cache: whole entries only, many processes at once, and never a reason to fail."""

import os
import stat
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.cache.audio import SUFFIX, AudioCache, key
from eleven_cli.errors import ElevenError
from tests.support.cache_process import child

KEY, OTHER, THIRD = (key({"text": text}) for text in ("one", "two", "three"))
FACTS = {"characters": 3, "credits": 3}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "audio"


@pytest.fixture
def cache(folder):
    return AudioCache(folder)


def keep(cache, key, *chunks, facts=FACTS, metadata=()):
    with cache.writer(key, facts) as writer:
        for chunk in chunks:
            writer.write(chunk)
        for value in metadata:
            writer.write_metadata(value)
        writer.finish()
    return writer


def heard(cache, key):
    entry = cache.get(key)
    if entry is None:
        return None
    with entry:
        return b"".join(entry.chunks())


def used_at(cache, key, time_s):
    os.utime(cache.folder / f"{key}{SUFFIX}", (time_s, time_s))


# the key

plain = st.none() | st.integers() | st.text()
facts = st.dictionaries(st.text(), plain | st.lists(plain) | st.dictionaries(st.text(), plain))


def given_only(value):
    if isinstance(value, dict):
        return {name: given_only(each) for name, each in value.items() if each is not None}
    return value


@given(facts, st.randoms())
def test_the_key_does_not_know_the_order(facts, random):
    names = list(facts)
    random.shuffle(names)
    assert key({name: facts[name] for name in names}) == key(facts)


@given(facts, st.text(), plain | st.lists(plain))
def test_another_fact_makes_another_key(facts, name, value):
    other = {**facts, name: value}
    assert (key(facts) == key(other)) == (given_only(facts) == given_only(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"text": "a"}, {"text": "a "}),
        ({"text": "\u00e9"}, {"text": "e\u0301"}),
        ({"text": "1"}, {"text": 1}),
        ({"a": "b"}, {"b": "a"}),
        ({"settings": {"speed": 1.1}}, {"settings": {"speed": 1.2}}),
        ({"a": ["b", "c"]}, {"a": ["bc"]}),
        ({"text": "\ud83d"}, {"text": "\ud83e"}),
    ],
)
def test_what_looks_alike_is_not_the_same(one, other):
    assert key(one) != key(other)


def test_none_is_not_given():
    assert key({"text": "a", "seed": None, "settings": {"speed": None}}) == key({"text": "a", "settings": {}})


def test_a_key_can_be_a_file_name():
    assert len(KEY) == 64
    assert set(KEY) <= set("0123456789abcdef")


# keeping


def test_what_was_kept_is_heard_again(cache):
    assert keep(cache, KEY, b"abc", b"def").kept
    with cache.get(KEY) as entry:
        assert b"".join(entry.chunks()) == b"abcdef"
        assert (entry.byte_count, entry.has_metadata, list(entry.metadata())) == (6, False, [])
        assert entry.facts["characters"] == entry.facts["credits"] == 3
        assert (datetime.now(UTC) - datetime.fromisoformat(entry.facts["created"])).days == 0


def test_facts_that_come_late(cache):
    with cache.writer(KEY, {"characters": 3}) as writer:
        writer.write(b"abc")
        writer.finish({"credits": 2})
    with cache.get(KEY) as entry:
        assert (entry.facts["characters"], entry.facts["credits"]) == (3, 2)


def test_values_beside_the_audio(cache):
    values = [{"text": "Zoë\n", "start_s": 0.25}, ["x" * 200_000], None, 7]
    keep(cache, KEY, b"a" * 100_000, metadata=values)
    with cache.get(KEY) as entry:
        assert entry.has_metadata
        assert list(entry.metadata()) == values
        assert b"".join(entry.chunks()) == b"a" * 100_000


def test_only_the_owner_can_read_it(cache, folder):
    keep(cache, KEY, b"abc")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder)] == [0o700, 0o700]
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_nothing_is_there_before_it_is_complete(cache, folder):
    with cache.writer(KEY) as writer:
        writer.write(b"abc")
        assert cache.get(KEY) is None
    assert cache.get(KEY) is None
    assert not writer.kept
    assert not writer.trouble
    assert list(folder.iterdir()) == []


def test_an_error_on_the_way_keeps_nothing(cache, folder):
    def fail():
        with cache.writer(KEY) as writer:
            writer.write(b"abc")
            raise ElevenError("lost")

    with pytest.raises(ElevenError, match="lost"):
        fail()
    assert list(folder.iterdir()) == []


def test_two_writers_of_the_same(cache, folder):
    with cache.writer(KEY) as one, cache.writer(KEY) as other:
        one.write(b"same")
        other.write(b"sa")
        one.finish()
        assert heard(cache, KEY) == b"same"
        other.write(b"me")
        other.finish()
    assert heard(cache, KEY) == b"same"
    assert len(list(folder.iterdir())) == 1


def test_the_users_cache_is_the_usual_place(home):
    keep(AudioCache(), KEY, b"abc")
    assert AudioCache().folder == home / ".cache" / "eleven" / "audio"
    assert heard(AudioCache(), KEY) == b"abc"


# what is damaged


@pytest.mark.parametrize("cut", [0, 1, 5, 50, 104])
def test_a_cut_off_file_is_removed(cache, folder, cut):
    keep(cache, KEY, b"abcdef")
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:cut])
    assert cache.get(KEY) is None
    assert not path.exists()


def test_every_altered_byte_is_noticed(cache, folder):
    keep(cache, KEY, b"abcdef", metadata=[1])
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.get(KEY) is None, place
        assert not path.exists(), place
    path.write_bytes(whole)
    assert heard(cache, KEY) == b"abcdef"


def test_a_longer_file_is_not_whole(cache, folder):
    keep(cache, KEY, b"abcdef")
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes() + b"\0")
    assert cache.get(KEY) is None


def test_a_folder_in_the_place_of_an_entry(cache, folder):
    (folder / f"{KEY}{SUFFIX}").mkdir(parents=True)
    assert cache.get(KEY) is None
    assert "Is a directory" in keep(cache, KEY, b"abc").trouble


# the limit


def entry_bytes(tmp_path):
    """What an entry of 1000 bytes of audio takes."""
    return keep_one(AudioCache(tmp_path / "measured")).info().bytes


def keep_one(cache):
    keep(cache, KEY, bytes(1000))
    return cache


def test_what_was_not_used_for_longest_goes_first(tmp_path, folder):
    cache = AudioCache(folder, size_limit_bytes=2 * entry_bytes(tmp_path))
    for name in (KEY, OTHER):
        keep(cache, name, bytes(1000))
    used_at(cache, KEY, 1_000)
    used_at(cache, OTHER, 2_000)
    cache.get(KEY).close()  # now it is OTHER that waits longest
    keep(cache, THIRD, bytes(1000))
    assert [heard(cache, name) is not None for name in (KEY, OTHER, THIRD)] == [True, False, True]


def test_what_was_just_written_stays(tmp_path, folder):
    cache = AudioCache(folder, size_limit_bytes=entry_bytes(tmp_path))
    keep(cache, OTHER, bytes(1000))
    used_at(cache, OTHER, 4_000_000_000)  # by a clock that is ahead
    keep(cache, KEY, bytes(1000))
    assert [heard(cache, name) is not None for name in (KEY, OTHER)] == [True, False]


@pytest.mark.parametrize(("byte_count", "spare"), [(100_000, 0), (1000, -1)])
def test_what_is_larger_than_the_limit_is_not_kept(tmp_path, folder, byte_count, spare):
    limit = entry_bytes(tmp_path) + spare
    cache = AudioCache(folder, size_limit_bytes=limit)
    small = keep(cache, OTHER, b"abc")
    writer = keep(cache, KEY, bytes(byte_count))
    assert not writer.kept
    assert f"larger than the cache limit ({limit:,} bytes)" in writer.trouble
    assert small.kept
    assert heard(cache, OTHER) == b"abc"
    assert len(list(folder.iterdir())) == 1


def test_what_is_being_read_is_not_evicted(tmp_path, folder):
    cache = AudioCache(folder, size_limit_bytes=entry_bytes(tmp_path))
    keep(cache, KEY, bytes(1000))
    with cache.get(KEY):
        keep(cache, OTHER, bytes(1000))
        assert heard(cache, KEY) == bytes(1000)
    keep(cache, THIRD, bytes(1000))
    assert [heard(cache, name) is not None for name in (KEY, OTHER, THIRD)] == [False, False, True]


def test_an_open_entry_outlives_its_name(cache, folder):
    keep(cache, KEY, bytes(200_000))
    with cache.get(KEY) as entry:
        chunks = entry.chunks()
        first = next(chunks)
        (path,) = folder.iterdir()
        path.unlink()
        assert first + b"".join(chunks) == bytes(200_000)


def test_parts_of_the_dead_go_after_an_hour(cache, folder):
    keep(cache, KEY, b"abc")
    part = folder / f"{OTHER}.audio.0123.part"
    part.write_bytes(b"half")
    keep(cache, KEY, b"abc")
    assert part.exists()
    os.utime(part, (1_000, 1_000))
    with cache.writer(THIRD) as alive:
        alive.write(b"abc")
        (living,) = folder.glob(f"{THIRD}*.part")
        os.utime(living, (1_000, 1_000))
        keep(cache, KEY, b"abc")
        assert not part.exists()
        assert living.exists()


# looking and clearing


def test_info(tmp_path, cache, folder):
    assert cache.info().entries == 0
    assert cache.info().oldest is None
    keep(cache, KEY, bytes(1000))
    keep(cache, OTHER, bytes(1000))
    used_at(cache, OTHER, 1_700_000_000)
    info = cache.info()
    assert (info.entries, info.bytes, info.path) == (2, 2 * entry_bytes(tmp_path), folder)
    assert info.oldest == datetime.fromtimestamp(1_700_000_000, UTC)


def test_clear(cache, folder):
    keep(cache, KEY, bytes(1000))
    keep(cache, OTHER, bytes(1000))
    (folder / "left.audio.0123.part").write_bytes(b"half")
    before = cache.info()
    assert cache.clear() == before
    assert list(folder.iterdir()) == []
    assert cache.clear().entries == 0


READER = """
import sys
from pathlib import Path
from eleven_cli.cache.audio import AudioCache
with AudioCache(Path(sys.argv[1])).get(sys.argv[2]) as entry:
    print("open", flush=True)
    sys.stdin.read()
    print(len(b"".join(entry.chunks())))
"""


def test_clear_leaves_what_another_process_reads(cache, folder):
    keep(cache, KEY, bytes(1000))
    keep(cache, OTHER, bytes(1000))
    with child(READER, folder, KEY) as reader:
        assert reader.line() == "open"
        assert cache.clear().entries == 1
        assert heard(cache, KEY) == bytes(1000)
        assert reader.end() == (0, "1000\n")
    assert cache.clear().entries == 1


# where nothing can be kept


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = AudioCache(tmp_path / "file" / "audio")
    writer = keep(cache, KEY, b"abc")
    assert not writer.kept
    assert writer.trouble == f"cannot cache the audio: Not a directory ({tmp_path / 'file' / 'audio'})"
    assert cache.get(KEY) is None
    assert cache.info().entries == cache.clear().entries == 0


FULL = """
import resource, sys
from pathlib import Path
from eleven_cli.cache.audio import AudioCache
cache = AudioCache(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
with cache.writer("full") as writer:
    for _ in range(20):
        writer.write(bytes(int(sys.argv[2])))
    writer.finish()
print(writer.kept, writer.trouble)
"""


@pytest.mark.parametrize("chunk_bytes", [1000, 499])  # in the middle; with room for all but the seal
def test_a_full_disk(cache, folder, chunk_bytes):
    with child(FULL, folder, chunk_bytes) as process:
        code, said = process.end()
    assert code == 0
    assert said.startswith("False cannot cache the audio: File too large")
    assert list(folder.iterdir()) == []


def test_a_folder_that_vanishes(cache, folder):
    with cache.writer(KEY) as writer:
        writer.write(b"abc")
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        writer.finish()
    assert "No such file" in writer.trouble
    assert keep(cache, KEY, b"abc").kept


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_only_be_read_still_gives(cache, folder):
    keep(cache, KEY, b"abc")
    folder.chmod(0o500)
    try:
        assert heard(cache, KEY) == b"abc"
        assert "Permission denied" in keep(cache, OTHER, b"abc").trouble
        with pytest.raises(ElevenError, match="cannot clear"):
            cache.clear()
    finally:
        folder.chmod(0o700)


# many processes

CROWD = """
import random, sys
from pathlib import Path
from eleven_cli.cache.audio import AudioCache, key
cache, random = AudioCache(Path(sys.argv[1]), size_limit_bytes=int(sys.argv[2])), random.Random(sys.argv[3])
found = written = 0
for turn in range(150):
    number = random.randrange(12)
    audio, name = bytes([number]) * (1000 + 500 * number), key({"number": number})
    entry = cache.get(name)
    if entry:
        with entry:
            assert b"".join(entry.chunks()) == audio
            assert list(entry.metadata()) == [number]
        found += 1
    else:
        with cache.writer(name) as writer:
            for start in range(0, len(audio), 700):
                writer.write(audio[start : start + 700])
            writer.write_metadata(number)
            if random.random() < 0.9:
                writer.finish()
                assert writer.kept, writer.trouble
                written += 1
    if turn % 50 == 49:
        cache.clear()
print(found, written)
"""


def test_many_processes_read_write_evict_and_clear_at_once(folder):
    limit = 20_000  # of 45,000 that there are
    with ExitStack() as stack:
        crowd = [stack.enter_context(child(CROWD, folder, limit, seed)) for seed in range(4)]
        counts = [[int(count) for count in each.end()[1].split()] for each in crowd]
    assert all(found > 5 and written > 5 for found, written in counts), counts
    cache = AudioCache(folder, size_limit_bytes=limit)
    keep(cache, KEY, b"last")
    assert 0 < cache.info().bytes <= limit
    assert not list(folder.glob("*.part"))


KILLED = """
import sys
from pathlib import Path
from eleven_cli.cache.audio import AudioCache
with AudioCache(Path(sys.argv[1])).writer(sys.argv[2]) as writer:
    writer.write(b"abc")
    print("half", flush=True)
    sys.stdin.read()
"""


def test_a_killed_writer_leaves_no_entry(cache, folder):
    with child(KILLED, folder, KEY) as writer:
        assert writer.line() == "half"
        (part,) = folder.iterdir()
        cache.clear()
        assert part.exists()  # it is at it
    assert cache.get(KEY) is None
    assert part.exists()
    cache.clear()
    assert not part.exists()


def test_importing_the_package_loads_neither_hashes_nor_folders():
    with child("import sys, eleven_cli.cache; print({'hashlib', 'platformdirs', 'tempfile'} & {*sys.modules})") as it:
        assert it.end() == (0, "set()\n")
