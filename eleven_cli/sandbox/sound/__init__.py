"""Audio: the synthesizer, codecs, uploaded media and measurements."""
