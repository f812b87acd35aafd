"""HTML and XHTML: from the bytes of a document to the paragraphs that are to be read. Pure."""
