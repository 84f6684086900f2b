"""Why a text has its code, what the code says, and why a document was found."""
