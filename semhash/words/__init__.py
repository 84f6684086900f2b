"""Words: counted in one pass, weighed, put together with counts that are there, and those too common left out.

`semhash.text` cuts them out of a text, and `semhash.vocabulary` holds counts of them.
"""
