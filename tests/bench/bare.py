"""What Python itself needs for the same request: `bare.py VOICE`, audio on stdout, the standard library alone."""

import http.client
import os
import sys

address = os.environ["ELEVENLABS_BASE_URL"].removeprefix("http://")
connection = http.client.HTTPConnection(address)
connection.request(
    "POST",
    f"/v1/text-to-speech/{sys.argv[1]}/stream?output_format=mp3_44100_128",
    b'{"text":"hi"}',
    {"xi-api-key": os.environ["ELEVENLABS_API_KEY"], "Content-Type": "application/json"},
)
response = connection.getresponse()
while chunk := response.read1(65536):
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
