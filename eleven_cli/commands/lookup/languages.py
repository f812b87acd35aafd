"""Languages by the codes that the service takes; a name is answered with its code."""

import re

from eleven_cli.errors import UsageError
from eleven_cli.suggestions import near

_CODE = re.compile(r"[a-z]{2,3}")
_WITH_REGION = re.compile(r"([a-z]{2,3})[-_]([a-z]{2,4}|\d{3})")
_SEVERAL = re.compile(r"[a-z]{2,3}(?:[\s,;/+|]+[a-z]{2,3})+")
_CODES = {
    "afrikaans": "af", "albanian": "sq", "arabic": "ar", "armenian": "hy", "assamese": "as", "azerbaijani": "az",
    "basque": "eu", "belarusian": "be", "bengali": "bn", "bosnian": "bs", "bulgarian": "bg", "cantonese": "yue",
    "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs", "danish": "da", "dansk": "da", "deutsch": "de",
    "dutch": "nl", "english": "en", "español": "es", "estonian": "et", "farsi": "fa", "filipino": "fil",
    "finnish": "fi", "français": "fr", "french": "fr", "galician": "gl", "georgian": "ka", "german": "de",
    "greek": "el", "gujarati": "gu", "hausa": "ha", "hebrew": "he", "hindi": "hi", "hungarian": "hu",
    "icelandic": "is", "indonesian": "id", "irish": "ga", "italian": "it", "italiano": "it", "japanese": "ja",
    "javanese": "jv", "kannada": "kn", "kazakh": "kk", "khmer": "km", "korean": "ko", "kurdish": "ku", "kyrgyz": "ky",
    "lao": "lo", "latin": "la", "latvian": "lv", "lithuanian": "lt", "luxembourgish": "lb", "macedonian": "mk",
    "malay": "ms", "malayalam": "ml", "maltese": "mt", "mandarin": "zh", "marathi": "mr", "mongolian": "mn",
    "nederlands": "nl", "nepali": "ne", "norsk": "no", "norwegian": "no", "pashto": "ps", "persian": "fa",
    "polish": "pl", "polski": "pl", "portuguese": "pt", "português": "pt", "punjabi": "pa", "romanian": "ro",
    "russian": "ru", "serbian": "sr", "sindhi": "sd", "slovak": "sk", "slovenian": "sl", "somali": "so",
    "spanish": "es", "suomi": "fi", "svenska": "sv", "swahili": "sw", "swedish": "sv", "tagalog": "fil",
    "tamil": "ta", "telugu": "te", "thai": "th", "turkish": "tr", "türkçe": "tr", "ukrainian": "uk", "urdu": "ur",
    "uzbek": "uz", "vietnamese": "vi", "welsh": "cy", "yoruba": "yo", "русский": "ru", "українська": "uk",
    "日本語": "ja", "中文": "zh", "한국어": "ko",
}  # fmt: skip
CODES = sorted(set(_CODES.values()))


def checked_language(word: str | None, *, regions: bool = False, repeats: bool = False) -> str | None:
    """The code as it is sent; None for None. Raises UsageError for what can be none.

    regions   whether pt-br is one, and not only pt;  repeats  whether the option may be given more than once
    """
    if word is None:
        return None
    code = word.strip().lower()
    with_region = _WITH_REGION.fullmatch(code)
    if _CODE.fullmatch(code):
        return code
    if regions and with_region:
        return "-".join(with_region.groups())
    meant = with_region[1] if with_region else _code_of(code)
    if meant:
        raise UsageError(f'unknown language code "{word}". Did you mean {meant}?', hint=f"--language {meant}")
    if _SEVERAL.fullmatch(code):
        each = [f"--language {one}" for one in re.findall(r"[a-z]+", code)]
        raise UsageError(f'--language takes one code, not "{word}"', hint=" ".join(each if repeats else each[:1]))
    raise UsageError(f'unknown language code "{word}"', hint="two or three letters: en, eng (ISO 639)")


def _code_of(name: str) -> str:
    return next((_CODES[found] for found in near(name, _CODES) if name), "")
