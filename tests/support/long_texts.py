"""Texts of many requests, and a service that speaks them."""

import re
import threading

from tests.support.service import audio_reply, error_reply
from tests.support.speech_socket import sound_of


def sentences(count, length=80):
    """So many different sentences, in paragraphs of ten."""
    lines = [f"Sentence number {number} " + "goes on " * ((length - 20) // 8) + "and ends." for number in range(count)]
    return "\n\n".join(" ".join(lines[at : at + 10]) for at in range(0, count, 10))


def pieces_of(text):
    from eleven_cli.text.splitting import pieces

    return pieces(text, 5000)


class Reader:
    """Speaks every text; `most` at once. Keeps count."""

    def __init__(self, most=3, sound=lambda text: text[:3]):
        self.most, self.sound = most, sound
        self.lock = threading.Lock()
        self.under_way = self.highest = self.refused = 0
        self.texts = []
        self.hold = threading.Event()
        self.hold.set()
        self.fail_at = None

    def __call__(self, exchange):
        text = exchange.request.json["text"]
        with self.lock:
            if self.under_way >= self.most:
                self.refused += 1
                refused = True
            else:
                refused = False
                self.under_way += 1
                self.highest = max(self.highest, self.under_way)
                self.texts.append(text)
                number = len(self.texts)
        if refused:
            error_reply(429, "concurrent_limit_exceeded", "Too many concurrent requests.")(exchange)
            return
        try:
            if self.fail_at is not None and re.search(self.fail_at, text):
                error_reply(400, "invalid_text", "This text cannot be spoken.")(exchange)
                return
            headers = {
                "request_id": f"req_{number}",
                "character_cost": str(len(text)),
                "maximum_concurrent_requests": str(self.most),
            }
            audio_reply([sound_of(self.sound(text))], **headers)(exchange)
        finally:
            with self.lock:
                self.under_way -= 1
