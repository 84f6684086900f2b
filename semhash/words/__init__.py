"""Words: counted in one pass, weighed, put together with counts that are there.

`semhash.analysis` makes terms of a text, and `semhash.vocabulary` holds counts of them.
"""
