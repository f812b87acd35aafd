"""Sound itself: the synthesiser, the codecs, uploaded media, and what can be measured of a sound."""
