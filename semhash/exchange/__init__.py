"""To other programs and from them: documents and codes in files, and indexes of codes made elsewhere."""
