"""`eleven tts`: tags and words as the model is to hear them, and subtitles as the text was written."""

import json
import subprocess

import pytest

from tests.support.programs import Writer
from tests.support.service import audio_reply
from tests.support.timed_speech import columns, lines_reply, shown, timed

PCM = ("--format", "pcm_16000")

V4, FLASH = ("-m", "eleven_v4"), ("-m", "eleven_flash_v2_5")


@pytest.fixture
def config_file(home):
    path = home / ".config" / "eleven" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def service(service):
    service.on_speech(audio_reply([b"\1\0" * 400]))
    return service


def sent(service):
    return [request.json["text"] for request in service.requests if "text-to-speech" in request.path]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((*V4, "[whispers] Hi [1]."), "[whispers] Hi."),
        ((*FLASH, "[whispers] Hi [1]."), "Hi."),
        (("[whispers] Hi [there] [x]."), None),
        ((*V4, 'Wait <break time="1s"/> now'), "Wait [pause] now"),
        ((*FLASH, 'Wait <break time="1s"/> now'), 'Wait <break time="1s"/> now'),
        ((*V4, "--tags", "strip", "[whispers] Hi [there]"), "Hi there"),
        ((*FLASH, "--tags", "keep", "[whispers] Hi [1]"), "[whispers] Hi [1]"),
        (("WCAG, wcag", "--replace", "WCAG=W C A G"), "W C A G, wcag"),
        (("a b", "--replace", "a=b", "--replace", "b=a"), "b a"),
        ((*V4, "LOL", "--replace", "LOL=[laughs]"), "[laughs]"),
    ],
)
def test_what_is_sent(eleven, service, words, text):
    words = words if isinstance(words, tuple) else (words,)
    outcome = eleven("tts", *words, *PCM)
    assert outcome.code == 0, outcome.err
    assert sent(service) == [text or "Hi there."]


def test_options_count_more_than_the_file_and_that_more_than_the_settings(eleven, service, config_file, tmp_path):
    config_file.write_text('[lexicon]\na = "settings"\nb = "settings"\nc = "settings"\n"New York" = "NY"\n')
    (tmp_path / "words").write_text("# ours\nb=file\nc=file\n")
    outcome = eleven("tts", "a b c New York", *PCM, "--lexicon", str(tmp_path / "words"), "--replace", "c=option")
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    assert sent(service) == ["settings file option NY"]


def test_a_profile_has_words_of_its_own(eleven, service, config_file):
    config_file.write_text('[lexicon]\na = "top"\nb = "top"\n[profiles.work.lexicon]\nb = "work"\n')
    assert eleven("--profile", "work", "tts", "a b", *PCM).code == 0
    assert sent(service) == ["top work"]


@pytest.mark.parametrize("table", ['lexicon = "x"', "[lexicon]\na = 1", '[lexicon]\na = ""', "[lexicon]\na = [1]"])
def test_broken_words_in_the_settings(eleven, service, config_file, table):
    config_file.write_text(table)
    outcome = eleven("tts", "a", *PCM)
    assert outcome.code == 1
    assert "lexicon" in outcome.err
    assert not service.requests


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--replace", "WCAG"), "--replace takes WORD=SPOKEN"),
        (("--replace", "=x"), "no word before"),
        (("--replace", "x="), "nothing to say"),
        (("--lexicon", "/nowhere/words"), "cannot read /nowhere/words"),
        (("--tags", "some"), "--tags"),
        (("[laughs] [1]",), "nothing is left to say"),
    ],
)
def test_what_is_refused_before_it_is_paid_for(eleven, service, words, said):
    text = () if words[0].startswith("[") else ("Hi",)
    outcome = eleven("tts", *text, *words, *PCM)
    assert outcome.code == 2
    assert said in outcome.err
    assert not service.requests


def test_a_lexicon_that_is_broken_names_its_line(eleven, service, tmp_path):
    (tmp_path / "words.pls").write_text("<lexicon>\n<lexeme><grapheme>a</grapheme></lexeme></lexicon>")
    outcome = eleven("tts", "a", *PCM, "--lexicon", str(tmp_path / "words.pls"))
    assert outcome.code == 2
    assert "words.pls, line 2: nothing is said for a" in outcome.err


def test_sounds_without_an_alias_are_told_of(eleven, service, tmp_path):
    (tmp_path / "words.pls").write_text(
        "<lexicon><lexeme><grapheme>a</grapheme><phoneme>x</phoneme></lexeme></lexicon>"
    )
    outcome = eleven("tts", "a", *PCM, "--lexicon", str(tmp_path / "words.pls"))
    assert outcome.code == 0
    assert "1 rule without an alias left out" in outcome.err
    assert sent(service) == ["a"]


def test_the_estimate_counts_what_is_sent(eleven, service):
    outcome = eleven("tts", "[laughs] WCAG [1]", "--replace", "WCAG=W C A G", "--dry-run", "--json")
    assert json.loads(outcome.out)["characters"] == len("W C A G")


def test_the_cache_knows_texts_by_what_is_said(eleven, service):
    for _ in range(2):
        assert eleven("tts", "[laughs] Hi", *PCM, "--cache").code == 0
    assert eleven("tts", "Hi", *PCM, "--cache").code == 0
    assert len(sent(service)) == 1
    assert eleven("tts", "Hi", *PCM, "--cache", "--replace", "Hi=Ho").code == 0
    assert sent(service) == ["Hi", "Ho"]


def test_no_request_of_a_long_text_begins_within_a_tag(eleven, service, tmp_path):
    (tmp_path / "long.txt").write_text("A [10 knocks on wood] bc WCAG. " * 900)
    outcome = eleven("tts", "-f", str(tmp_path / "long.txt"), *V4, *PCM, "--replace", "WCAG=W C A G")
    assert outcome.code == 0, outcome.err
    assert len(sent(service)) > 3
    assert all(text.count("[") == text.count("]") for text in sent(service))
    assert "".join(sorted(sent(service), key=sent(service).index)).count("W C A G") == 900


def test_subtitles_have_the_text_as_it_was_written_and_no_tags(eleven, service, tmp_path):
    spoken = "[whispers] On W C A G now."
    for name in ("s.srt", "s.vtt", "s.json"):
        service.on_speech(lines_reply(timed(spoken)))
        path = tmp_path / name
        words = ("[whispers] On WCAG now [1].", "--replace", "WCAG=W C A G", "--subtitles", str(path))
        outcome = eleven("tts", *V4, *words, *PCM)
        assert outcome.code == 0, outcome.err
        if name == "s.json":
            assert columns(path)[0].strip() == "On WCAG now."
        else:
            assert [cue[2] for cue in shown(path)] == ["On WCAG now."]
    assert sent(service) == [spoken] * 3


@pytest.mark.parametrize(
    ("model", "pieces", "texts"),
    [
        ("eleven_flash_v2_5", ["[whis", "pers] On WC", "AG", " now [", "1]. \n"], ["On W C A G now."]),
        ("eleven_v4", ["[whis", "pers] On WC", "AG", " now [", "1]. \n"], ["[whispers] On W C A G now."]),
        ("eleven_v4", ["One.", "<bre", 'ak time="1s"/', "> Two. ", "Three WCAG"], None),
    ],
)
def test_a_pipe_cuts_tags_and_words_anywhere(spawn, narrator, model, pieces, texts):
    program = Writer(spawn("tts", *PCM, "-m", model, "--replace", "WCAG=W C A G", stdin=subprocess.PIPE))
    for piece in pieces:
        program.write(piece)
    code, _, err = program.end()
    assert (code, err) == (0, "")
    wanted = " ".join(texts) if texts else "One. [pause] Two. Three W C A G"
    assert " ".join(" ".join(narrator.said).split()) == wanted


def test_a_pause_within_a_tag_does_not_cut_it(spawn, narrator):
    program = Writer(spawn("tts", *PCM, *V4, "--replace", "WCAG=W C A G", stdin=subprocess.PIPE))
    program.write("On my way [whis")
    program.hear("On my way")  # after a pause
    program.write("pers] to the WC")
    program.hear("[whispers] to the")
    program.write("AG.\n")
    program.hear("W C A G.")
    assert program.end()[:2] == (0, "")


def test_subtitles_of_a_pipe(spawn, narrator, tmp_path):
    path = tmp_path / "s.srt"
    words = ("--replace", "WCAG=W C A G", "--subtitles", str(path))
    program = Writer(spawn("tts", *PCM, *FLASH, *words, stdin=subprocess.PIPE))
    program.write("We follow WCAG. [laughs] WC")
    program.write("AG is W C A G.\n")
    assert program.end()[0] == 0
    assert " ".join(cue[2] for cue in shown(path)) == "We follow WCAG. WCAG is W C A G."


def test_live_markdown(spawn, narrator):
    program = Writer(spawn("tts", *PCM, *FLASH, "--markdown", "--replace", "WCAG=W C A G", stdin=subprocess.PIPE))
    program.write("# On WCAG\n\n**Now** [it](https://example.com) [laughs] is [1] so.\n")
    assert program.end()[0] == 0
    assert [text.strip() for text in narrator.said] == ["On W C A G.", "Now it is so."]
