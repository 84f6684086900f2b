"""Files read, and their words numbered, by processes beside this one.

What comes of it is, to the bit, what comes of reading them here.
"""
