"""Music: chords, a tune and a beat, chosen by the words of a prompt or of a composition plan."""
