"""Documents that are no plain text."""

import io
import zipfile

PAGE = "<h1>Head</h1><p>One<br>two <b>bo</b>ld.</p><script>x()</script><ul><li>a</li><li>b</li></ul>"


SRT = (
    "1\n00:00:01,000 --> 00:00:02,000\n<i>One</i> and\ntwo.\n\n"
    "2\n00:00:02,000 --> 00:00:04,500 X1:1 X2:2\n{\\an8}Three &amp;\n\n3\n00:00:05,000 --> 00:00:06,000\nfour.\n"
)


def zipped(*names, mimetype=""):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in (["mimetype"] if mimetype else []) + list(names):
            archive.writestr(name, mimetype if name == "mimetype" else "x")
    return data.getvalue()
