"""Valid inputs of each kind, short enough to be changed much."""

import base64
import io
import json
import struct
import zipfile
from functools import cache

import av

from eleven_cli.audio.codecs.wav import WavHeader
from tests.support import mutations as bodies
from tests.support.encoded_audio import by_lame, by_muxer, by_sandbox, tone

SECONDS = 0.1


def as_json(*values: object) -> tuple[bytes, ...]:
    return tuple(json.dumps(value).encode() for value in values)


@cache
def mp3() -> tuple[bytes, ...]:
    samples = tone(SECONDS, 22050)
    made = (by_muxer("mp3_22050_32", samples), by_sandbox("mp3_22050_32", samples), by_lame("mp3_22050_32", samples))
    return (*made, made[0] + b"TAG".ljust(128, b"x"), b"ID3\4\0\0\0\0\0\x05abcde" + made[2])


@cache
def ogg() -> tuple[bytes, ...]:
    samples = tone(SECONDS, 48000)
    return by_muxer("opus_48000_64", samples), by_sandbox("opus_48000_64", samples)


@cache
def wav() -> tuple[bytes, ...]:
    samples = tone(SECONDS, 8000).tobytes()
    kinds = [("s16", 1), ("u8", 2), ("s24", 1), ("f32", 2), ("alaw", 1)]
    heads = [WavHeader(8000, channels, sample, len(samples)).to_bytes() for sample, channels in kinds]
    listed = heads[0][:36] + b"LIST" + struct.pack("<I", 16) + b"INFOINAM\4\0\0\0\xe9t\xe9\0" + heads[0][36:]
    long = b"RF64" + heads[0][4:12] + b"ds64" + struct.pack("<IQQQI", 28, 99, len(samples), 9, 0) + heads[0][12:]
    return tuple(head + samples for head in (*heads, listed, long))


@cache
def flac() -> tuple[bytes, ...]:
    file, samples = io.BytesIO(), tone(SECONDS, 16000)
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=16000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return (file.getvalue(),)


PAGE = b"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title><style>p{}</style></head>
<body><h1 id="t">Title</h1><p class=x>Some <b>words</b>, an <a href="#n1" epub:type="noteref">1</a> &amp; more.<br>Rest
<ul><li>one<li>two</ul><table><tr><td>a<td>b</table><aside id="n1" epub:type="footnote">1 A note.</aside>
<!-- hidden --><![CDATA[x]]><ruby>a<rt>b</rt></ruby><img alt="A" src=x>
<p>R<span>est</span> &#8212; &eacute;.</body></html>"""

MARKDOWN = b"""---
title: A text
---
# One

Some *words*, `code`, **bold** and [a link](http://x.example "t")[^1]. ![picture](a.png)

> A quote
> - with a list
>   1. in it

```python
x = 1
```

| a | b |
|---|---|
| 1 | 2 |

<div><p>HTML &amp; more</p></div>

[ref]: http://x.example
[^1]: A note.

Two
===
~~gone~~ $x^2$ <!-- hidden --> \\* &copy; :smile: ==mark== text[ref].
"""

SRT = (
    b"1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i> &amp; you.\r\n\r\n"
    b"2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}And\r\nmore.\r\n\r\n"
)
VTT = (
    b"WEBVTT - title\n\nSTYLE\n::cue {}\n\nNOTE hm\n\n1\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hi<00:01.500> "
    b"there\n\n00:03.000 --> 00:04.000\n- One\n- Two\n"
)

PLS = b"""<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en">
<lexeme><grapheme>WCAG</grapheme><grapheme>wcag</grapheme><alias>W C A G</alias></lexeme>
<lexeme><grapheme>tomato</grapheme><phoneme>x</phoneme></lexeme><!-- c --></lexicon>"""
WORDS = b'# words\nWCAG=W C A G\n"a = b" = "c"\nNew York = NY\n'

SETTINGS = b"""# mine
voice = "George"
retries = 3
timeout = 2.5
base_url = "https://x.example"
[lexicon]
WCAG = "W C A G"
[profiles.work]
region = "eu"
api_key = "sk_x"
lexicon = {a = "b"}
[profiles]
home = {voice = 'Ann', max_credits = 5}
"""

AGENTS = b"""[[agents]]
id = "pizza"
name = "Pizza line"
first_message = "Hi {{name}}"
voice = "George"
overrides = ["prompt"]
variables = {name = "Ann", size = 3}
tags = ["a"]
idle_s = 3.5
text_only = true
[[agents.replies]]
pattern = 'pizza|(\\w+)'
tool = "order"
parameters = {a = 1, b = [1, {c = "d"}]}
reply = \"\"\"
Yes.\"\"\"
[[agents.replies]]
pattern = "fail"
fail = "1008:value_error:No."
[[agents]]
id = "other"
name = "Other"
"""

CONTAINER = """<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>"""
PACKAGE = """<package xmlns:dc="d"><metadata><dc:title>T</dc:title></metadata><manifest>
<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="n" href="n.xhtml" properties="nav"/>
<item id="c" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>
<spine toc="c"><itemref idref="a"/></spine></package>"""
NAV = '<html><nav epub:type="toc"><ol><li><a href="a.xhtml#t">One</a></li></ol></nav></html>'
NCX = '<ncx><navMap><navPoint><navLabel><text>One</text></navLabel><content src="a.xhtml"/></navPoint></navMap></ncx>'


def epub(
    page: bytes, *, method: int = zipfile.ZIP_STORED, package: str = PACKAGE, nav: str = NAV, ncx: str = NCX
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        for name, content in (("b.opf", package), ("a.xhtml", page), ("n.xhtml", nav), ("toc.ncx", ncx)):
            archive.writestr(name, content)
    return file.getvalue()


@cache
def epubs() -> tuple[bytes, ...]:
    return epub(PAGE), epub(PAGE, method=zipfile.ZIP_DEFLATED), epub(PAGE, nav="<p>")


def lines(*values: object) -> tuple[bytes, ...]:
    whole = b"\n".join(as_json(*values))
    return whole, b"data: " + whole.replace(b"\n", b"\n\ndata: ") + b"\n"


TIMED = bodies.TIMED | {"audio_base64": base64.b64encode(mp3()[1][:700]).decode()}
