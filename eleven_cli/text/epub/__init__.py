"""EPUB: an electronic book, from its zip archive to chapters of text. Pure."""
