"""The files of an index as what they hold: each opened when it is first needed, and mapped into memory.

Opening costs the same for a thousand documents and for ten million.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from semhash import codes
from semhash.analysis.analyzer import Analyzer
from semhash.analysis.questions import QuestionAnalyzer
from semhash.autoencoder.decoder import Decoder
from semhash.autoencoder.encoder import Encoder
from semhash.catalogue import Catalogue
from semhash.errors import IndexDamagedError, IndexFolderError
from semhash.hamming_table import MAX_TABLE_BITS, HammingTable
from semhash.learned.novelty import NoveltyScale
from semhash.lookup.code_scan import CodeScan
from semhash.lookup.neighbours import AddressLookup, Prober
from semhash.once import once
from semhash.ranking import TermIndex
from semhash.ranking.postings import Postings
from semhash.store import IndexFolder
from semhash.store.damage import damage_told
from semhash.store.manifest import Manifest
from semhash.vocabulary import Counts, Lexicon, WordLists

__all__ = ["OpenedIndex"]


class OpenedIndex:
    """The parts of an index; `semhash.index.Index` asks them.

    Many threads may ask at once. Each part is made once, by the thread that asks for it first, and is only read from
    then on, but for what is kept to save time.

    Parameters
    ----------
    folder : IndexFolder
        The opened folder.
    compiled : bool or None
        Whether what it is asked is compiled: when it is opened, never, or, with None, once it has paid; see
        `semhash.kernels`.
    """

    def __init__(self, folder: IndexFolder, compiled: bool | None = None) -> None:
        self.folder = folder
        self._compiled = compiled

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files. What other threads are asking is answered, or ends in `IndexClosedError`."""
        self.folder.close()
        if "catalogue" in self.__dict__:
            self.catalogue.close()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Tell of numbers that do not fit together, and of an index that was closed.

        Raises
        ------
        IndexClosedError
            It was closed, now or meanwhile.
        IndexDamagedError
            A file is missing or altered: see `semhash.store.damage`.
        """
        self.folder.check_open()
        try:
            with damage_told(self.path):
                yield
        except IndexDamagedError:
            self.folder.check_open()  # what was closed meanwhile may be gone, which is no damage
            raise

    @property
    def manifest(self) -> Manifest:
        """What the index was made with."""
        return self.folder.manifest

    @property
    def path(self) -> Path:
        """The index folder."""
        return self.folder.path

    @property
    def bits(self) -> int:
        """Width of the codes."""
        return self.manifest.bits

    def __len__(self) -> int:
        return self.manifest.n_documents

    def _array(self, name: str, dtype: DTypeLike, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """Map an array as a plain one: numpy.memmap pays for its subclass at every read."""
        return np.asarray(self.folder.array(name, dtype, shape))

    @once
    def vocabulary(self) -> dict[str, int]:
        """The coded words, each with its column in the counts, most frequent first."""
        return {word: column for column, word in enumerate(self._words.words)}

    @once
    def stop_words(self) -> frozenset[str]:
        """The terms that codes are not learned from."""
        return frozenset(self._words.stop_words or ())

    @once
    def _words(self) -> WordLists:
        found: WordLists = self.folder.json("vocabulary.json", WordLists)
        return found

    @property
    def has_model(self) -> bool:
        """Whether it can encode texts: not where its codes were imported."""
        return self.manifest.has_model

    def check_model(self) -> None:
        """Refuse what needs a model where there is none.

        Raises
        ------
        IndexFolderError
            The codes were imported.
        """
        if not self.has_model:
            raise IndexFolderError(
                f"{self.path}: expected a model, found codes that were imported: nothing here encodes a text as they "
                "were made; ask by a document with: semhash similar ID, or by words with: semhash query TEXT --rank "
                "bm25"
            )

    @once
    def encoder(self) -> Encoder:
        """The trained encoder.

        Raises
        ------
        IndexFolderError
            There is none, since the codes were imported.
        """
        self.check_model()
        file = self.folder.file("model.safetensors")
        return Encoder.load(file, len(self.vocabulary), self.manifest.config.model)

    @once
    def decoder(self) -> Decoder:
        """The trained decoder; as `encoder`."""
        self.check_model()
        file = self.folder.file("model.safetensors")
        return Decoder.load(file, len(self.vocabulary), self.manifest.config.model)

    @once
    def novelty_scale(self) -> NoveltyScale | None:
        """How unusual texts of each length are, where the index says so."""
        return NoveltyScale.read(self.folder)

    @once
    def codes(self) -> NDArray[np.uint8]:
        """The documents' codes, packed as in `semhash.codes`, shape (n_documents, n_bytes)."""
        return self._array("codes.npy", np.uint8, (len(self), codes.n_bytes(self.bits)))

    @once
    def lookup(self) -> AddressLookup:
        """The Hamming-address table; the FAISS index when codes are too wide for a table."""
        if self.bits <= MAX_TABLE_BITS:
            offsets = self._array("table-offsets.npy", np.unsignedinteger, (2**self.bits + 1,))
            rows = self._array("table-rows.npy", np.unsignedinteger, (self._n_addressed,))
            return HammingTable(offsets, rows, self.bits, self._compiled)
        from semhash.binary_index import BinaryIndex, rows_in

        # Made from the codes, in the time that FAISS takes to read it: its reader is not meant for any file.
        rows = rows_in(self.folder.file("faiss.index"), self._n_addressed, len(self))
        return BinaryIndex.build(np.asarray(self.codes)[rows], self.bits, rows)

    @once
    def prober(self) -> Prober:
        """The same documents by cost: the table; every code when they are too wide for one."""
        if isinstance(self.lookup, HammingTable):
            return self.lookup
        every = self.manifest.n_unaddressed == 0
        return CodeScan(self.codes, self.bits, None if every else np.sort(self.lookup.rows))

    @property
    def _n_addressed(self) -> int:
        return len(self) - self.manifest.n_unaddressed

    @once
    def lexicon(self) -> Lexicon:
        """Every word of the corpus."""
        letters = self._array("lexicon-letters.npy", np.uint8, (None,))
        return Lexicon(letters, self._array("lexicon-offsets.npy", np.int64, (self._n_words + 1,)))

    @once
    def forms(self) -> Lexicon:
        """Each term as it was written most often: what is shown of it."""
        letters = self._array("forms-letters.npy", np.uint8, (None,))
        return Lexicon(letters, self._array("forms-offsets.npy", np.int64, (self._n_words + 1,)))

    def shown(self, terms: Iterable[int]) -> list[str]:
        """Give some terms as they were written most often."""
        return [self.forms.word(term) for term in terms]

    def shown_words(self, words: Iterable[str]) -> list[str]:
        """Give some terms of the lexicon, named by their letters, as they were written most often."""
        found = [(word, self.lexicon.term(word)) for word in words]
        return [word if term is None else self.forms.word(term) for word, term in found]

    @once
    def compounds(self) -> dict[tuple[str, str, str], tuple[str, ...]]:
        """What was found by `semhash.asking.compounds`: to look through the lexicon takes longer than a query."""
        return {}

    @once
    def language_numbers(self) -> NDArray[np.uint8]:
        """The language of each document, by its number, shape (n_documents,)."""
        return self._array("languages.npy", np.uint8, (len(self),))

    @once
    def analyzer(self) -> QuestionAnalyzer:
        """What makes terms of a question as it did of the documents."""
        text = self.manifest.config.text
        return QuestionAnalyzer(Analyzer(text.language, text.stop_words), self.manifest.languages)

    @property
    def _n_words(self) -> int:
        return self.manifest.n_words

    @once
    def term_index(self) -> TermIndex:
        """The counts over the whole lexicon."""
        array = self._array
        indptr = array("counts-indptr.npy", np.int64, (len(self) + 1,))
        n_entries = int(indptr[-1])
        counts = Counts(
            indptr,
            array("counts-indices.npy", np.int32, (n_entries,)),
            array("counts-data.npy", np.unsignedinteger, (n_entries,)),
            self._n_words,
        )
        frequency = array("document-frequency.npy", np.int32, (self._n_words,))
        return TermIndex(counts, frequency, array("norms.npy", np.float32, (len(self),)))

    @once
    def postings(self) -> Postings:
        """The same counts by word."""
        return Postings.open(self.folder, self._compiled)

    @once
    def catalogue(self) -> Catalogue:
        """The documents themselves."""
        return Catalogue.open(self.folder.file("catalogue.sqlite"))
