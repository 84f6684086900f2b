"""Words as the numbers by which they are counted."""

__all__ = ["WordNumbers"]


class WordNumbers(dict[str, int]):
    """Numbers words from 0 in the order in which they are first asked for."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number
