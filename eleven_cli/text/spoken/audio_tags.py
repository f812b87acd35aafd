"""Audio tags: what models that act make of words in square brackets, such as `[whispers]`. Pure.

Source: the vendor's lists for v3 and v4, and what people write in their manner.
"""

import re
from collections.abc import Iterator
from functools import lru_cache


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ACTED = _words(
    # what is heard
    "laugh chuckle giggle cackle snicker snort sigh exhale inhale breathe gasp gulp swallow cough sneeze"
    " sniff sniffle sob cry weep wail groan moan grunt growl whimper whisper shout yell scream shriek"
    " mutter mumble murmur sing hum whistle yawn stammer stutter pause wheeze hiccup burp applaud clap"
    " interrupt overlap"
    # moods
    " angry annoyed anxious ashamed amused awe bitter bored calm casual cautious cheerful cold concerned"
    " confident confused curious dazed deadpan defeated desperate determined disappointed disgusted"
    " dramatic dreamy eager elated embarrassed emotional empathetic emphatic enthusiastic evil excited"
    " exasperated exhausted fearful flustered frightened frustrated furious gentle gloomy grateful happy"
    " hesitant hopeful hurt impatient impressed indifferent intense intrigued ironic irritated jealous"
    " joyful loving lonely melancholic menacing mischievous mocking monotone mysterious nervous nostalgic"
    " optimistic painful panicked passionate pensive playful pleading professional proud puzzled"
    " questioning reassuring regretful relaxed relieved reluctant resigned robotic sad sarcastic sardonic"
    " scared serious sheepish shocked shy sincere sleepy smug solemn sorrowful soothing stern stressed"
    " surprised suspicious sympathetic tender terrified thoughtful timid tired uncertain upset urgent warm"
    " wary weary whimsical wistful wonder worried"
    # manners
    " loud quiet soft slow fast quick rapid rushed flat hushed breathless hoarse trembling shaky drawn"
    " trailing"
    # sounds
    " throat applause clapping gunshot explosion thunder fart woo laughter silence footsteps breath"
    " breaths breathing tears voice tone accent whispering singing sobs chuckling"
)
_WITH = _words(
    "a an and at in into of on out to up with then very more less bit little slight slightly deep deeply"
    " heavy heavily hard harder harsh light lightly long short strong thick big small sudden suddenly"
    " brief briefly soft low high start starts starting stop stops stopping begin begins beginning"
    " continue continues clear clears clearing belly genuine build builds building take takes taking hold"
    " holds holding his her their under own nervous dry back speak speaks speaking spoken sound sounds"
    " sounding voice tone dramatic british american english french german italian spanish russian irish"
    " scottish australian indian chinese japanese korean southern pirate new york tightly off"
)
_PHRASE = re.compile(r"[^\W\d_]+(?:[ ,'’-]+[^\W\d_]+)*[!.…]*")
_WORD = re.compile(r"[^\W\d_]+")
_ENDINGS = ("s", "es", "ed", "ing", "ly", "ally", "fully")  # laughs, gasped, whispering, sadly
_CHANGED = (("ily", "y"), ("ies", "y"), ("ied", "y"), ("y", "e"), ("ing", "e"), ("ed", "e"))  # angrily, cries, gently


@lru_cache(maxsize=1024)
def is_audio_tag(words: str) -> bool:
    """Whether the words of a bracket are a tag that is known: a sound, a mood or a manner, and what goes with it."""
    found = _WORD.findall(words.lower()) if _PHRASE.fullmatch(words) else []
    acted = [any(stem in _ACTED for stem in _stems(word)) for word in found]
    return any(acted) and all(known or word in _WITH for word, known in zip(found, acted, strict=True))


def _stems(word: str) -> Iterator[str]:
    yield word
    for ending in _ENDINGS:
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield stem
            yield stem[:-1]  # humming
    for ending, instead in _CHANGED:
        if word.endswith(ending):
            yield word.removesuffix(ending) + instead
