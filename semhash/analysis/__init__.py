"""From text to terms, for documents and questions alike.

A text is cut into *tokens* as it is read (`tokens`), and each different token is worked out once: into the *written
words* that it stands for (`spelling`), and each of these into *terms* by the language of its document
(`analyzer`: stems, then folding). Terms are what is counted, looked up and learned; nothing else has them shown.

::

    questions              a question: its terms and what each weighs
    analyzer   detection   terms of a token in a language; which language a text is in
    stemming   spelling    stems by Snowball; X-ray, getUserName, C++
    tokens     folding     runs of characters, pairs of those without spaces; marks and letter variants
    languages  stopwords   what there is for which language
"""
