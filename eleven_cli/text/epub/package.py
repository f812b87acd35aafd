"""EPUB: which documents a book has, and their order, from its container and its package. Pure.

Both are read as leniently as pages are: prefixes, the case of names, and what is not well-formed do not matter.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from eleven_cli.text.epub.archive import CONTAINER, Archive, BadBook, BadDocument
from eleven_cli.text.html.tokens import Start, tokens

PAGE_SUFFIXES = (".xhtml", ".html", ".htm", ".xht")
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_SCRAMBLING = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#rc"}
_PACKAGE_TYPE = "application/oebps-package+xml"
_NCX = "application/x-dtbncx+xml"
_DIGITS = re.compile(r"(\d+)")
_MOST_FALLBACKS = 10


class Reference(NamedTuple):
    """A document where the reading order names it.

    id     what it is named by
    href   where it says that it lies
    name   where it lies in the archive, "" for nowhere
    """

    id: str
    href: str
    name: str
    media_type: str
    is_linear: bool


class Package(NamedTuple):
    """order     of the documents
    contents  where the table of contents may be, the best first
    flaw      what is wrong with the package itself, "" mostly
    """

    order: list[Reference]
    contents: list[str]
    flaw: tuple[str, str] | None = None


class _Item(NamedTuple):
    id: str
    href: str
    media_type: str
    properties: frozenset[str]
    fallback: str


def package_of(archive: Archive) -> Package:
    """What the book says of itself. Raises BadBook where it says nothing and there is nothing else to go by."""
    name = _package_name(archive)
    if not name:
        return _by_names(archive)
    try:
        starts = [token for token in tokens(archive.text(name)) if isinstance(token, Start)]
    except BadDocument as bad:
        return _by_names(
            archive, (name, f"cannot be read ({bad}): its documents are taken in the order of their names")
        )
    items = [_item(start.attributes) for start in starts if start.name == "item"]
    order = _order(archive, posixpath.dirname(name.replace("\\", "/")), items, starts)
    if not order:
        return _by_names(archive, (name, "names no documents: they are taken in the order of their names"))
    base = posixpath.dirname(name.replace("\\", "/"))
    contents = [item.href for item in items if "nav" in item.properties]
    contents += [item.href for item in items if item.media_type == _NCX or item.href.lower().endswith(".ncx")]
    return Package(order, [found for href in contents if (found := archive.linked(base, href))])


def refuse_protected(archive: Archive, package: Package) -> None:
    """Raises BadBook where the documents themselves are encrypted; fonts may be."""
    try:
        found = archive.find(posixpath.join(archive.root, _ENCRYPTION))
        markup = archive.text(found) if found else ""
    except BadDocument:
        return
    documents = {reference.name for reference in package.order if reference.name}
    for method, name in _encrypted(archive, markup):
        if method.lower() not in _FONT_SCRAMBLING and name in documents:
            raise BadBook("is protected against copying (DRM)")


def _encrypted(archive: Archive, markup: str) -> Iterator[tuple[str, str]]:
    """How each file is encrypted, and its name."""
    method = ""
    for token in tokens(markup):
        if not isinstance(token, Start):
            continue
        if token.name == "encrypteddata":
            method = ""
        elif token.name == "encryptionmethod":
            method = method or _get(token.attributes, "algorithm")
        elif token.name == "cipherreference":
            yield method, archive.linked(archive.root, _get(token.attributes, "uri"))


def _package_name(archive: Archive) -> str:
    """Where the package lies: as the container says, else where one is found."""
    container = archive.find(posixpath.join(archive.root, CONTAINER))
    try:
        markup = archive.text(container) if container else ""
    except BadDocument as bad:
        if not any(name.lower().endswith((".opf", *PAGE_SUFFIXES)) for name in archive):
            raise BadBook(f"is damaged: {container} is {bad}") from None
        markup = ""
    roots = [token.attributes for token in tokens(markup) if isinstance(token, Start) and token.name == "rootfile"]
    roots.sort(key=lambda root: _plain_type(_get(root, "media-type")) not in (_PACKAGE_TYPE, ""))
    named = [archive.linked(archive.root, _get(root, "full-path")) for root in roots]
    packages = sorted((name for name in archive if name.lower().endswith(".opf")), key=lambda name: name.count("/"))
    return next(iter([*filter(None, named), *packages]), "")


def _order(archive: Archive, base: str, items: list[_Item], starts: list[Start]) -> list[Reference]:
    by_id = {item.id: item for item in reversed(items)}
    by_href = {item.href.partition("#")[0]: item for item in reversed(items)}
    order = []
    for start in starts:
        if start.name != "itemref":
            continue
        id = _get(start.attributes, "idref").strip()
        item = by_id.get(id) or by_href.get(id)
        is_linear = _get(start.attributes, "linear").strip().lower() != "no"
        if item is None:
            order.append(Reference(id, id, "", "", is_linear))
        else:
            order.append(_reference(archive, base, _readable(item, by_id), is_linear=is_linear))
    if not order:
        pages = [item for item in items if _is_page(item) and "nav" not in item.properties]
        order = [_reference(archive, base, item, is_linear=True) for item in pages]
    if not any(reference.is_linear for reference in order):
        order = [reference._replace(is_linear=True) for reference in order]
    return order


def _reference(archive: Archive, base: str, item: _Item, *, is_linear: bool) -> Reference:
    return Reference(item.id, item.href, archive.linked(base, item.href), item.media_type, is_linear)


def _readable(item: _Item, by_id: Mapping[str, _Item]) -> _Item:
    """The item, or what stands for it where it is no page."""
    candidate = item
    for _ in range(_MOST_FALLBACKS):
        if _is_page(candidate):
            return candidate
        if not candidate.fallback or candidate.fallback not in by_id:
            break
        candidate = by_id[candidate.fallback]
    return item


def _by_names(archive: Archive, flaw: tuple[str, str] | None = None) -> Package:
    names = sorted((name for name in archive if name.lower().endswith(PAGE_SUFFIXES)), key=_naturally)
    if not names and flaw:
        raise BadBook(f"is damaged: {flaw[0]} names no documents")
    if not names:
        is_book = archive.find(posixpath.join(archive.root, CONTAINER))
        raise BadBook("is damaged: it has no package" if is_book else f"is not an EPUB: it has no {CONTAINER}")
    if not flaw:
        flaw = (CONTAINER, "names no package: the documents are taken in the order of their names")
    contents = [name for name in archive if name.lower().endswith(".ncx")]
    return Package([Reference(name, name, name, "", True) for name in names], contents, flaw)


def _naturally(name: str) -> list[tuple[int, str]]:
    """What sorts c2 before c10."""
    return [(int(part[:15]), part) if part.isdecimal() else (-1, part.lower()) for part in _DIGITS.split(name)]


def _item(attributes: Mapping[str, str]) -> _Item:
    return _Item(
        _get(attributes, "id").strip(),
        _get(attributes, "href").strip(),
        _plain_type(_get(attributes, "media-type")),
        frozenset(_get(attributes, "properties").lower().split()),
        _get(attributes, "fallback").strip(),
    )


def _is_page(item: _Item) -> bool:
    return "html" in item.media_type or item.href.partition("#")[0].lower().endswith(PAGE_SUFFIXES)


def _plain_type(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _get(attributes: Mapping[str, str], name: str) -> str:
    """The attribute, also where it has a prefix; "" for none."""
    if name in attributes:
        return attributes[name]
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")
