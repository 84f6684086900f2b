"""Reasons from an opened index: what drives each bit, what the bits say, and what a hit shares."""

import numpy as np
from numpy.typing import NDArray

from semhash.analysis.analyzer import is_exact
from semhash.asking.questions import Asked, by_document, by_text, n_words, novelty_of
from semhash.autoencoder.attribution import contributions
from semhash.autoencoder.bit_meanings import flip_effects, top_words
from semhash.autoencoder.layers import sigmoid
from semhash.index import Index
from semhash.learned.novelty import Novelty
from semhash.once import once
from semhash.reasons.explanation import BitReason, ExpectedWord, Explanation, HitReason, SharedWord, Weighed
from semhash.vocabulary import Counts

__all__ = ["Explainer"]

_DRIVERS, _MEANINGS, _EXPECTED = 3, 3, 10


class Explainer:
    """Gives reasons for what an index says; many threads may ask one at once.

    Parameters
    ----------
    index : Index
        An opened index.
    """

    def __init__(self, index: Index) -> None:
        self.index = index

    def explain(self, text: str, hit: str | None = None, *, plain: bool = False) -> Explanation:
        """Say why a text has its code, what the code says, and if asked, why a document was found.

        Parameters
        ----------
        text : str
            A few words, or a whole document. Of a question with signs, the words that it looks for: see
            `semhash.asking.grammar`.
        hit : str or None
            The id of a document to hold against it.
        plain : bool
            Take all of the text for words.

        Raises
        ------
        DocumentNotFoundError
            The index holds no document of that id.
        """
        with self.index.asking():
            words = self.index.questions.parsed(text, plain=plain).words
            return self._explained(by_text(self.index, words, name=text), hit)

    def explain_document(self, document_id: str, hit: str | None = None) -> Explanation:
        """Say the same of a document of the index.

        Raises
        ------
        DocumentNotFoundError
            The index holds no document of one of the ids.
        """
        with self.index.asking():
            return self._explained(self._document(document_id), hit)

    def novelty(self, text: str) -> Novelty | None:
        """Say how unlike the training documents a text is.

        Returns
        -------
        Novelty or None
            None where no word of it is in the vocabulary, or where the index has no scale: it is of few
            documents, or was made by an earlier version.
        """
        with self.index.asking():
            return novelty_of(self.index, by_text(self.index, text))

    def novelty_of_document(self, document_id: str) -> Novelty | None:
        """Say the same of a document of the index.

        Raises
        ------
        DocumentNotFoundError
            The index holds no document of that id.
        """
        with self.index.asking():
            return novelty_of(self.index, self._document(document_id))

    @once
    def _vocabulary(self) -> list[str]:
        """The coded words as they are written: stems are shown to nobody."""
        return self.index.shown_words(self.index.vocabulary)

    def _document(self, document_id: str) -> Asked:
        return by_document(self.index, self.index.document(document_id))

    # -- reasons ------------------------------------------------------------------------------------------

    def _explained(self, asked: Asked, hit: str | None) -> Explanation:
        self.index.check_model()
        coded, code = asked.reading.counts, asked.question.encoded.code
        known, activations = len(coded.indices), asked.reading.activations
        values = self._values(activations, code)
        return Explanation(
            query=asked.question.name,
            code=code,
            bits=self.index.bits,
            words=n_words(self.index, asked),
            known=known,
            documents=self._documents_at(code) if known else 0,
            novelty=novelty_of(self.index, asked),
            reasons=self._reasons(coded, code, activations, values) if known else [],
            expected=self._expected(coded, values) if known else [],
            hit=None if hit is None else self._hit(asked.question.terms, code, hit),
        )

    def _values(self, activations: NDArray[np.float32], code: int) -> NDArray[np.float32]:
        """Give what the decoder reads: the bits, or the inputs of units that are linear."""
        if self.index.manifest.config.model.code.kind == "linear":
            return activations
        return np.array([code >> bit & 1 for bit in range(self.index.bits)], dtype=np.float32)

    def _documents_at(self, code: int) -> int:
        return len(self.index.lookup.ball(code, 0))

    def _shares(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.exp(self.index.decoder.log_shares(values))

    def _switches(self, activations: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give the units' values with their bits on and off; a linear unit's other one is as far off the threshold."""
        if self.index.manifest.config.model.code.kind != "linear":
            return np.ones_like(activations), np.zeros_like(activations)
        mirrored = 2 * self.index.encoder.threshold - activations
        return np.maximum(activations, mirrored), np.minimum(activations, mirrored)

    def _reasons(
        self, coded: Counts, code: int, activations: NDArray[np.float32], values: NDArray[np.float32]
    ) -> list[BitReason]:
        added = contributions(self.index.encoder, coded)
        held = [self._vocabulary[column] for column in coded.indices.tolist()]
        changes = flip_effects(self._shares, values, *self._switches(activations))
        probabilities = sigmoid(activations)
        return [
            BitReason(
                bit=bit,
                value=code >> bit & 1,
                probability=float(probabilities[bit]),
                input=float(activations[bit]),
                threshold=float(self.index.encoder.threshold[bit]),
                up=_strongest(added[bit], held, _DRIVERS),
                down=_strongest(-added[bit], held, _DRIVERS, sign=-1),
                more=_strongest(changes[bit], self._vocabulary, _MEANINGS),
                less=_strongest(-changes[bit], self._vocabulary, _MEANINGS, sign=-1),
                flipped=code ^ 1 << bit,
                flipped_documents=self._documents_at(code ^ 1 << bit),
            )
            for bit in range(self.index.bits)
        ]

    def _expected(self, coded: Counts, values: NDArray[np.float32]) -> list[ExpectedWord]:
        shares = self._shares(values[None])[0]
        counts = dict(zip(coded.indices.tolist(), coded.data.tolist(), strict=True))
        terms = list(self.index.vocabulary)
        column_of = self.index.vocabulary
        return [
            ExpectedWord(self._vocabulary[column_of[term]], share, counts.get(column_of[term], 0))
            for term, share in top_words(shares, terms, _EXPECTED)
        ]

    def _contributions(self, terms: Counts, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Give the terms that a text and a document share, and what each adds to the TF-IDF cosine."""
        index = self.index.term_index
        document = index.counts.take(np.array([row]))
        shared, here, there = np.intersect1d(terms.indices, document.indices, True, return_indices=True)
        weights, document_weights = index.weights(terms), index.weights(document)
        lengths = np.linalg.norm(weights) * index.norms[row]
        return shared, np.asarray(weights[here] * document_weights[there] / lengths)

    def _hit(self, asked: Counts, code: int, document_id: str) -> HitReason:
        entry = self.index.document(document_id)
        terms, contributed = self._contributions(asked, entry.row)
        document = self.index.term_index.counts.take(np.array([entry.row]))
        in_text = dict(zip(asked.indices.tolist(), asked.data.tolist(), strict=True))
        in_document = dict(zip(document.indices.tolist(), document.data.tolist(), strict=True))
        shared = [
            SharedWord(self.index.forms.word(term), added, max(1, round(in_text[term])), in_document[term])
            for term, added in zip(terms.tolist(), contributed.tolist(), strict=True)
            if not is_exact(self.index.lexicon.word(term))
        ]
        return HitReason(
            id=entry.id,
            title=entry.title,
            code=entry.code,
            differing=[bit for bit in range(self.index.bits) if (code ^ entry.code) >> bit & 1],
            score=float(contributed.sum()),
            words=sorted(shared, key=lambda word: -word.contribution),
        )


def _strongest(weights: NDArray[np.float32], names: list[str], n: int, sign: int = 1) -> list[Weighed]:
    """Name the largest of the weights that are above 0, each times a sign."""
    return [(word, sign * weight) for word, weight in top_words(weights, names, n) if weight > 0]
