"""The buffers of the sockets, as plain values: nothing is lost, nothing is said twice."""

from hypothesis import given
from hypothesis import strategies as st

from eleven_cli.sandbox.speech_sockets.buffer import DialogueBuffer, TextBuffer

TEXTS = st.lists(st.text(st.sampled_from("ab .\n"), max_size=60))
SCHEDULES = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@given(TEXTS, SCHEDULES, st.booleans(), st.data())
def test_everything_is_spoken_once_and_in_order(
    texts: list[str], schedule: list[int], auto: bool, data: st.DataObject
) -> None:
    texts = [text for text in texts if text != " "]
    buffer = TextBuffer(schedule, auto=auto)
    said = "".join(buffer.add(text, attempt=data.draw(st.booleans())) for text in texts) + buffer.flush()
    whole = "".join(texts)
    assert whole.startswith(said)
    assert not whole[len(said) :].strip()


@given(TEXTS, SCHEDULES)
def test_a_generation_takes_as_much_as_the_schedule_says(texts: list[str], schedule: list[int]) -> None:
    buffer, waiting, count = TextBuffer(schedule), 0, 0
    for text in texts:
        if text == " ":
            continue
        waiting += len(text)
        if said := buffer.add(text):
            assert waiting >= schedule[min(count, len(schedule) - 1)]
            waiting, count = waiting - len(said), count + 1


def test_the_usual_schedule() -> None:
    buffer, sizes = TextBuffer(), []
    for _ in range(2000):
        if said := buffer.add("x "):
            sizes.append(len(said))
    assert sizes[:6] == [120, 160, 250, 290, 290, 290]


def test_an_attempt_needs_fifty_characters() -> None:
    buffer = TextBuffer()
    assert buffer.add("x" * 48 + " ", attempt=True) == ""
    assert buffer.add("y", attempt=True) == "x" * 48 + " "


@given(st.lists(st.tuples(st.text(st.sampled_from("ab "), max_size=50), st.sampled_from("AB"), st.booleans())))
def test_a_dialogue_keeps_its_lines_in_order(lines: list[tuple[str, str, bool]]) -> None:
    buffer, said = DialogueBuffer(), []
    for text, voice, new_turn in lines:
        said += buffer.add(text, voice, new_turn=new_turn)
    said += buffer.flush()

    def by(voice: str, told: list[tuple[str, str]]) -> str:
        return "".join(text for name, text in told if name == voice).replace(" ", "")

    plain = [(voice, text) for text, voice, _ in lines]
    assert [by(voice, said) for voice in "AB"] == [by(voice, plain) for voice in "AB"]
