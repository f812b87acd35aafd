"""Speaks stdin while it is written, by the official Python SDK: `live_sdk.py VOICE FORMAT`, audio on stdout.

The text is handed on as it comes, which is more than reading line by line would do for it.
"""

import codecs
import os
import sys
from collections.abc import Iterator

from elevenlabs import ElevenLabs


def arriving() -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    while data := os.read(0, 65536):
        yield decoder.decode(data)


base_url = os.environ["ELEVENLABS_BASE_URL"]
client = ElevenLabs(api_key=os.environ["ELEVENLABS_API_KEY"], base_url=base_url)
client.text_to_speech._ws_base_url = base_url.replace("http", "ws", 1)  # it knows no sockets without TLS
for chunk in client.text_to_speech.convert_realtime(sys.argv[1], text=arriving(), output_format=sys.argv[2]):
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
