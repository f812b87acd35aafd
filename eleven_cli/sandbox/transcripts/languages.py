"""The languages that can be asked for, by their codes in ISO 639-1 and 639-3."""

from __future__ import annotations

from collections.abc import Iterable

from ..hearing.transcription import Word

USUAL = "en"
_PAIRS = """
af:afr am:amh ar:ara as:asm az:aze be:bel bg:bul bn:ben bs:bos ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng es:spa
et:est fa:fas ff:ful fi:fin fr:fra ga:gle gl:glg gu:guj ha:hau he:heb hi:hin hr:hrv hu:hun hy:hye id:ind ig:ibo is:isl
it:ita ja:jpn jv:jav ka:kat kk:kaz km:khm kn:kan ko:kor ku:kur ky:kir lb:ltz lg:lug ln:lin lo:lao lt:lit lv:lav mi:mri
mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya ne:nep nl:nld no:nor ny:nya oc:oci or:ori pa:pan pl:pol ps:pus pt:por
ro:ron ru:rus sd:snd si:sin sk:slk sl:slv sn:sna so:som sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel tg:tgk th:tha tr:tur
uk:ukr ur:urd uz:uzb vi:vie wo:wol xh:xho yo:yor yue:yue zh:zho zu:zul ast:ast ceb:ceb fil:fil luo:luo kea:kea nso:nso
"""
_LONG = dict(pair.split(":") for pair in _PAIRS.split())
_SHORT = {long: short for short, long in _LONG.items()}


def is_language(code: str) -> bool:
    return code.lower() in _LONG or code.lower() in _SHORT


def long_code(code: str) -> str:
    """Gives the three-letter code of a known language."""
    return _LONG.get(code.lower(), code.lower())


def short_code(code: str) -> str:
    """Gives the two-letter code of a known language, if there is one."""
    return _SHORT.get(code.lower(), code.lower())


def main_language(words: Iterable[Word]) -> str:
    """Gives the two-letter code of the language of most recognized words; English without any."""
    languages = [word.language for word in words if word.known]
    return max(set(languages), key=lambda one: (languages.count(one), one == USUAL)) if languages else USUAL
