"""The same request through the official Python SDK: `sdk.py VOICE`, audio on stdout."""

import os
import sys

from elevenlabs import ElevenLabs

client = ElevenLabs(api_key=os.environ["ELEVENLABS_API_KEY"], base_url=os.environ["ELEVENLABS_BASE_URL"])
for chunk in client.text_to_speech.stream(sys.argv[1], text="hi", output_format="mp3_44100_128"):
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
