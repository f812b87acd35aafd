"""What the words of a command line mean: global options anywhere, texts that begin with a dash, the impossible."""

import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

import eleven_cli
from eleven_cli.__main__ import main
from eleven_cli.app import tree
from eleven_cli.commands import COMMAND_NAMES
from eleven_cli.errors import UsageError
from eleven_cli.parsing.command_line import arranged, read
from eleven_cli.parsing.usage_errors import refuse_impossible
from eleven_cli.terminal import Terminal
from tests.conftest import VOICE
from tests.support.service import MP3_FRAME, audio_reply, json_reply

MODELS = [{"model_id": "eleven_v3", "name": "Eleven v3", "can_do_text_to_speech": True}]
OF_THE_PARSER = re.compile(
    r"No such|Got unexpected|Missing (argument|option|command|parameter)|Invalid value|not a valid|not in the range"
    r"|requires an? |does not take a value|is not one of|Recognized values|Possible options|<=|\{|Choose from"
)


@pytest.fixture(scope="module")
def root():
    return typer.main.get_command(tree())


def spoken(service) -> list[str]:
    return [request.json["text"] for request in service.requests if "text-to-speech" in request.path]


# global options


@pytest.mark.parametrize(
    "argv",
    [
        ("-q", "tts", "hi"),
        ("tts", "-q", "hi"),
        ("tts", "hi", "-q"),
        ("tts", "hi", "--quiet"),
        ("tts", "hi", "-qv", VOICE),
        ("tts", "hi", "-q", "-q"),
    ],
)
def test_quiet_anywhere(eleven, service, argv):
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven(*argv) == (0, MP3_FRAME, "")
    assert spoken(service) == ["hi"]


@pytest.mark.parametrize("words", [["--base-url", "URL"], ["--base-url=URL"]])
@pytest.mark.parametrize("at", range(4))
def test_an_option_with_its_value_anywhere(eleven, service, monkeypatch, words, at):
    service.on("/v1/models", json_reply(MODELS))
    monkeypatch.setenv("ELEVENLABS_BASE_URL", "http://127.0.0.1:9")
    argv = ["models", "list", "--json"]
    argv[at:at] = [word.replace("URL", service.url) for word in words]
    assert json.loads(eleven(*argv).out)[0]["model_id"] == "eleven_v3"


@pytest.mark.parametrize(
    "argv", ["config --profile x set model m", "config set model m --profile=x", "config set --profile x model m"]
)
def test_a_profile_below_a_group(eleven, home, argv):
    assert eleven(*argv.split()).code == 0
    assert "[profiles.x]" in (home / ".config" / "eleven" / "config.toml").read_text()


def test_sandbox_debug_and_version_anywhere(eleven):
    assert "sandbox" in eleven("models", "--sandbox", "--debug").err
    assert eleven("tts", "--version").text.startswith("eleven ")


def test_behind_the_end_of_options_they_are_text(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "-q", "--", "--sandbox", "-q", "--profile").code == 0
    assert spoken(service) == ["--sandbox -q --profile"]


def test_the_value_of_another_option_is_its_value(eleven, service, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "hi", "-o", "-q", "--format", "mp3").code == 0
    assert (tmp_path / "-q").read_bytes() == MP3_FRAME


@pytest.mark.parametrize("name", ["--profile", "--base-url"])
def test_a_global_option_without_its_value_takes_no_other_word(eleven, name):
    result = eleven("tts", "hi", name)
    assert (result.code, name in result.error, "needs a value" in result.error) == (2, True, True)


@pytest.mark.parametrize(("value", "lines"), [("1", 0), ("true", 0), ("0", 1), ("", 1)])
def test_quiet_by_the_environment(eleven, monkeypatch, value, lines):
    monkeypatch.setenv("ELEVEN_QUIET", value)
    assert eleven("config", "set", "model", "m").err.count("\n") == lines


@pytest.mark.parametrize("name", ["ELEVEN_QUIET", "ELEVEN_SANDBOX"])
def test_a_variable_that_is_neither_yes_nor_no(eleven, monkeypatch, name):
    monkeypatch.setenv(name, "2")
    result = eleven("models")
    assert (result.code, result.error, result.hint) == (
        2,
        f'error: {name} must be 1 or 0, not "2"',
        f"hint: unset {name}",
    )


class Screen(io.BytesIO):
    def isatty(self):
        return True


def test_the_environment_is_the_one_that_is_handed_in(home):
    """And not the process's own."""
    argv = ["models"]
    for value, lines in (("1", 0), ("0", 1)):
        out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(Screen(), write_through=True)
        environ = {"HOME": str(home), "ELEVEN_SANDBOX": "1", "ELEVEN_QUIET": value}
        assert main(argv, Terminal(io.TextIOWrapper(io.BytesIO()), out, err, environ), environ) == 0
        assert err.buffer.getvalue().count(b"sandbox: ") == lines


READS_THE_PROCESS = {
    "__main__.py", "terminal/terminal.py",  # where it is handed in
    "processes.py", "api/client.py", "api/voices/samples.py", "commands/talk/tools.py",  # for who hands in none
    "audio/devices/portaudio.py", "commands/api/jq_filter.py",  # told to, and kept from, a library in C
    "sandbox/hearing/memory_folder.py",  # a program of its own
}  # fmt: skip


def test_nothing_else_looks_at_the_processs_environment():
    package = Path(eleven_cli.__file__).parent
    text = {path.relative_to(package).as_posix(): path.read_text("utf-8") for path in package.rglob("*.py")}
    assert {name for name, code in text.items() if re.search(r"os\.environ|getenv|envvar=", code)} == READS_THE_PROCESS


WORDS = st.sampled_from(
    [
        "tts",
        "voices",
        "show",
        "list",
        "config",
        "set",
        "-q",
        "-qv",
        "-oq",
        "--",
        "-5",
        "- a",
        "-",
        "x",
        "--profile",
        "--json",
        "--voice=a",
        "-h",
        "--debug",
        "--nope",
        "-face",
        "",
    ]
)


@given(st.lists(WORDS, max_size=8))
def test_no_word_is_lost_or_changes_its_side(root, words):
    line = read(root, words)
    plain = [word for word in arranged(line) if word != "--"]
    assert sorted("".join(plain).replace("-", "")) == sorted("".join(words).replace("-", ""))
    again = read(root, arranged(line))
    assert [word.text for word in again.arguments] == [word.text for word in line.arguments]
    assert again.names == line.names


# texts that begin with a dash


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["-5"], "-5"),
        (["- item"], "- item"),
        (["-5", "degrees", "-v", VOICE], "-5 degrees"),
        (["-v", VOICE, "-5"], "-5"),
        (["it", "is", "-5", "-q"], "it is -5"),
        (["-.5"], "-.5"),
        (["-\ttab"], "-\ttab"),
        (["-- and then"], "-- and then"),
        (["---"], "---"),
        (["-–"], "-–"),
        (["-q", "- a", "- b"], "- a - b"),
        (["-5", "--", "-q"], "-5 -q"),
    ],
)
def test_what_can_only_be_text_is_text(eleven, service, argv, text):
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "--no-markdown", *argv).code == 0
    assert spoken(service) == [text]


def test_a_dash_alone_is_still_stdin(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", "--no-live", "-", "-q", stdin="from the pipe").code == 0
    assert spoken(service) == ["from the pipe"]


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["-face"], "eleven tts -- -face"),
        (["-face it"], "eleven tts -- '-face it'"),
        (["-face", "it", "-v", "Bob"], "eleven tts -v Bob -- -face it"),
        (["--hello"], "eleven tts -- --hello"),
        (["-xyz", "hi"], "eleven tts -- -xyz hi"),
        (["-oh no"], "eleven tts -- '-oh no'"),
        (["-mild", "-v", VOICE], f"eleven tts -v {VOICE} -- -mild"),
        (["-hello"], "eleven tts -- -hello"),
    ],
)
def test_a_text_that_was_read_as_an_option_gets_the_line_that_is_right(eleven, service, argv, line):
    result = eleven("tts", *argv, tty="in")
    assert (result.code, result.hint) == (2, f"hint: put a text that begins with - after --: {line}")
    assert not service.requests


def test_the_corrected_line_is_right(eleven, service):
    service.on_speech(audio_reply([MP3_FRAME]))
    corrected = eleven("tts", "-face", "it").hint.partition("--: eleven ")[2]
    assert eleven(*shlex.split(corrected)).code == 0
    assert spoken(service) == ["-face it"]


def test_short_options_with_their_value_stay(eleven, service, tmp_path):
    (tmp_path / "poem").write_text("verse")
    service.on_speech(audio_reply([MP3_FRAME]))
    assert eleven("tts", f"-f{tmp_path}/poem", f"-o{tmp_path}/x.mp3", f"-v{VOICE}", "-mm").code == 0
    assert spoken(service) == ["verse"]


def test_another_mistake_keeps_its_own_hint(eleven, service, tmp_path):
    assert "--" not in eleven("tts", "hi", "-vBob", "-o", "x.nope").hint.split()


# what is impossible


@pytest.mark.parametrize(
    ("argv", "error", "hint"),
    [
        ("tts hi --voise Bob", "unknown option --voise. Did you mean --voice?", "eleven tts hi --voice Bob"),
        ("tts hi --voise=Bob", "unknown option --voise. Did you mean --voice?", "eleven tts hi --voice=Bob"),
        ("tts hi --quite", "unknown option --quite. Did you mean --quiet?", "eleven tts hi --quiet"),
        ("tts -voice Bob hi", "unknown option -voice. Did you mean --voice?", "eleven tts --voice Bob hi"),
        ("tts hi -output=x.mp3", "unknown option -output. Did you mean --output?", "eleven tts hi --output=x.mp3"),
        ("tts -V Bob hi", "unknown option -V. Did you mean -v?", "eleven tts -v Bob hi"),
        ("tts hi -O x.mp3", "unknown option -O. Did you mean -o?", "eleven tts hi -o x.mp3"),
        ("models -x", "unknown option -x", "eleven models --help"),
        ("modles", 'unknown command "modles". Did you mean models?', "eleven models"),
        ("-q ttts hi", 'unknown command "ttts". Did you mean tts?', "eleven -q tts hi"),
        ("login", 'unknown command "login". Did you mean auth login?', "eleven auth login"),
        ("clone Me a.mp3", 'unknown command "clone". Did you mean voices clone?', "eleven voices clone Me a.mp3"),
        ("design calm", 'unknown command "design". Did you mean voices design?', "eleven voices design calm"),
        ("library calm", 'unknown command "library". Did you mean voices library?', "eleven voices library calm"),
        ("history last", 'unknown command "last". Did you mean show last?', "eleven history show last"),
        ("conversations last", 'unknown command "last". Did you mean show last?', "eleven conversations show last"),
        ("tts hi -l de", "unknown option -l. Did you mean --language?", "eleven tts hi --language de"),
        ("sfx rain --seconds 4", "unknown option --seconds. Did you mean --duration?", "eleven sfx rain --duration 4"),
        ("speak hi --voice Bob", 'unknown command "speak". Did you mean tts?', "eleven tts hi --voice Bob"),
        ("xyzzy", 'unknown command "xyzzy"', "eleven --help"),
        ("config lst", 'unknown command "lst". Did you mean list?', "eleven config list"),
        ("cache xyzzy", 'unknown command "xyzzy"', "eleven cache --help"),
        ("auth stat -q", 'unknown command "stat". Did you mean status?', "eleven auth status -q"),
        ("models eleven_v3", 'unknown command "eleven_v3"', "eleven models show eleven_v3"),
        ("--no-live tts hi", "--no-live belongs after eleven tts", "eleven tts --no-live hi"),
        ("--voice Bob tts hi", "--voice belongs after eleven tts", "eleven tts --voice Bob hi"),
        ("-o x.mp3 tts hi", "-o belongs after eleven tts", "eleven tts -o x.mp3 hi"),
        ("--speed=1.1 tts hi", "--speed belongs after eleven tts", "eleven tts --speed=1.1 hi"),
        ("-q --no-play voices preview Bob", "--no-play belongs after eleven voices preview",
         "eleven -q voices preview --no-play Bob"),
        ("cache --jobs clear", "--jobs belongs after eleven cache clear", "eleven cache clear --jobs"),
        ("--voise Bob tts hi", "unknown option --voise", "eleven --help"),
        ("modles --quiett", 'unknown command "modles". Did you mean models?', "eleven models --quiett"),
        ("tts --text hello -q", "the text needs no option", "eleven tts hello -q"),
        ("tts --lang de hi", "unknown option --lang. Did you mean --language?", "eleven tts --language de hi"),
        ("tts --voice-id X hi", "unknown option --voice-id. Did you mean --voice?", "eleven tts --voice X hi"),
        ("sts --input pcm_16000", "unknown option --input. Did you mean --input-format?",
         "eleven sts --input-format pcm_16000"),
        ("models lst", 'unknown command "lst". Did you mean list?', "eleven models list"),
        ("config set api_key", "a key is never given on the command line", "eleven auth login"),
        ("devices 3", 'eleven devices takes no arguments, not "3"', "eleven devices"),
        ("voices show a b", 'eleven voices show takes only NAME, not "b"', "eleven voices show a"),
        ("config get a -5", 'eleven config get takes only KEY, not "-5"', "eleven config get a"),
        ("config set model", "model needs a value", "eleven config set model eleven_flash_v2_5"),
        ("config set", "eleven config set needs a KEY", "eleven config set voice Imogen"),
        ("config unset", "eleven config unset needs a KEY", "eleven config unset voice"),
        ("voices show", "eleven voices show needs a NAME", "eleven voices show Imogen"),
        ("config set model=m", "a setting and its value are separate words", "eleven config set model m"),
        ("completion", "eleven completion needs a SHELL: bash, zsh, fish or powershell", "eleven completion bash"),
        (
            "completion bahs",
            'SHELL must be bash, zsh, fish or powershell, not "bahs". Did you mean bash?',
            "eleven completion bash",
        ),
        ("tts hi --stability high", '--stability must be a number from 0 to 1, not "high"', "eleven tts --help"),
        ("tts hi --stability 2", '--stability must be a number from 0 to 1, not "2"', "eleven tts --help"),
        ("tts hi --seed=x", '--seed must be a whole number from 0 to 4294967295, not "x"', "eleven tts --help"),
        ("tts hi --max-credits -1", '--max-credits must be a whole number, 0 or more, not "-1"', "eleven tts --help"),
        (
            "stt a --format=jsn",
            '--format must be text, json, jsonl, srt, vtt, docx, pdf or html, not "jsn". Did you mean json?',
            "eleven stt a --format=json",
        ),
        ("tts hi --play=yes", "--play takes no value", "eleven tts hi --play"),
        ("tts hi -o", "-o needs a value: -o FILE", "eleven tts --help"),
        ("tts hi -qo", "-o needs a value: -o FILE", "eleven tts --help"),
        ("tts hi --normalize", "--normalize needs a value: --normalize auto|on|off", "eleven tts --help"),
        ("auth login sk_1234", "everyone on this machine can see a key on the command line", "eleven auth login"),
        ("auth login abcdef", "everyone on this machine can see a key on the command line", "eleven auth login"),
        ("tts hi --api-key abc", "everyone on this machine can see a key on the command line", "eleven auth login"),
    ],
)  # fmt: skip
def test_the_impossible_in_words_with_the_line_that_is_right(eleven, argv, error, hint):
    result = eleven(*argv.split())
    assert (result.code, result.out) == (2, b"")
    assert (result.error, result.hint) == (f"error: {error}", f"hint: {hint}")


@pytest.mark.parametrize(
    ("argv", "owners"),
    [
        ("sts --speed 1.1", "eleven tts and eleven voices settings"),
        ("stt a.mp3 --subtitles x.srt", "eleven tts"),
        ("isolate a.mp3 --seed 1", "eleven tts, eleven sts and others"),
        ("isolate a.mp3 --voice Bob", "eleven tts, eleven sts and others"),
        ("isolate a.mp3 --format wav", "eleven tts, eleven sfx and others"),
        ("auth login --port 80", "eleven sandbox and eleven sandbox replay"),
        ("tts hi --check", "eleven auth login and eleven auth status"),
    ],
)
def test_an_option_of_another_command_is_said_to_be_one(eleven, argv, owners):
    result = eleven(*argv.split())
    name = next(word for word in argv.split() if word.startswith("--"))
    assert (result.code, result.error) == (2, f"error: unknown option {name}; it is an option of {owners}")
    command = argv.partition(" a.mp3")[0].partition(" hi")[0].partition(" --")[0]
    assert result.hint == f"hint: eleven {command} --help"


def test_no_option_is_mistaken_for_another_that_only_looks_like_it(root):
    """Each option of any command, given to each other one: suggested is only what begins like it."""
    names = {name for _, command in commands(root) for param in command.params for name in param.opts}
    lines = [read(root, [*path, name, "x"]) for path, _ in commands(root) if path for name in sorted(names)]
    wrong = [line for line in lines if line.unknown and line.unknown.text.startswith("--")]
    assert len(wrong) > 500
    for line in wrong:
        with pytest.raises(UsageError) as refused:
            refuse_impossible(line, root)
        name, said = line.unknown.text, str(refused.value)
        known = f"{name}; it is an option of eleven " in said or "belongs after" in said
        assert (
            known or f"Did you mean {name}" in said or said in ("the text needs no option", "the file needs no option")
        ), said


def test_a_sentence_is_no_command(eleven):
    result = eleven("Hello, world", "-q")
    assert (result.error, result.hint) == (
        'error: "Hello, world" is not a command',
        "hint: to speak it: eleven tts 'Hello, world' -q",
    )


@pytest.mark.parametrize(
    "argv", ["tts sk_secret1 --voise x", "sk_secret1", "sts a sk_secret1", "config set api_key=sk_secret1"]
)
def test_no_hint_repeats_a_key(eleven, argv):
    result = eleven(*argv.split())
    assert (result.code, "sk_secret1" in result.hint) == (2, False)


def test_no_hint_is_longer_than_one_reads(eleven):
    assert len(eleven("tts", "word " * 1000, "--voise", "x").hint) < 200


def test_a_mistake_as_json(eleven):
    error = json.loads(eleven("models", "--jsn", "--json").err)["error"]
    assert (error["message"], error["hint"]) == (
        "unknown option --jsn. Did you mean --json?",
        "eleven models --json --json",
    )


def commands(command, path=()):
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


COMMANDS = {" ".join(path): (path, command) for path, command in commands(typer.main.get_command(tree()))}


def mistakes(path, command):
    """Every way to be wrong about every option and argument of a command."""
    yield (*path, "--nonsense")
    yield (*path, "-Z")
    if not any(param.nargs < 0 for param in command.params):
        yield (*path, "a", "b", "c", "d")
    for param in command.params:
        if param.param_type_name == "argument":
            if param.required:
                yield path
            if hasattr(param.type, "choices"):
                yield (*path, "nonsense")
            continue
        yield (*path, f"{param.opts[0]}x")
        if param.is_flag:
            yield (*path, f"{param.opts[0]}=x")
        else:
            yield (*path, param.opts[-1])
        if hasattr(param.type, "choices") or param.type.name not in ("str", "text", "boolean", "path"):
            yield (*path, param.opts[0], "nonsense")
            yield (*path, param.opts[0], "")
            yield (*path, f"{param.opts[0]}=-1e9")


@pytest.mark.parametrize("name", COMMANDS)
def test_no_mistake_is_answered_with_the_parsers_own_phrases(eleven, name):
    for argv in mistakes(*COMMANDS[name]):
        result = eleven(*argv)
        assert result.code == 2, argv
        assert not OF_THE_PARSER.search(result.err), result.err
        assert re.fullmatch(r"error: .+\nhint: .+\n", result.err), result.err


# lists


@pytest.mark.parametrize("argv", ["models list --json", "models --json list", "models --json"])
def test_list_is_what_models_does(eleven, service, argv):
    service.on("/v1/models", json_reply(MODELS))
    assert json.loads(eleven(*argv.split()).out)[0]["model_id"] == "eleven_v3"


@pytest.mark.parametrize(
    ("argv", "search"),
    [
        ("voices list", None),
        ("voices list --json", None),
        ("voices --json list", None),
        ("voices list bob", "bob"),
        ("voices -- list", "list"),
    ],
)
def test_list_is_what_voices_does(eleven, service, argv, search):
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    assert eleven(*argv.split()).code == 0
    assert service.requests[0].query.get("search") == search


def test_list_is_what_devices_does(eleven):
    assert eleven("devices", "list").err == eleven("devices").err


def test_every_command_has_the_global_options(root):
    assert set(root.commands) == set(COMMAND_NAMES)
    """One of its own by such a name would hide it; that of `api` is meant: quiet is --quiet there."""
    options = {"-q", "--quiet", "--profile", "--base-url", "--sandbox", "--debug", "--version"}
    own = {
        (*path, name)
        for path, command in commands(root)
        if path
        for param in command.params
        for name in options.intersection(param.opts)
    }
    assert own == {("api", "-q")}


def test_a_line_that_is_right_loads_no_explanations(service):
    service.on("/v1/models", json_reply(MODELS))
    code = "import sys; from eleven_cli.__main__ import main; from eleven_cli.terminal import Terminal; import os\n"
    code += "main(['models', '-q'], Terminal.of_process(), os.environ)\n"
    code += "print('eleven_cli.parsing.usage_errors' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.endswith(b"False\n")


@pytest.mark.parametrize(
    ("argv", "error"),
    [
        ("tts hi --format pmc", "unknown format: pmc. Did you mean pcm?"),
        ("tts hi --format opus_4800_64", "unknown format: opus_4800_64. Did you mean opus_48000_64?"),
        ("tts hi --format xyzzy", "unknown format: xyzzy"),
        ("config get modle", "unknown setting: modle. Did you mean model?"),
        ("config set base-url http://x", "unknown setting: base-url. Did you mean base_url?"),
    ],
)
def test_did_you_mean_of_formats_and_settings(eleven, argv, error):
    result = eleven(*argv.split())
    assert (result.code, result.error) == (2, f"error: {error}")
    assert result.hint.startswith("hint: one of: ")


@pytest.mark.parametrize(
    ("argv", "error", "hint"),
    [
        ("tts hi --language german", 'unknown language code "german". Did you mean de?', "--language de"),
        ("tts hi --language pt-br", 'unknown language code "pt-br". Did you mean pt?', "--language pt"),
        ("tts hi --language de,fr", '--language takes one code, not "de,fr"', "--language de"),
        ("talk --text --language DE/eng", '--language takes one code, not "DE/eng"', "--language de"),
        ("stt a.mp3 --language de,fr", '--language takes one code, not "de,fr"', "--language de --language fr"),
        ("stt a.wav --live --language de;fr", '--language takes one code, not "de;fr"', "--language de --language fr"),
        ("tts hi --language 1", 'unknown language code "1"', "two or three letters: en, eng (ISO 639)"),
        ("stt a.mp3 --language Deutsch", 'unknown language code "Deutsch". Did you mean de?', "--language de"),
        ("stt a.mp3 --language en_US", 'unknown language code "en_US". Did you mean en?', "--language en"),
        ("stt a.wav --live --language japnese", 'unknown language code "japnese". Did you mean ja?', "--language ja"),
        ("talk --text --language french", 'unknown language code "french". Did you mean fr?', "--language fr"),
        ("config set region eus", "unknown region: eus. Did you mean us or eu?", "one of: us, eu, in, sg"),
    ],
)  # fmt: skip
def test_did_you_mean_of_languages_and_regions(eleven, tmp_path, monkeypatch, argv, error, hint):
    monkeypatch.chdir(tmp_path)
    for name in ("a.mp3", "a.wav"):
        (tmp_path / name).write_bytes(MP3_FRAME)
    result = eleven(*argv.split())
    assert (result.code, result.error, result.hint) == (2, f"error: {error}", f"hint: {hint}")


def test_did_you_mean_of_profiles(eleven, home):
    eleven("--profile", "work", "config", "set", "model", "m")
    result = eleven("models", "--profile", "wrok")
    assert result.code == 2
    assert result.error.endswith("(there are: work). Did you mean work?")


@pytest.mark.parametrize(
    ("argv", "note"),
    [
        (["preveiw", "Bob"], "no voice matches preveiw Bob. Did you mean eleven voices preview Bob?"),
        (
            ["preveiw", "Old Sailor"],
            "no voice matches preveiw Old Sailor. Did you mean eleven voices preview 'Old Sailor'?",
        ),
        (["shwo", "Bob"], "no voice matches shwo Bob. Did you mean eleven voices show Bob?"),
        (["search", "british"], "no voice matches search british. Did you mean eleven voices british?"),
        (["find", "Old Sailor"], "no voice matches find Old Sailor. Did you mean eleven voices 'Old Sailor'?"),
        (["search"], "no voice matches search"),
        (["preveiw"], "no voice matches preveiw. Did you mean eleven voices preview?"),
        (["perview", "--json"], "no voice matches perview. Did you mean eleven voices preview?"),
        (["imogne"], "no voice matches imogne. Did you mean Imogen?"),
        (["Bob", "preview"], "no voice matches Bob preview"),
        (["xyzzy"], "no voice matches xyzzy"),
    ],
)
def test_did_you_mean_of_a_search_for_voices(eleven, service, argv, note):
    service.on("/v2/voices", json_reply({"voices": [{"voice_id": VOICE, "name": "Imogen"}], "has_more": False}))
    eleven("voices")
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    result = eleven("voices", *argv)
    assert (result.code, result.err) == (0, f"{note}\n")


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        ("voices preveiw Bob -o x.mp3", "eleven voices preview Bob -o x.mp3"),
        ("voices preveiw Bob --no-play -q", "eleven voices preview Bob --no-play -q"),
    ],
)
def test_a_mistyped_command_with_its_options_is_no_search(eleven, service, argv, meant):
    result = eleven(*argv.split())
    assert (result.code, result.error) == (2, 'error: unknown command "preveiw". Did you mean preview?')
    assert result.hint == f"hint: {meant}"
    assert not service.requests


def test_every_command_below_voices_is_meant_by_a_slip(eleven, service, root):
    service.on("/v2/voices", json_reply({"voices": [], "has_more": False}))
    for name in root.commands["voices"].commands:
        slip = f"{name[:1]}{name[2:3]}{name[1:2]}{name[3:]}"
        said = eleven("voices", slip, "Bob").err
        assert f"Did you mean eleven voices {name} Bob?" in said or slip == name, said
