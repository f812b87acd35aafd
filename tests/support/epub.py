"""Books as EPUB files, sound and flawed."""

import io
import zipfile

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""


STORY = "It was a dark and stormy night, and nobody was there."


def xhtml(body, head="", declaration='<?xml version="1.0" encoding="utf-8"?>'):
    return f"""{declaration}<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"
    xmlns:epub="http://www.idpf.org/2007/ops"><head><title>No title</title>{head}</head><body>{body}</body></html>"""


def opf(names, linear=None, extra="", spine_extra=""):
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(names)
    )
    order = "".join(f'<itemref idref="i{n}" linear="{(linear or {}).get(n, "yes")}"/>' for n in range(len(names)))
    return f"""<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>{items}{extra}
    </manifest><spine>{order}{spine_extra}</spine></package>"""


def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def book(documents, files=None, **package):
    inside = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER}
    inside |= {"OEBPS/book.opf": opf(list(documents), **package)}
    inside |= {f"OEBPS/{name}": text for name, text in documents.items()}
    return zipped(inside | (files or {}))


def with_nav(documents, links, **more):
    items = "".join(f'<li><a href="{href}">{title}</a></li>' for href, title in links)
    nav = xhtml(
        f'<nav epub:type="toc"><h1>Contents</h1><ol>{items}</ol></nav>'
        '<nav epub:type="landmarks"><ol><li><a href="a.xhtml">Start</a></li></ol></nav>'
    )
    extra = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    return book(documents, {"OEBPS/nav.xhtml": nav}, extra=extra, spine_extra='<itemref idref="nav"/>', **more)


PLAIN = {"a.xhtml": xhtml(f"<p>{STORY}</p>")}


ALGORITHMS = {"font": "http://www.idpf.org/2008/embedding", "aes": "http://www.w3.org/2001/04/xmlenc#aes256-cbc"}


def encryption(algorithm, name):
    return f"""<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
    xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod
    Algorithm="{ALGORITHMS[algorithm]}"/><enc:CipherData><enc:CipherReference URI="OEBPS/{name}"/></enc:CipherData>
    </enc:EncryptedData></encryption>"""


ITEM = '<item id="{id}" href="{href}" media-type="application/xhtml+xml"/>'


MORE = "And then there was light, and everybody could see it."


TWO = {"a.xhtml": xhtml(f"<h1>One</h1><p>{STORY}</p>"), "b.xhtml": xhtml(f"<h1>Two</h1><p>{MORE}</p>")}


def places(*places, order=None):
    """A package whose manifest names places in documents."""
    items = "".join(ITEM.format(id=f"i{at}", href=href) for at, href in enumerate(places))
    spine = "".join(f'<itemref idref="i{at}"/>' for at in (range(len(places)) if order is None else order))
    return f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>"
