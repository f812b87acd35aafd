"""`eleven stt --live`: from a microphone, a pipe or a file to lines, as they are said."""
