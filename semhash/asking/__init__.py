"""From what a person asks to what is shown: a question's signs and words, filters, rows made hits with their passages.

`grammar` says what signs there are, `reader` makes of a text what is asked, with `restriction` for who may be found and
`suggestions` for words that no document has; `choosing` goes down a ranking to k hits, and `hits` shows them.
"""
