"""Files that are written: where, whose, what becomes of those that are there, and what is left when it goes wrong."""

import errno
import json
import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from eleven_cli.errors import ElevenError, UsageError
from eleven_cli.files import part_names
from eleven_cli.files.descriptors import descriptor_of, is_descriptor, is_stdout
from eleven_cli.files.identity import STANDARD_OUTPUT, refuse_overlap
from eleven_cli.files.part import PartFile, write_private
from eleven_cli.files.sinks import FileSink, file_sink
from tests.conftest import KEY, VOICE, Outcome
from tests.support.service import MP3_FRAME, audio_reply, json_reply, raw_reply
from tests.support.wav_files import wav

OTHER_UID = 54321
HOOK = "sitecustomize.py"


@pytest.fixture
def shell(service, tmp_path, loaded):
    """A line for a shell, in an empty folder; `eleven` is the program as a process. Gives the finished process."""
    service.on_speech(audio_reply([MP3_FRAME]))

    def run(line, *, prefix=(), **environ):
        command = f"{shlex.quote(sys.executable)} -m eleven_cli" if prefix else loaded.command()
        script = f'eleven() {{ {command} "$@"; }}; {line}'
        environ = {**os.environ, **environ}
        return subprocess.run(
            [*prefix, "bash", "-c", script], cwd=tmp_path, env=environ, capture_output=True, timeout=60
        )

    return run


@pytest.fixture
def typed(shell, eleven, tmp_path, monkeypatch):
    """A line with `eleven`, in a shell where it needs one, else in this process. Gives exit code, stdout and stderr."""

    def run(line):
        if re.search("[<>|]", line):
            done = shell(line, AGENT_ID="agent_1")
            return Outcome(done.returncode, done.stdout, done.stderr.decode())
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("AGENT_ID", "agent_1")
        return eleven(*shlex.split(line)[1:])

    return run


def put(sink, data, meanwhile=lambda: None):
    """All of it into a sink, as a command would."""
    with sink:
        sink.write(data)
        meanwhile()
        sink.finish()


def names(folder):
    """The files in a folder, without the tests' own."""
    return sorted(path.name for path in folder.iterdir() if path.name not in ("home", "hooks"))


def hooked(tmp_path, code):
    """PYTHONPATH with a program that is run before ours: it stands in for a system that we do not have."""
    folder = tmp_path / "hooks"
    folder.mkdir(exist_ok=True)
    (folder / HOOK).write_text(code)
    return {"PYTHONPATH": f"{folder}:{os.getcwd()}"}


# a name that no other file can be given


def another_user():
    """The words before a command that make it another user's, who may write nothing of ours."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to be another user")
    reading = [f"--{kind}-caps=+dac_read_search" for kind in ("inh", "ambient")]  # Python may lie where only root looks
    argv = ["setpriv", f"--reuid={OTHER_UID}", f"--regid={OTHER_UID}", "--clear-groups", *reading, "--"]
    try:
        done = subprocess.run([*argv, "true"], capture_output=True)
    except FileNotFoundError:
        pytest.skip("no setpriv here")
    if done.returncode:
        pytest.skip("becoming another user is not allowed here")
    return argv


def mounts():
    """The words before a command that may mount."""
    argv = ["unshare", "-m", "--propagation", "private"]
    try:
        done = subprocess.run([*argv, "true"], capture_output=True)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    return argv


def test_a_file_that_is_a_mount_point_is_written_itself(shell, tmp_path):
    (tmp_path / "outside.mp3").write_bytes(b"old and longer " * 100)
    (tmp_path / "x.mp3").touch()
    done = shell("mount --bind outside.mp3 x.mp3 && eleven tts hi -o x.mp3", prefix=mounts())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "outside.mp3").read_bytes() == MP3_FRAME
    assert names(tmp_path) == ["outside.mp3", "x.mp3"]


def test_settings_that_are_a_mount_point_leave_no_key_behind(shell, tmp_path):
    folder = tmp_path / "settings"
    folder.mkdir()
    (tmp_path / "outside.toml").write_text("# mine\n")
    (folder / "config.toml").touch()
    line = f"mount --bind outside.toml settings/config.toml && echo {KEY} | eleven auth login --no-check"
    done = shell(line, prefix=mounts(), ELEVEN_CONFIG=str(folder / "config.toml"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "outside.toml").read_text() == f'# mine\napi_key = "{KEY}"\n'
    assert stat.S_IMODE((tmp_path / "outside.toml").stat().st_mode) == 0o600
    assert names(folder) == ["config.toml"]


def test_settings_that_can_only_be_read_leave_no_key_behind(shell, tmp_path):
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "config.toml").touch()
    mount = "mount --bind settings/config.toml settings/config.toml && mount -o remount,bind,ro settings/config.toml"
    line = f"{mount} && echo {KEY} | eleven auth login --no-check"
    done = shell(line, prefix=mounts(), ELEVEN_CONFIG=str(folder / "config.toml"))
    assert done.returncode == 1
    assert b"cannot write the settings file" in done.stderr
    assert KEY.encode() not in done.stderr
    assert names(folder) == ["config.toml"]


@pytest.mark.parametrize("code", [errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES])
def test_where_renaming_is_refused_the_file_itself_is_written(tmp_path, monkeypatch, code):
    def refused(*paths):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", refused)
    for number, content in enumerate((None, b"", b"old", b"old and longer")):
        path = tmp_path / f"{number}.mp3"
        if content is not None:
            path.write_bytes(content)
        with FileSink(str(path)) as sink:
            sink.write(b"new")
            sink.finish()
        assert path.read_bytes() == b"new"
        write_private(path, b"key", in_place=True)
        assert path.read_bytes() == b"key"
        with pytest.raises(OSError, match=os.strerror(code)):
            write_private(path, b"cached")
    assert names(tmp_path) == ["0.mp3", "1.mp3", "2.mp3", "3.mp3"]


def test_what_can_be_put_nowhere_stays_in_the_part_and_no_key_does(tmp_path, monkeypatch):
    def refused(*paths):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", refused)
    sink = FileSink(str(tmp_path / "x.mp3"))
    with pytest.raises(ElevenError, match="Input/output error") as failed:
        put(sink, b"paid")
    assert failed.value.__notes__ == [f"what arrived (4 bytes) is kept in {tmp_path}/x.mp3.part"]
    with pytest.raises(OSError, match="Input/output error"):
        write_private(tmp_path / "config.toml", b"key", in_place=True)
    assert names(tmp_path) == ["x.mp3.part"]


def test_a_full_disk_overwrites_nothing(tmp_path, monkeypatch):
    def refused(*paths):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    def full(*anything):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", refused)
    monkeypatch.setattr(os, "posix_fallocate", full)
    (tmp_path / "x.mp3").write_bytes(b"old")
    sink = FileSink(str(tmp_path / "x.mp3"))
    with pytest.raises(ElevenError, match="No space left"):
        put(sink, b"new and longer")
    assert (tmp_path / "x.mp3").read_bytes() == b"old"
    assert (tmp_path / "x.mp3.part").read_bytes() == b"new and longer"


def test_a_file_in_a_folder_that_cannot_be_written(shell, service, tmp_path):
    """As a user would have it: the file is theirs, the folder is not."""
    prefix = another_user()
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    (folder / "x.mp3").write_bytes(b"old")
    os.chown(folder / "x.mp3", OTHER_UID, OTHER_UID)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o777)
    done = shell("eleven tts hi -o shared/x.mp3", prefix=prefix, TMPDIR=str(tmp_path / "tmp"), HOME="/nonexistent")
    assert done.returncode == 0, done.stderr
    assert (folder / "x.mp3").read_bytes() == MP3_FRAME
    done = shell("eleven tts hi -o shared/y.mp3", prefix=prefix, TMPDIR=str(tmp_path / "tmp"), HOME="/nonexistent")
    assert (done.returncode, len(service.requests)) == (2, 1)
    assert names(folder) == ["x.mp3"]
    assert names(tmp_path / "tmp") == []


def test_a_place_for_which_there_is_no_leave_is_found_before_anything_is_paid(shell, service, tmp_path):
    prefix = another_user()
    tmp_path.chmod(0o1777)
    (tmp_path / "x.mp3").write_bytes(b"root's")
    done = shell("eleven tts hi -o x.mp3", prefix=prefix, HOME="/nonexistent")
    assert (done.returncode, service.requests) == (2, [])
    assert done.stderr.startswith(b"error: cannot write x.mp3: Permission denied\n")
    assert names(tmp_path) == ["x.mp3"]


def test_somebody_elses_part_in_a_sticky_folder_is_not_used(shell, tmp_path):
    prefix = another_user()
    tmp_path.chmod(0o1777)
    (tmp_path / "x.mp3.part").write_bytes(b"planted")
    (tmp_path / "x.mp3.part").chmod(0o666)
    done = shell("eleven tts hi -o x.mp3", prefix=prefix, HOME="/nonexistent")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.mp3").read_bytes() == MP3_FRAME
    assert (tmp_path / "x.mp3").stat().st_uid == OTHER_UID
    assert (tmp_path / "x.mp3.part").read_bytes() == b"planted"
    assert names(tmp_path) == ["x.mp3", "x.mp3.part"]


def test_the_owner_stays_the_same_where_that_is_allowed(shell, tmp_path):
    another_user()
    (tmp_path / "x.mp3").write_bytes(b"old")
    os.chown(tmp_path / "x.mp3", OTHER_UID, OTHER_UID)
    assert shell("eleven tts hi -o x.mp3").returncode == 0
    facts = (tmp_path / "x.mp3").stat()
    assert (facts.st_uid, facts.st_gid, facts.st_size) == (OTHER_UID, OTHER_UID, len(MP3_FRAME))


def test_settings_never_replace_a_device(tmp_path, shell):
    done = shell("eleven config set voice x", ELEVEN_CONFIG="/dev/null")
    assert done.returncode == 1
    assert Path("/dev/null").is_char_device()


# parts that others left


def gone_pid():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_parts_of_dead_processes_go_when_the_file_is_complete(shell, tmp_path):
    (tmp_path / f"x.mp3.{gone_pid()}.part").write_bytes(b"half")
    (tmp_path / "x.mp3.part").symlink_to("elsewhere")
    (tmp_path / "x.mp3.backup.part").write_bytes(b"mine")
    (tmp_path / "y.mp3.123.part").write_bytes(b"another's")
    assert shell("eleven tts hi -o x.mp3").returncode == 0
    assert names(tmp_path) == ["x.mp3", "x.mp3.backup.part", "x.mp3.part", "y.mp3.123.part"]


def test_parts_of_dead_processes_are_used_again(tmp_path):
    stale = tmp_path / f"x.mp3.{gone_pid()}.part"
    stale.write_bytes(b"half")
    with PartFile(tmp_path / "x.mp3") as first, PartFile(tmp_path / "x.mp3") as second:
        assert [first.path, second.path] == [tmp_path / "x.mp3.part", stale]
        with PartFile(tmp_path / "x.mp3") as third:
            assert third.path == tmp_path / f"x.mp3.{os.getpid()}.part"
            with PartFile(tmp_path / "x.mp3") as fourth:
                assert len({first.path, second.path, third.path, fourth.path}) == 4
    assert names(tmp_path) == []


def test_a_planted_number_does_no_harm(tmp_path):
    (tmp_path / "x.mp3.part").mkdir()
    (tmp_path / f"x.mp3.{os.getpid()}.part").symlink_to("victim")
    with FileSink(str(tmp_path / "x.mp3")) as sink:
        sink.write(b"new")
        sink.finish()
    assert (tmp_path / "x.mp3").read_bytes() == b"new"
    assert not (tmp_path / "victim").exists()


def test_a_part_that_was_removed_meanwhile_is_rescued(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "home"))
    sink = FileSink(str(tmp_path / "x.mp3"))
    with pytest.raises(ElevenError, match="No such file") as failed:
        put(sink, b"paid", (tmp_path / "x.mp3.part").unlink)
    (kept,) = (tmp_path / "home").glob("eleven-*.mp3")
    assert kept.read_bytes() == b"paid"
    assert failed.value.__notes__ == [f"what arrived (4 bytes) is kept in {kept}"]


@pytest.mark.parametrize("letter", ["x", "ß", "語"])
def test_the_longest_name_that_there_can_be(tmp_path, letter):
    name = letter * ((255 - 4) // len(letter.encode())) + ".mp3"
    with FileSink(str(tmp_path / name)) as sink:
        sink.write(b"new")
        sink.finish()
    assert names(tmp_path) == [name]
    with pytest.raises(UsageError, match="File name too long"):
        FileSink(str(tmp_path / ("x" * 256))).__enter__()
    assert names(tmp_path) == [name]


# file systems without locks

NO_LOCKS = """
import errno, fcntl
def flock(file, how):
    raise OSError(errno.{code}, "no locks here")
fcntl.flock = flock
"""


@pytest.mark.parametrize("code", ["ENOLCK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"])
def test_without_locks_everything_is_written_and_nothing_stays(shell, home, tmp_path, code):
    environ = hooked(tmp_path, NO_LOCKS.format(code=code))
    assert shell("eleven config set voice Ana && eleven config get voice", **environ).returncode == 0
    assert shell("eleven tts hi -o x.mp3 && eleven tts hi -o x.mp3 && eleven tts hi --cache", **environ).returncode == 0
    assert shell("eleven tts hi -o x.mp3 -v 'no such voice'", **environ).returncode != 0
    assert names(tmp_path) == ["x.mp3"]
    assert not list(home.rglob("*.part"))


def test_without_locks_two_runs_do_not_share_a_part(tmp_path, monkeypatch):
    monkeypatch.setattr(part_names, "try_lock", lambda file: "unsupported")
    with PartFile(tmp_path / "x.mp3") as first, PartFile(tmp_path / "x.mp3") as second:
        assert first.path != second.path
    assert names(tmp_path) == []


# open files by name


@pytest.mark.parametrize(
    "name",
    ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2", "/proc/$$/fd/2", "link", "link2", "fds/2", "/dev//./stderr"],
)
@pytest.mark.parametrize("command", ["tts hi --format mp3", "sts --format mp3 q.wav", "stt q.wav"])
def test_an_open_file_is_written_where_it_stands(shell, service, tmp_path, name, command):
    service.on(f"/v1/speech-to-speech/{VOICE}/stream", audio_reply([MP3_FRAME]))
    service.on("/v1/speech-to-text", json_reply({"text": "Hi.", "words": []}))
    (tmp_path / "q.wav").write_bytes(wav(0.5))
    (tmp_path / "link").symlink_to("/dev/stderr")
    (tmp_path / "link2").symlink_to("link")
    (tmp_path / "fds").symlink_to("/dev/fd")
    (tmp_path / "log").write_bytes(b"before\n")
    done = shell(f"exec 2>> log; eleven -q {command} -o {name}; echo after >&2")
    written = b"Hi.\n" if command.startswith("stt") else MP3_FRAME
    assert (done.returncode, done.stdout) == (0, b"")
    assert (tmp_path / "log").read_bytes() == b"before\n" + written + b"after\n"
    assert names(tmp_path) == ["fds", "link", "link2", "log", "q.wav"]


def test_another_processs_open_file_is_appended_to(shell, tmp_path):
    (tmp_path / "log").write_bytes(b"before\n")
    script = "exec 9>> log; (exec 9>&-; eleven -q tts hi -o /proc/$$/fd/9)"
    assert shell(script).returncode == 0
    assert (tmp_path / "log").read_bytes() == b"before\n" + MP3_FRAME


def test_a_wav_in_an_open_file_has_true_lengths_behind_what_was_there(shell, service, tmp_path):
    service.on_speech(audio_reply([b"\1\2" * 1000]))
    assert shell("(echo head; eleven -q tts hi --format wav -o /dev/fd/3 3>&1) > x.bin").returncode == 0
    head, _, rest = (tmp_path / "x.bin").read_bytes().partition(b"\n")
    assert head == b"head"
    assert rest[:8] == b"RIFF" + (2036).to_bytes(4, "little")


def test_what_is_open_for_reading_only_or_not_at_all_is_refused_before_anything_is_paid(shell, service):
    for line in ("eleven tts hi -o /dev/fd/7", "eleven tts hi -o /dev/fd/0 < /dev/null"):
        done = shell(line)
        assert done.returncode == 2, line
        assert b"error: cannot write /dev/fd/" in done.stderr
    assert service.requests == []


def test_a_nonblocking_pipe_gets_everything(shell, service, tmp_path):
    service.on_speech(audio_reply([MP3_FRAME * 1000] * 3))
    (tmp_path / "slow.py").write_text(
        "import os, sys\n"
        "read, write = os.pipe(); os.set_blocking(write, False); os.set_inheritable(write, True)\n"
        "import subprocess\n"
        "with subprocess.Popen([sys.executable, '-m', 'eleven_cli', '-q', 'tts', 'hi', '-o', f'/dev/fd/{write}'],\n"
        "                      pass_fds=[write]) as process:\n"
        "    os.close(write)\n"
        "    count = sum(map(len, iter(lambda: os.read(read, 1000), b'')))\n"
        "print(count, process.returncode)\n"
    )
    done = shell(f"{shlex.quote(sys.executable)} slow.py")
    assert done.stdout.decode().split() == [str(len(MP3_FRAME) * 3000), "0"]


def test_a_reader_that_left_is_no_error_of_ours(shell, service):
    service.on_speech(audio_reply([MP3_FRAME * 1000] * 5))
    done = shell("eleven tts hi -o >(true); echo $?")
    assert (done.stdout, done.stderr) == (b"141\n", b"")


def test_names_of_open_files():
    own = f"/proc/{os.getpid()}/fd/1"
    assert [descriptor_of(name) for name in ("/dev/stdin", "/dev/stdout", "/dev/fd/12", own)] == [0, 1, 12, 1]
    assert not any(map(descriptor_of, ("x", "/dev/null", "/dev/fd/x", "/dev/fd", "/proc/1/fdinfo/1")))
    assert is_descriptor("/proc/1/fd/1")
    assert is_stdout("-")
    assert is_stdout("/dev/./stdout")
    assert not is_stdout("/dev/stderr")


# what is read is not written over

READ_AND_WRITTEN = [
    "tts -f poem.txt -o poem.txt --format mp3",
    "tts -f poem.txt -o ./sub/../poem.txt --format mp3",
    "tts -f poem.txt -o hard --format mp3",
    "tts -f poem.txt -o soft --format mp3",
    "tts -f soft -o poem.txt --format mp3",
    "tts -f soft -o hard --format mp3",
    "tts -o poem.txt --format mp3 < poem.txt",
    "tts -f - -o poem.txt --format mp3 < poem.txt",
    "tts -f /dev/stdin -o poem.txt --format mp3 < poem.txt",
    "tts -f poem.txt >> poem.txt",
    "tts -f poem.txt 1<> poem.txt",
    "tts < poem.txt >> hard",
    "tts -f poem.txt -o /dev/fd/3 --format mp3 3>> poem.txt",
    "tts -f other.txt -f poem.txt -o poem.txt --format mp3",
    "tts -f poem.txt --subtitles poem.srt -o a.mp3",
    "tts -f poem.txt --subtitles hard.srt -o a.mp3",
    "tts -f 1.md -o '{chapter}.md' --format mp3",
    "tts -f poem.txt.part -o poem.txt --format mp3",
    "stt q.wav -o ./rec --format text",
    "stt rec -o sub/../rec --format text",
    "stt -o rec --format text < q.wav",
    "stt q.wav >> q.wav",
    "stt --live q.wav >> q.wav",
    "sts q.wav -o q.wav",
    "sts q.wav -o soft.wav",
    "sts -o q.wav < q.wav",
    "sts q.wav >> hard.wav",
    "isolate q.mp3 -o q.mp3",
    "isolate -o q.mp3 < q.mp3",
    "align q.wav -f poem.txt -o poem.txt --format json",
    "align q.wav -f poem.txt -o rec --format json",
    "align q.wav -o poem.txt --format json < poem.txt",
    "align q.wav hi >> q.wav",
    "talk --input q.wav --output q.wav",
    "talk --input q.wav --output hard.wav",
    "talk --input q.wav --output a.wav --record soft.wav",
    "talk --input - --output q.wav < q.wav",
    "talk --input q.wav --output a.wav --transcript q.wav",
    "talk --text --transcript poem.txt < poem.txt",
    "talk --text < poem.txt >> poem.txt",
]
TWICE = [
    "tts hi -o a.srt --format mp3 --subtitles ./a.srt",
    "tts hi -o poem.txt --format mp3 --subtitles poem.srt",
    "tts hi --subtitles s.srt > s.srt",
    "talk --input q.wav --output a.wav --record sub/../a.wav",
    "talk --input q.wav --output a.wav --transcript a.wav",
    "talk --text --transcript t.jsonl > t.jsonl < /dev/null",
    "tts hi -o /dev/fd/3 --format mp3 --subtitles s.srt 3> s.srt",
]


@pytest.fixture
def places(tmp_path):
    """Files to be spoilt, by all the names that they have; gives what is in them."""
    (tmp_path / "sub").mkdir()
    for name, content in {"poem.txt": b"A rose.", "other.txt": b"B.", "1.md": b"# One\n\nA.\n"}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "q.wav").write_bytes(wav(0.5))
    (tmp_path / "q.mp3").write_bytes(MP3_FRAME * 10)
    (tmp_path / "poem.txt.part").write_bytes(b"A rose.")
    for suffix, name in {"": "poem.txt", ".wav": "q.wav", ".srt": "poem.txt"}.items():
        os.link(tmp_path / name, tmp_path / f"hard{suffix}")
        (tmp_path / f"soft{suffix}").symlink_to(name)
    (tmp_path / "poem.srt").symlink_to("poem.txt")
    os.link(tmp_path / "q.wav", tmp_path / "rec")
    return {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}


@pytest.mark.parametrize("line", READ_AND_WRITTEN)
def test_what_is_read_is_not_written_over(typed, service, tmp_path, places, line):
    code, _, err = typed(f"eleven {line}")
    assert (code, service.requests) == (2, []), err
    assert " itself\n" in err or ", and would be overwritten\n" in err
    assert {name: (tmp_path / name).read_bytes() for name in places} == places


@pytest.mark.parametrize("line", TWICE)
def test_nothing_is_written_twice(typed, service, tmp_path, places, line):
    code, _, err = typed(f"eleven {line}")
    assert (code, service.requests) == (2, []), err
    assert " name the same file\n" in err
    assert {name: (tmp_path / name).read_bytes() for name in places} == places


def test_a_file_that_the_shell_has_emptied_is_called_by_its_name(shell, places):
    done = shell("eleven tts < poem.txt > poem.txt")
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: standard output is the text itself\n")


def test_devices_and_pipes_may_be_read_and_written(shell, tmp_path):
    assert shell("echo hi | eleven tts -f /dev/stdin -o /dev/null --format mp3").returncode == 0
    assert shell("eleven tts hi -o /dev/null --format mp3 < /dev/null").returncode == 0
    refuse_overlap([("the text", "/dev/null")], {"-o": "/dev/null", STANDARD_OUTPUT: "/dev/null"})


# files that are there, and --no-clobber


@pytest.mark.parametrize(
    "line",
    [
        "tts hi -o there.mp3",
        "tts hi -o new.mp3 --subtitles there.srt",
        "tts hi -o there.mp3 --play",
        "tts -o there.mp3 < /dev/null",
        "sts q.wav -o there.mp3",
        "isolate q.wav -o there.mp3",
        "stt q.wav -o there.txt",
        "align q.wav hi -o there.json",
        "voices preview Ana -o there.mp3",
        "talk --input q.wav --output there.wav",
        "talk --input q.wav --output new.wav --record there.wav",
        "talk --text --transcript there.jsonl",
    ],
)
def test_no_clobber_leaves_a_file_alone_and_that_is_no_failure(typed, service, tmp_path, line):
    (tmp_path / "q.wav").write_bytes(wav(0.5))
    for suffix in ("mp3", "srt", "txt", "json", "wav", "jsonl"):
        (tmp_path / f"there.{suffix}").write_bytes(b"mine")
    before = names(tmp_path)
    code, out, err = typed(f"eleven {line} --no-clobber")
    assert (code, service.requests, out) == (0, [], b"")
    assert len(err.splitlines()) == 1
    assert err.startswith("there.")
    assert err.endswith(" exists, and is left alone\n")
    assert names(tmp_path) == before
    assert all(path.read_bytes() == b"mine" for path in tmp_path.glob("there.*"))
    assert typed(f"eleven -q {line} --no-clobber").err == ""


def test_no_clobber_with_json_says_so_as_an_object(eleven, service, tmp_path):
    (tmp_path / "x.mp3").write_bytes(b"mine")
    result = eleven("tts", "hi", "-o", str(tmp_path / "x.mp3"), "--no-clobber", "--json")
    assert (result.code, json.loads(result.out)) == (0, {"file": str(tmp_path / "x.mp3"), "skipped": True})
    assert result.err == ""


def test_no_clobber_leaves_alone_what_came_while_it_was_made(eleven, service, tmp_path):
    def meanwhile(exchange):
        (tmp_path / "x.mp3").write_bytes(b"mine")
        audio_reply([MP3_FRAME])(exchange)

    service.on_speech(meanwhile)
    result = eleven("tts", "hi", "-o", str(tmp_path / "x.mp3"), "--no-clobber")
    assert result.code == 1
    assert result.error.endswith(f"x.mp3 exists; what arrived (417 bytes) is kept in {tmp_path}/x.mp3.part")
    assert (tmp_path / "x.mp3").read_bytes() == b"mine"
    assert (tmp_path / "x.mp3.part").read_bytes() == MP3_FRAME


def test_what_is_no_file_is_written_with_no_clobber_too(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi", "-o", "/dev/null", "--no-clobber").code == 0
    assert len(service.requests) == 1


# a failed run leaves nothing behind that makes the next one fail


@pytest.mark.parametrize(
    "line",
    [
        "tts hi -o x.mp3 --subtitles x.srt",
        "sts q.wav -o x.mp3",
        "isolate q.wav -o x.mp3",
        "stt q.wav -o x.txt",
        "align q.wav hi -o x.json",
        "talk --text --transcript x.jsonl",
        "talk --input q.wav --output x.wav --record y.wav --transcript x.jsonl",
    ],
)
def test_a_run_that_comes_to_nothing_leaves_nothing(shell, service, tmp_path, line):
    (tmp_path / "q.wav").write_bytes(wav(0.5))
    service.replies.clear()
    for _ in range(2):
        done = shell(f"eleven {line} < /dev/null", AGENT_ID="agent_1")
        assert done.returncode == 4, done.stderr
        assert names(tmp_path) == ["q.wav"]
    assert service.requests


@pytest.mark.parametrize("option", ["--output", "--record", "--transcript"])
@pytest.mark.parametrize("place", ["no/x.wav", "sub", "sub/"])
def test_every_place_of_a_call_is_looked_at_before_it_is_made(typed, service, tmp_path, option, place):
    (tmp_path / "sub").mkdir()
    (tmp_path / "q.wav").write_bytes(wav(0.5))
    more = "" if option == "--output" else "--output a.wav"
    code, _, _ = typed(f"eleven talk --input q.wav {more} {option} {place}")
    assert (code, service.requests) == (2, [])
    assert names(tmp_path) == ["q.wav", "sub"]


# without a home

NO_PLACE = "there is no home folder for the "


@pytest.fixture
def homeless(service, tmp_path):
    """The program as a user of whom nothing is known, in a folder of their own: outcome of a command line."""
    prefix = another_user()
    service.on_speech(audio_reply([MP3_FRAME]))
    folder = tmp_path / "work"
    folder.mkdir()
    folder.chmod(0o777)
    environ = {name: value for name, value in os.environ.items() if name != "HOME" and not name.startswith("XDG_")}

    def run(*argv, **more):
        command = [*prefix, sys.executable, "-m", "eleven_cli", *argv]
        environment = {**environ, "PYTHONPATH": os.getcwd(), **more}
        done = subprocess.run(command, cwd=folder, env=environment, input=b"", capture_output=True, timeout=60)
        assert b"unexpected" not in done.stderr
        assert names(folder) in ([], ["x.mp3"])
        return done.returncode, done.stdout, done.stderr.decode()

    return run


def test_without_a_home_everything_works_that_needs_none(homeless, service, tmp_path):
    service.on("/v1/models", json_reply([{"model_id": "m1", "name": "M", "can_do_text_to_speech": True}]))
    voice = {"voice_id": "usable00000000000000", "name": "Ana", "category": "generated"}
    service.on("/v2/voices", json_reply({"voices": [voice], "has_more": False}))
    assert homeless("tts", "hi", "-o", "x.mp3")[0] == 0
    assert (tmp_path / "work" / "x.mp3").read_bytes() == MP3_FRAME
    assert homeless("tts", "hi", "--cache")[:2] == (0, MP3_FRAME)
    assert homeless("tts", "hi", "-v", "Ana")[:2] == (0, MP3_FRAME)
    assert homeless("tts", "hi", ELEVENLABS_VOICE_ID="")[:2] == (0, MP3_FRAME)
    assert homeless("tts", "A sentence. " * 2000)[0] == 0
    assert b"m1" in homeless("models")[1]
    assert b"Ana" in homeless("voices")[1]
    assert homeless("config", "list")[0] == 0
    assert homeless("config", "get", "api_key")[0] == 0
    assert homeless("auth", "status")[0] == 0
    assert homeless("config", "path", ELEVEN_CONFIG="x.toml")[:2] == (0, b"x.toml\n")
    assert homeless("--help")[0] == 0


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["config", "set", "voice", "x"], "hint: set HOME or ELEVEN_CONFIG"),
        (["config", "unset", "voice"], "hint: set HOME or ELEVEN_CONFIG"),
        (["config", "path"], "hint: set HOME or ELEVEN_CONFIG"),
        (["auth", "logout"], "hint: set HOME or ELEVEN_CONFIG"),
        (["--profile", "work", "config", "list"], "hint: set HOME or ELEVEN_CONFIG"),
        (["cache", "info"], "hint: set HOME or XDG_CACHE_HOME"),
        (["cache", "clear"], "hint: set HOME or XDG_CACHE_HOME"),
    ],
)
def test_without_a_home_what_needs_one_says_so(homeless, argv, hint):
    code, _, err = homeless(*argv)
    assert code == 1
    assert NO_PLACE in err.splitlines()[0]
    assert err.splitlines()[1] == hint


def test_without_a_home_a_terminal_is_told_where_the_cache_is(tmp_path):
    prefix = another_user()
    environ = {name: value for name, value in os.environ.items() if name != "HOME" and not name.startswith("XDG_")}
    environ |= {"PYTHONPATH": os.getcwd(), "XDG_CACHE_HOME": "/nowhere"}
    leader, follower = os.openpty()
    with os.fdopen(leader, "rb", buffering=0) as screen:
        argv = [*prefix, sys.executable, "-m", "eleven_cli", "cache", "info"]
        done = subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, timeout=60)
        os.close(follower)
        shown = screen.read(4096)
    assert done.returncode == 0, shown
    assert b"/nowhere/eleven" in shown


def test_without_a_home_the_sandbox_speaks(homeless):
    code, out, err = homeless("--sandbox", "tts", "hi", "--format", "pcm_16000")
    assert code == 0, err
    assert len(out) > 1000


# errors at the end


def test_an_error_behind_the_audio_is_the_one_that_is_told(eleven, service, tmp_path):
    import base64

    sound = base64.b64encode(bytes(3200)).decode()
    service.on_speech(raw_reply(json.dumps({"audio_base64": sound, "alignment": None}).encode() + b"\n"))
    argv = ("tts", "Hi", "--format", "pcm_16000", "-o", str(tmp_path / "a.wav"), "--subtitles", str(tmp_path / "s.srt"))
    result = eleven(*argv)
    assert result.code == 1
    said = f"the service sent no timings, so there are no subtitles in {tmp_path}/s.srt"
    assert result.error == f"error: {said}; {tmp_path}/a.wav is complete"
    assert (tmp_path / "a.wav").stat().st_size == 3244
    assert not (tmp_path / "s.srt").exists()


def test_a_player_that_fails_at_the_end_is_the_error_that_is_told(eleven, service, tmp_path, monkeypatch):
    from eleven_cli.audio.devices import players
    from eleven_cli.errors import AudioError

    class Player:
        __enter__ = lambda self: self  # noqa: E731
        __exit__ = write = lambda self, *anything: None

        def finish(self):
            raise AudioError("the player gave up")

    monkeypatch.setattr(players, "player_for", lambda fmt: Player())
    service.on_speech(audio_reply([bytes(3200)]))
    result = eleven("tts", "Hi", "--format", "pcm_16000", "-o", str(tmp_path / "a.wav"), "--play")
    assert (result.code, result.error) == (7, f"error: the player gave up; {tmp_path}/a.wav is complete")
    assert (tmp_path / "a.wav").stat().st_size == 3244
    assert names(tmp_path) == ["a.wav"]


# one file for several processes


def test_facts_that_are_remembered_at_once_are_all_kept(home):
    code = (
        "import sys; from eleven_cli.cache import AccountCache; AccountCache('s', sys.argv[1]).put('fact', sys.argv[1])"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(number)]) for number in range(12)]
    assert [process.wait() for process in processes] == [0] * 12
    from eleven_cli.cache import AccountCache

    assert [AccountCache("s", str(number)).get("fact") for number in range(12)] == [str(number) for number in range(12)]
    path = AccountCache("s", "").path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["accounts.json"]


def test_a_sink_for_every_kind_of_place(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    kinds = {"new": "FileSink", "/dev/null": "DirectSink", "/dev/stderr": "DirectSink", "fifo": "DirectSink"}
    made = {name: type(file_sink(str(tmp_path / name))).__name__ for name in kinds}
    assert made == kinds
