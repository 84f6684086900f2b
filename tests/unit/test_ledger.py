from dataclasses import replace
from pathlib import Path

import pytest

from semhash.catalogue.ledger import Ledger, SourceFile
from semhash.corpus.document import Skipped, SkipReason

FILES = [SourceFile(0, "a.txt", 9, 1, b"x", 0, 2), SourceFile(0, "b.txt", 9, 1, b"x", 2, 0)]
OF_MORE = SourceFile(1, "/c.txt", 9, 1, b"x", 2, 3)
BLANK = Skipped("b.txt", SkipReason.EMPTY, "")
SOUND = Ledger([Path("/corpus"), Path("/c.txt")], [*FILES, OF_MORE], [], [(BLANK, 1), (BLANK, None)])


@pytest.mark.parametrize(
    ("ledger", "told"),
    [
        (
            replace(SOUND, files=[*FILES, replace(OF_MORE, first_row=3)]),
            "'/c.txt' with the rows .* row 2 is next",
        ),
        (replace(SOUND, files=[*FILES, replace(OF_MORE, n_documents=2**60)]), "with the rows"),
        (replace(SOUND, files=[*FILES, replace(OF_MORE, n_documents=-1)]), "with the rows"),
        (replace(SOUND, files=FILES), "files of 2 documents, where there are 5"),
        (replace(SOUND, files=[*FILES, replace(OF_MORE, root=2)]), "below a root that is none of 2"),
        (replace(SOUND, skipped=[(BLANK, 3)]), "something of file 3"),
        (Ledger([], []), "no corpus"),
    ],
)
def test_a_ledger_that_is_not_of_the_documents_is_told_of(ledger: Ledger, told: str) -> None:
    SOUND.check(5)
    with pytest.raises(ValueError, match=told):
        ledger.check(5)
