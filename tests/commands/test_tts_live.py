"""`eleven tts` speaks what a pipe gives while it is still being written."""

import json
import os
import signal
import subprocess
import threading

import pytest

from tests.conftest import KEY, VOICE
from tests.support.guard import GUARD_S
from tests.support.programs import Writer
from tests.support.service import audio_reply, error_reply, json_reply
from tests.support.speech_socket import ACTING, heard, obediently, sound_of

PCM = ("--format", "pcm_16000")


@pytest.fixture
def writer(spawn, narrator):
    return lambda *argv: Writer(spawn("tts", *PCM, *argv, stdin=subprocess.PIPE))


def test_a_sentence_is_spoken_while_the_next_is_still_being_written(writer, narrator):
    program = writer()
    for sentence in ("First things first.", "Then the second!", "And what about the third?"):
        program.write(sentence + "\n")
        program.hear(sentence)  # before anything else is written, and before the end
    assert program.end()[:2] == (0, "")


def test_what_goes_over_the_socket(writer, narrator):
    program = writer("-m", "eleven_flash_v2_5", "--stability", "0.4", "--seed", "7", "--language", "de")
    program.write("Guten Tag. ")
    program.hear("Guten Tag.")
    assert program.end()[0] == 0
    assert narrator.requests[0].path.startswith(f"/v1/text-to-speech/{VOICE}/stream-input?")
    assert narrator.requests[0].headers["xi-api-key"] == KEY
    wanted = {"model_id": "eleven_flash_v2_5", "output_format": "pcm_16000", "seed": "7", "language_code": "de"}
    assert narrator.query == {**wanted, "auto_mode": "true", "sync_alignment": "true"}


def test_the_first_message_is_a_blank_with_the_settings_and_each_text_ends_with_a_blank(writer, narrator):
    messages = []

    def script(speech):
        for _ in range(3):
            messages.append(speech.receive())
        speech.speak("One.")
        speech.finish()

    narrator.scripts = [script]
    program = writer("--stability", "0.4")
    program.write("One.\n")
    assert program.end()[0] == 0
    settings = {"voice_settings": {"stability": 0.4}}
    assert messages == [{"text": " ", **settings}, {"text": "One. "}, {"text": ""}]


def test_a_sentence_without_a_line_end_is_not_kept_waiting(writer, narrator):
    program = writer()
    program.write("Nobody presses enter.")
    program.hear("Nobody presses enter.")
    assert program.end()[0] == 0


def test_a_fragment_is_spoken_after_a_pause_and_flushed(writer, narrator):
    flushed = []

    def script(speech):
        speech.receive()
        message = speech.receive()
        flushed.append(message.get("flush"))
        speech.speak(message["text"].strip())
        obediently_from_here(speech)

    narrator.scripts = [script]
    program = writer()
    program.write("the answer is")
    program.hear("the answer is")
    program.write(" forty-two.\n")
    program.hear("forty-two.")
    assert program.end()[0] == 0
    assert flushed == [True]


def obediently_from_here(speech):
    while text := speech.text():
        speech.speak(text.strip())
    speech.finish()


def test_a_character_may_come_in_two_halves(writer, narrator):
    program = writer()
    umlaut = "ü".encode()
    program.write(b"Gr" + umlaut[:1])
    program.write(umlaut[1:] + b"n.\n")
    program.hear("Grün.")
    assert program.end()[0] == 0


def test_markdown_is_cleaned_sentence_by_sentence(writer, narrator):
    program = writer("--markdown")
    program.write("# A **bold** title\n\n```python\nprint('no')\n```\nThe [end](http://x.y).\n")
    assert program.end()[:2] == (0, "A bold title.The end.")


def test_a_dropped_connection_continues_with_the_first_sentence_that_had_not_begun(writer, narrator):
    def drops(speech):
        speech.receive()
        speech.speak(speech.text().strip())
        speech.text()
        speech.text()
        speech.drop()

    narrator.scripts = [drops, obediently]
    program = writer()
    program.write("One is heard.\nTwo is lost.\nThree is too.\n")
    code, sound, said = program.end()
    assert (code, sound) == (0, "One is heard.Two is lost.Three is too.")
    assert narrator.sessions[1].said == ["Two is lost. ", "Three is too. "]
    again = len("".join(narrator.sessions[1].said))
    assert f"connecting again; {again} characters that were not heard are sent and counted again" in said


def test_the_end_of_the_text_is_said_again_after_a_drop(writer, narrator):
    def drops_at_the_end(speech):
        speech.receive()
        speech.speak(speech.text().strip())
        while speech.text():
            pass
        speech.drop()

    narrator.scripts = [drops_at_the_end, obediently]
    program = writer()
    program.write("One.\nTwo.\n")
    assert program.end()[:2] == (0, "One.Two.")


def test_a_drop_in_the_middle_of_a_sentence_is_no_success(writer, narrator):
    def drops(speech):
        speech.receive()
        speech.speak(speech.text().strip(), share=0.6)
        speech.text()
        speech.drop()

    narrator.scripts = [drops, obediently]
    program = writer()
    program.write("This one is broken off.\nThis one is whole.\n")
    code, sound, said = program.end()
    assert code == 6
    assert sound.endswith("This one is whole.")
    assert "in the middle of: 'This one is broken off.'" in said


def test_where_it_cannot_be_known_what_was_spoken_nothing_is_repeated(writer, narrator):
    def drops_without_times(speech):
        speech.receive()
        speech.speak(speech.text().strip(), aligned=False)
        speech.text()
        speech.drop()

    narrator.scripts = [drops_without_times, obediently]
    program = writer()
    program.write("One is heard.\nTwo is lost.\n")
    code, sound, said = program.end()
    assert (code, sound) == (6, "One is heard.")
    assert "error: the connection was lost" in said
    assert len(narrator.sessions) == 1


def test_a_server_that_always_hangs_up_is_given_up(writer, narrator):
    narrator.scripts = [lambda speech: speech.drop()]
    program = writer()
    program.write("Hello.\n")
    code, sound, _ = program.end()
    assert (code, sound) == (6, "")
    assert len(narrator.sessions) == 4


FORTY = [f"Sentence number {number} is here." for number in range(40)]


def speaks_one_and_drops(speech):
    speech.receive()
    if text := speech.text():
        speech.speak(text.strip())
        speech.drop()
    else:
        speech.finish()


def test_lost_connections_send_little_again(writer, narrator):
    narrator.scripts = [speaks_one_and_drops]
    program = writer("--stats")
    program.write("\n".join(FORTY))
    code, sound, said = program.end()
    assert (code, sound) == (0, "".join(FORTY))
    sent = sum(len(text.strip()) for text in narrator.said)
    assert sent <= len("".join(FORTY)) * 1.2
    assert "connecting again" in said


def test_what_is_sent_again_is_on_the_bill(writer, narrator):
    def drops(speech):
        speech.receive()
        speech.speak(speech.text().strip())
        speech.text()
        speech.drop()

    narrator.scripts = [drops, obediently]
    program = writer("--json")
    program.write("One is heard.\nTwo is lost.\n")
    code, _, said = program.end()
    figures = json.loads(said.splitlines()[-1])
    assert code == 0
    assert figures["characters"] == len("One is heard.\nTwo is lost.\n") + len("Two is lost.\n")


def test_what_is_sent_again_counts_against_the_limit(writer, narrator):
    narrator.scripts = [speaks_one_and_drops]
    program = writer("--max-credits", "80", "-m", "eleven_multilingual_v2")
    program.write("\n".join(FORTY))
    code, sound, said = program.end()
    assert code == 5
    assert "".join(FORTY).startswith(sound)
    assert sum(map(len, narrator.said)) <= 80
    assert "more than 80" in said


def test_a_server_that_never_speaks_is_given_up_after_little(writer, narrator):
    def listens_and_drops(speech):
        speech.receive()
        speech.text()
        speech.drop()

    narrator.scripts = [listens_and_drops]
    program = writer()
    program.write("\n".join(FORTY))
    code, sound, _ = program.end()
    assert (code, sound) == (6, "")
    assert len(narrator.sessions) == 4
    assert sum(map(len, narrator.said)) < 6 * len(FORTY[0])


def finals_after(count, *, aligned=True):
    def script(speech):
        speech.receive()
        for _ in range(count):
            speech.speak(speech.text().strip(), aligned=aligned)
        speech.finish()

    return script


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_was_not_spoken_at_an_early_end_goes_over_a_new_connection(writer, narrator, count):
    narrator.scripts = [finals_after(count), obediently]
    program = writer()
    program.write("\n".join(FORTY[:6]))
    code, sound, said = program.end()
    assert (code, sound) == (0, "".join(FORTY[:6]))
    assert "the service ended the speech too early; connecting again" in said


@pytest.mark.parametrize("script", [finals_after(0), finals_after(1, aligned=False)])
def test_an_early_end_that_cannot_be_mended_is_no_success(writer, narrator, script):
    narrator.scripts = [script]
    program = writer()
    program.write("\n".join(FORTY[:6]))
    code, _, said = program.end()
    assert code == 6
    assert "the service ended the speech too early" in said


def test_an_end_in_the_middle_of_the_last_sentence_is_no_success(writer, narrator):
    def half(speech):
        speech.receive()
        speech.speak(speech.text().strip(), share=0.5)
        while speech.text():
            pass
        speech.finish()

    narrator.scripts = [half]
    program = writer()
    program.write(FORTY[0])
    code, _, said = program.end()
    assert code == 6
    assert "in the middle of" in said


def test_the_idle_time_out_of_the_service_is_no_end(writer, narrator):
    def too_impatient(speech):
        speech.receive()
        speech.speak(speech.text().strip())
        speech.send(message="Have not received a new text input", error="input_timeout_exceeded", code=1008)
        speech.connection.close(1008, "Have not received a new text input")

    narrator.scripts = [too_impatient, obediently]
    program = writer()
    program.write("One.\n")
    program.hear("One.")
    program.write("Two.\n")
    assert program.end()[:2] == (0, "Two.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"message": "You have no credits left.", "error": "quota_exceeded", "code": 1008}, 5),
        ({"message": "Invalid API key.", "error": "invalid_api_key", "code": 1008}, 3),
        ({"message": "A voice with this id was not found.", "error": "voice_not_found", "code": 1008}, 4),
        ({"message": "Something broke.", "error": "internal_error", "code": 1011}, 1),
    ],
)
def test_what_the_service_gives_up_with(writer, narrator, error, code):
    def refuses(speech):
        speech.receive()
        speech.send(**error)
        speech.connection.close(error["code"], error["message"])

    narrator.scripts = [refuses]
    program = writer()
    program.write("Hello.\n")
    ended, sound, said = program.end()
    assert (ended, sound) == (code, "")
    assert f"error: {error['message'].rstrip('.')}" in said
    assert error["error"] in said


def test_a_close_with_a_reason_alone(writer, narrator):
    def refuses(speech):
        speech.receive()
        speech.connection.close(1008, "policy says no")

    narrator.scripts = [refuses]
    program = writer()
    program.write("Hello.\n")
    ended, _, said = program.end()
    assert ended == 1
    assert "policy says no" in said


def test_messages_that_say_nothing_are_passed_over(writer, narrator):
    def odd(speech):
        speech.receive()
        text = speech.text()
        for message in ("not json", "[1, 2]", "null", '{"isFinal": null}', '{"audio": null, "x": 1}', b"\x00\x01"):
            speech.connection.send(message)
        speech.speak(text.strip())
        speech.text()
        speech.finish()

    narrator.scripts = [odd]
    program = writer()
    program.write("Hello.\n")
    assert program.end()[:2] == (0, "Hello.")


def test_audio_that_is_none(writer, narrator):
    def odd(speech):
        speech.receive()
        speech.text()
        speech.send(audio="***")
        speech.text()

    narrator.scripts = [odd]
    program = writer()
    program.write("Hello.\n")
    code, _, said = program.end()
    assert code == 1
    assert "not audio" in said


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xfe bad", "stdin is not UTF-8 text: byte 0xff at offset 13"),
        (b"bad \x00", "stdin is binary, not text: byte 0x00 at offset 17"),
        (b"half \xe2\x82", "stdin ends in the middle of a character: byte 0xe2 at offset 18"),
    ],
)
def test_what_is_no_text_is_said_after_what_is(writer, narrator, data, reason):
    program = writer()
    program.write(b"Good so far.\n")
    program.hear("Good so far.")
    program.write(data)
    code, _, said = program.end()
    assert code == 2
    assert f"error: {reason}" in said


def test_for_what_is_no_text_from_the_first_block_on_nothing_is_paid(eleven, narrator):
    result = eleven("tts", *PCM, stdin=b"Good so far.\nA caf\xe9 in another encoding.\n")
    assert (result.code, result.out, narrator.said) == (2, b"", [])
    assert result.error == "error: stdin is not UTF-8 text: byte 0xe9 at offset 18"


def test_an_empty_pipe(writer, narrator):
    code, sound, said = writer().end()
    assert (code, sound) == (2, "")
    assert "error: the text is empty" in said


def test_no_more_than_was_allowed_is_spent(writer, narrator):
    program = writer("--max-credits", "20")
    program.write("Ten letters.\nAnd more than there is money for.\n")
    code, sound, said = program.end()
    assert (code, sound) == (5, "Ten letters.")
    assert narrator.said == ["Ten letters. "]
    assert "more than 20" in said


def test_what_it_cost_is_an_estimate(writer, narrator):
    program = writer("--stats")
    program.write("Hello there.\n")
    code, _, said = program.end()
    assert code == 0
    assert "about 13 credits · first byte" in said


def test_the_figures(writer, narrator):
    program = writer("--json")
    program.write("Hello there.\n")
    code, _, said = program.end()
    figures = json.loads(said)
    assert code == 0
    assert (figures["characters"], figures["credits"], figures["estimated_credits"]) == (13, None, 13)


def test_ctrl_c_is_silent_and_quick(writer, narrator):
    program = writer()
    program.write("Hello there.\n")
    program.hear("Hello there.")
    program.process.send_signal(signal.SIGINT)
    assert program.process.wait(GUARD_S) == 130
    assert program.process.stderr.read() == b""


def test_the_reader_leaves(writer, narrator):
    program = writer()
    program.write("Hello there.\n")
    program.hear("Hello there.")
    program.process.stdout.close()
    program.write("Is anybody there?\n")
    assert program.process.wait(GUARD_S) == 141


def test_where_the_handshake_is_refused_a_request_says_why(service, spawn):
    service.on_speech(error_reply(404, "voice_not_found", "A voice with this id was not found."))
    program = Writer(spawn("tts", stdin=subprocess.PIPE))
    program.write("Hello.\n")
    code, _, said = program.end()
    assert code == 4
    assert "error: A voice with this id was not found" in said


@pytest.mark.parametrize("model", ACTING)
def test_models_whose_socket_is_refused_go_sentence_by_sentence(service, spawn, model):
    service.on_speech(*(audio_reply([sound_of(text)], character_cost="4") for text in ("One.", "Two.")))
    program = Writer(spawn("tts", *PCM, "-m", model, "--stats", stdin=subprocess.PIPE))
    program.write("One.\n")
    program.hear("One.")
    program.write("Two.\n")
    program.hear("Two.")
    code, _, said = program.end()
    assert code == 0
    handshake, *requests = service.requests
    assert handshake.path == "/v1/text-to-dialogue/stream-input"
    assert [request.json["text"].strip() for request in requests] == ["One.", "Two."]
    assert all(not {"previous_text", "next_text"} & set(request.json) for request in requests)
    assert "8 credits" in said


def test_the_next_sentence_is_asked_for_while_one_is_heard(service, spawn):
    asked = threading.Event()

    def first(exchange):
        exchange.head(content_type="audio/pcm", transfer_encoding="chunked")
        exchange.chunk(sound_of("One."))
        assert asked.wait(GUARD_S), "the second was not asked for"
        exchange.last_chunk()

    def second(exchange):
        asked.set()
        audio_reply([sound_of("Two.")])(exchange)

    service.on_speech(first, second)
    program = Writer(spawn("tts", *PCM, "-m", "eleven_v3", stdin=subprocess.PIPE))
    program.write("One.\nTwo.\n")
    assert program.end()[:2] == (0, "One.Two.")


def test_v4_where_only_dialogues_are_spoken(service, spawn):
    service.on_speech(error_reply(400, "unsupported_model", "This model is for dialogues only."))
    service.on("/v1/text-to-dialogue/stream", audio_reply([sound_of("One.")]))
    program = Writer(spawn("tts", *PCM, "-m", "eleven_v4", stdin=subprocess.PIPE))
    program.write("One.\n")
    assert program.end()[:2] == (0, "One.")
    assert service.requests[-1].json["inputs"] == [{"text": "One.\n", "voice_id": VOICE}]


def test_a_file_is_not_written_live(service, spawn, tmp_path):
    (tmp_path / "text").write_text("One. Two.")
    service.on_speech(audio_reply([sound_of("One. Two.")]))
    with (tmp_path / "text").open() as text:
        program = spawn("tts", *PCM, stdin=text)
        out, _ = program.communicate(timeout=GUARD_S)
    assert heard(out) == "One. Two."
    assert len(service.requests) == 1


def test_no_live_reads_everything_first(eleven, service):
    service.on_speech(audio_reply([sound_of("One. Two.")]))
    assert eleven("tts", *PCM, "--no-live", stdin="One. Two.").code == 0
    assert [request.json["text"] for request in service.requests] == ["One. Two."]


@pytest.mark.parametrize(
    ("argv", "stdin"), [(["--live", "words"], ""), (["--live", "--dry-run"], "x"), (["--live", "--cache"], "x")]
)
def test_what_cannot_be_live(eleven, service, argv, stdin):
    outcome = eleven("tts", *argv, stdin=stdin)
    assert outcome.code == 2
    assert "--live" in outcome.error
    assert service.requests == []


def test_a_voice_that_must_be_looked_up(narrator, eleven, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    narrator.refusal = (401, None)
    outcome = eleven("tts", *PCM, stdin="Hello.")
    assert outcome.code == 3


def test_the_sandbox(spawn):
    program = Writer(spawn("--sandbox", "tts", "--stats", "--format", "pcm_16000", stdin=subprocess.PIPE))
    program.write("Hello from the sandbox.\n")
    first = os.read(program.process.stdout.fileno(), 1 << 16)
    assert first
    program.write("And good-bye.\n")
    code, rest, said = program.end()
    assert code == 0
    assert len(rest) > 0
    assert "about" in said


def test_no_more_than_two_requests_at_once(service, spawn):
    """What the smallest plan allows: a third would be refused."""
    lock, under_way, most, hold = threading.Lock(), [0], [0], threading.Event()

    def answer(exchange):
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        text = exchange.request.json["text"].strip()
        exchange.head(content_type="audio/pcm", transfer_encoding="chunked")
        exchange.chunk(sound_of(text))
        if text == "Two.":
            hold.set()
        if text == "One.":
            assert hold.wait(GUARD_S)
        with lock:
            under_way[0] -= 1
        exchange.last_chunk()

    service.on_speech(answer)
    program = Writer(spawn("tts", *PCM, "-m", "eleven_v3", stdin=subprocess.PIPE))
    program.write("One.\nTwo.\nThree.\nFour.\n")
    assert program.end()[:2] == (0, "One.Two.Three.Four.")
    assert most[0] == 2


def test_a_plan_that_allows_one_is_waited_for(service, spawn):
    lock, busy = threading.Lock(), [False]
    second = threading.Event()

    def answer(exchange):
        text = exchange.request.json["text"].strip()
        with lock:
            refused, busy[0] = busy[0], True
        if refused:
            second.set()
            error_reply(429, "concurrent_limit_exceeded", "Too many concurrent requests.")(exchange)
            return
        exchange.head(content_type="audio/pcm", transfer_encoding="chunked")
        exchange.chunk(sound_of(text))
        if text == "One.":
            assert second.wait(GUARD_S)
        with lock:
            busy[0] = False
        exchange.last_chunk()

    service.on_speech(answer)
    program = Writer(spawn("tts", *PCM, "-m", "eleven_v3", stdin=subprocess.PIPE))
    program.write("One.\nTwo.\n")
    assert program.end()[:2] == (0, "One.Two.")


def test_a_request_that_is_lost_says_what_was_spoken(service, spawn):
    def drops(exchange):
        exchange.head(content_type="audio/pcm", content_length="100000")
        exchange.body(sound_of("T"))
        exchange.drop()

    service.on_speech(audio_reply([sound_of("One.")]), drops)
    program = Writer(spawn("tts", *PCM, "-m", "eleven_v3", stdin=subprocess.PIPE))
    program.write("One.\nTwo.\n")
    code, sound, said = program.end()
    assert code == 6
    assert sound.startswith("One.")
    assert "spoken until then: 'One." in said


@pytest.mark.parametrize("model", [(), ("-m", "eleven_v3")])
def test_a_remembered_voice_that_is_gone_is_looked_up_anew(eleven, service, monkeypatch, model):
    monkeypatch.delenv("ELEVENLABS_VOICE_ID")
    voices = [{"voice_id": letter * 20, "name": letter} for letter in "ab"]
    service.on("/v2/voices", json_reply({"voices": voices[:1], "has_more": False}))
    service.on_speech(audio_reply([sound_of("One.")]))
    assert eleven("tts", *PCM, "hi").code == 0
    service.on("/v2/voices", json_reply({"voices": voices[1:], "has_more": False}))
    gone = error_reply(404, "voice_not_found", "A voice with this id was not found.")

    def speak(exchange):
        (gone if "/aaaa" in exchange.request.path else audio_reply([sound_of("One.")]))(exchange)

    service.on_speech(speak)
    outcome = eleven("tts", *PCM, *model, stdin="One.\n", tty="err")
    assert (outcome.code, heard(outcome.out)) == (0, "One.")
    assert "b" * 20 in outcome.err
