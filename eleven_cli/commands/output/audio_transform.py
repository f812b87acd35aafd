"""AudioTransform: sends audio piece by piece, and writes the joined result as it arrives."""

from collections.abc import Callable, Iterator

from eleven_cli.api.http.bodies import FilePart
from eleven_cli.api.http.uploads import ProgressCallback
from eleven_cli.api.tts.speech import SpeechResponse
from eleven_cli.audio.codecs.joining.joiner import joined
from eleven_cli.commands.input.audio_upload import MOST_BYTES, AudioUpload
from eleven_cli.commands.output import OutputPlan
from eleven_cli.commands.output.audio import Meter, copy, open_sinks, summary
from eleven_cli.commands.output.figures import measures, report_figures
from eleven_cli.commands.output.progress import UploadLine, playing
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError
from eleven_cli.terminal import Progress, Terminal
from eleven_cli.terminal.messages import counted

TOO_LONG_HINT = "convert it to WAV, which is sent in pieces: ffmpeg -i FILE whole.wav"


class AudioTransform:
    """One run of a command that sends audio and gets audio.

    send     sends one piece, and returns when the service has accepted it
    credits  the cost by the service; None if it did not state that of every request
    """

    def __init__(
        self, context: Context, plan: OutputPlan, send: Callable[[FilePart, ProgressCallback], SpeechResponse]
    ) -> None:
        self._context, self._send = context, send
        self.plan = plan
        self.meter = Meter(plan.fmt.wire)
        self.credits: int | None = 0
        self.requests = self.sent_bytes = 0
        self.sent_s = 0.0
        self.request_id = self.voice_id = ""

    def run(self, audio: AudioUpload, most_s: float, most_bytes: int = MOST_BYTES, *, no_clobber: bool) -> None:
        """Send all of it in pieces of at most `most_s` and `most_bytes`, and write the result."""
        _ = self._context.client  # without a key nothing is opened
        terminal, pieces = self._context.terminal, audio.pieces(most_s, most_bytes)
        if (audio.seconds or 0) > most_s:
            terminal.remark(f"{audio.name} is {(audio.seconds or 0) / 60:.0f} minutes long: it is sent in pieces")
        with open_sinks(self.plan, terminal, no_clobber=no_clobber) as sinks, terminal.progress() as progress:
            self.meter.start()
            answers = (self._answer(content, progress) for content in pieces)
            joint = joined(answers, self.plan.fmt.wire)
            with playing(self.meter, self.plan, terminal, progress) as line:
                copy(self.meter.watch(joint, progress, line), *sinks)

    def _answer(self, content: FilePart, progress: Progress) -> Iterator[bytes]:
        with self._send_piece(content, UploadLine(progress)) as audio:
            self._take_note(audio, content)
            for sound in audio:
                yield sound.data

    def _send_piece(self, content: FilePart, sent: ProgressCallback) -> SpeechResponse:
        try:
            return self._send(content, sent)
        except ElevenError as refused:
            if "too_long" in refused.code:
                refused.hint = refused.hint or TOO_LONG_HINT
            raise

    def _take_note(self, audio: SpeechResponse, content: FilePart) -> None:
        self.requests += 1
        self.sent_s = self.meter.since_start_s
        self.sent_bytes += content.body.size or 0
        self.request_id, self.voice_id = audio.request_id, audio.voice_id
        self.credits = None if audio.credits is None or self.credits is None else self.credits + audio.credits


def tell(terminal: Terminal, done: AudioTransform, *, stats: bool, as_json: bool, model_id: str | None = None) -> None:
    """Report the cost: one line, or all figures with --stats or --json."""
    figures = _figures(done, model_id)
    if as_json:
        report_figures(terminal, figures, done.plan)
    elif stats:
        terminal.figures(_long(figures))
    else:
        terminal.remark(summary(done.plan.name, done.meter, _cost(done.credits)))


def _figures(done: AudioTransform, model_id: str | None) -> dict[str, object]:
    meter = done.meter
    return {
        "credits": done.credits,
        "requests": done.requests,
        "sent_bytes": done.sent_bytes,
        "accepted_ms": round(done.sent_s * 1000),
        **meter.figures,
        "format": str(done.plan.fmt),
        "voice_id": done.voice_id or None,
        "model_id": model_id,
        "request_id": done.request_id or None,
        "file": done.plan.file,
    }


def _long(figures: dict[str, object]) -> str:
    said = [
        _cost(figures["credits"]),
        f"{figures['requests']} requests" if figures["requests"] != 1 else "",
        f"sent {figures['sent_bytes']} bytes",
        *measures(figures),
    ]
    return " · ".join(filter(None, said))


def _cost(credits: object) -> str:
    return counted(credits, "credit") if isinstance(credits, int) else ""
