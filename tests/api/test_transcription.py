"""Transcripts and alignments as values: whatever the service answers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.api.stt.alignment import ForcedAlignment, alignment
from eleven_cli.api.stt.transcription import TranscribedWord, Transcription, TranscriptionRequest, transcription
from eleven_cli.commands.stt.rendering import paragraphs, subtitles, turns_of
from eleven_cli.errors import ElevenError
from eleven_cli.text.subtitles import TimedText, cues, srt, vtt
from tests.support.json_values import ANY_JSON


def word(text, start=0.0, end=0.1, speaker=None, kind="word", **more):
    return {"text": text, "start": start, "end": end, "speaker_id": speaker, "type": kind, "logprob": 0.0, **more}


def told(*words, **more):
    return transcription({"text": "".join(each["text"] for each in words), "words": list(words), **more})


def lines(value, *, diarized=True):
    return list(paragraphs(turns_of(value, diarized=diarized)))


WORDS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "text": st.text() | ANY_JSON,
            "start": st.floats() | ANY_JSON,
            "end": st.floats() | ANY_JSON,
            "speaker_id": st.sampled_from(["a", "b", None]) | ANY_JSON,
        },
    )
)
ANSWERS = ANY_JSON | st.fixed_dictionaries(
    {"text": st.text()}, optional={"words": WORDS, "channel_index": ANY_JSON, "transcripts": ANY_JSON}
)


def value_or_code(read, *given):
    """What it gives, or the code of our own error; any other is an accident."""
    try:
        return read(*given)
    except ElevenError as refused:
        return refused.code


@given(ANSWERS, st.booleans())
def test_no_answer_is_an_accident(answer, diarized):
    value = value_or_code(transcription, answer)
    if not isinstance(value, Transcription):
        assert value == "no_transcript"
        return
    list(paragraphs(turns_of(value, diarized=diarized)))
    shown = value_or_code(lambda: subtitles(value, diarized=diarized))
    assert shown == "no_timings" or len(list(srt(shown))) == len(list(vtt(shown))) - 1 == len(shown)


@given(ANY_JSON | st.fixed_dictionaries({"characters": st.lists(ANY_JSON | WORDS.map(lambda some: some[:1]))}))
def test_no_alignment_is_an_accident(answer):
    value = value_or_code(alignment, answer)
    if isinstance(value, ForcedAlignment):
        list(srt(cues(TimedText(*character) for character in value.characters)))
    else:
        assert value == "no_alignment"


def test_only_what_was_chosen_is_sent():
    assert TranscriptionRequest().fields == [("model_id", "scribe_v2")]


def test_everything_that_can_be_chosen():
    request = TranscriptionRequest(
        "m",
        ("de", "it", "en"),
        True,
        2,
        roles=True,
        keyterms=("Zoë", "ACME Corp"),
        timestamps="character",
        audio_events=False,
        no_verbatim=True,
        channels=True,
        redact=("pii", "phi"),
        export="docx",
    )
    assert request.fields == [
        ("model_id", "m"),
        ("language_code", "de"),
        ("diarize", "true"),
        ("num_speakers", "2"),
        ("timestamps_granularity", "character"),
        ("tag_audio_events", "false"),
        ("use_multi_channel", "true"),
        ("detect_speaker_roles", "true"),
        ("no_verbatim", "true"),
        ("entity_detection", '["pii", "phi"]'),
        ("entity_redaction", '["pii", "phi"]'),
        ("additional_formats", '[{"format": "docx"}]'),
        ("secondary_language_codes", "it"),
        ("secondary_language_codes", "en"),
        ("keyterms", "Zoë"),
        ("keyterms", "ACME Corp"),
    ]


@pytest.mark.parametrize(
    ("chosen", "fields"),
    [
        ({"entities": True}, {"entity_detection": "all"}),
        ({"redact": ("pii",)}, {"entity_detection": "pii", "entity_redaction": "pii"}),
        (
            {"export": "pdf", "timestamps": "none"},
            {
                "timestamps_granularity": "none",
                "additional_formats": '[{"format": "pdf", "include_timestamps": false}]',
            },
        ),
    ],
)
def test_what_goes_together(chosen, fields):
    assert TranscriptionRequest(**chosen).fields == [("model_id", "scribe_v2"), *fields.items()]


def test_words_without_times_and_speakers():
    value = told({"text": "Hi", "start": None, "end": 10**400, "speaker_id": None})
    (only,) = value.transcripts[0].words
    assert only == TranscribedWord("Hi", only.start_s, only.end_s, None)
    assert math.isnan(only.start_s)
    assert math.isnan(only.end_s)


@pytest.mark.parametrize("answer", [None, [], {}, {"text": None}, {"transcripts": []}, {"transcripts": [7]}])
def test_no_transcript(answer):
    with pytest.raises(ElevenError, match="the service sent no transcript"):
        transcription(answer)


def test_what_it_says_instead():
    with pytest.raises(ElevenError, match="no transcript: It comes later"):
        transcription({"message": "It comes later", "request_id": "r"})


SPACE = word(" ", kind="spacing")
DIALOGUE = [
    word("Hi", 0.0, 0.4, "speaker_7"), SPACE | {"speaker_id": "speaker_2"},
    word("there.", 0.5, 0.9, "speaker_7"), SPACE,
    word("Hello!", 1.2, 1.6, "speaker_2"), SPACE, word("(laughter)", 1.7, 2.0, None, "audio_event"), SPACE,
    word("Bye.", 2.5, 2.9, "speaker_7"),
]  # fmt: skip


def test_speakers_are_numbered_as_they_appear_and_each_turn_is_a_paragraph():
    assert lines(told(*DIALOGUE)) == ["Speaker 1: Hi there.", "Speaker 2: Hello! (laughter)", "Speaker 1: Bye."]


def test_nobody_is_named_where_nobody_asked():
    assert lines(told(*DIALOGUE), diarized=False) == ["Hi there. Hello! (laughter) Bye."]


def test_without_speakers_in_the_answer_there_is_the_text():
    assert lines(told(word("Hi"))) == ["Hi"]


def test_a_turn_is_one_line_whatever_is_in_it():
    assert lines(told(word("one\ntwo", speaker="a"))) == ["Speaker 1: one two"]


def test_channels_one_after_the_other():
    value = transcription(
        {"transcripts": [{"text": "Left.", "channel_index": 0}, {"text": ""}, {"text": "Right.", "channel_index": 1}]}
    )
    assert lines(value, diarized=False) == ["Channel 1: Left.", "Channel 2: Right."]


def test_subtitles_by_speaker_do_not_overlap():
    shown = subtitles(told(*DIALOGUE), diarized=True)
    assert [cue.lines for cue in shown] == [
        ("Speaker 1: Hi there.",), ("Speaker 2: Hello! (laughter)",), ("Speaker 1: Bye.",),
    ]  # fmt: skip
    assert [cue.start_s for cue in shown] == [0.0, 1.2, 2.5]
    assert [cue.end_s for cue in shown] == [1.0, 2.2, 3.5]


def test_a_short_turn_is_shown_only_until_the_next_one():
    shown = subtitles(told(word("Yes", 0, 0.2, "a"), word("No", 0.3, 0.5, "b")), diarized=True)
    assert [(cue.start_s, cue.end_s) for cue in shown] == [(0.0, 0.3), (0.3, 1.3)]


def test_channels_may_overlap_and_come_by_time():
    value = transcription(
        {
            "transcripts": [
                {"text": "late", "words": [word("late", 1, 3)], "channel_index": 0},
                {"text": "early", "words": [word("early", 0.5, 2)], "channel_index": 1},
            ]
        }
    )
    shown = subtitles(value, diarized=False)
    assert [(cue.start_s, cue.end_s, cue.lines) for cue in shown] == [
        (0.5, 2.0, ("Channel 2: early",)),
        (1.0, 3.0, ("Channel 1: late",)),
    ]


def test_brackets_are_shown():
    shown = subtitles(told(word("[music]"), word(" <b>", 0.2, 0.3)), diarized=False)
    assert [cue.lines for cue in shown] == [("(music) ‹b›",)]


def test_words_without_times_follow_those_before():
    shown = subtitles(told(word("One ", 1, 1.5), word("two", None, None)), diarized=False)
    assert [(cue.start_s, cue.lines) for cue in shown] == [(1.0, ("One two",))]


def test_text_without_times_makes_no_subtitles():
    with pytest.raises(ElevenError, match="no timings"):
        subtitles(transcription({"text": "Hi", "transcription_id": "t1"}), diarized=False)


def test_silence_makes_empty_subtitles():
    assert subtitles(transcription({"text": "", "words": []}), diarized=False) == []
