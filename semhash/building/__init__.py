"""What building and updating an index share: from the files of a corpus to a generation in its folder.

::

    reading_plan -> collecting -> collection -> generation
    standing, changes: what the generation before has, and what is different from it
"""
