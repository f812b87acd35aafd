"""The same transcription by the official Python SDK: `hear_sdk.py FILE`, the text on stdout."""

import os
import sys

from elevenlabs import ElevenLabs

client = ElevenLabs(api_key=os.environ["ELEVENLABS_API_KEY"], base_url=os.environ["ELEVENLABS_BASE_URL"], timeout=600)
with open(sys.argv[1], "rb") as recording:
    print(client.speech_to_text.convert(model_id="scribe_v2", file=recording).text)
