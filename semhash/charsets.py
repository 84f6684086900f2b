"""What the names of character sets mean: the labels of the WHATWG Encoding Standard, then Python's own names.

Web pages and mail say ``latin1`` and mean Windows-1252, ``gb2312`` and mean GB18030, ``ks_c_5601`` and mean cp949:
https://encoding.spec.whatwg.org/#names-and-labels. Python takes these names for narrower encodings.
"""

import codecs
import re
from functools import cache

__all__ = ["codec_of", "nearest"]

# Where the standard's decoder reads more than Python's codec of the same name.
_WIDER = {"euc-kr": "cp949", "gbk": "gb18030", "shift_jis": "cp932", "big5": "big5hkscs"}
_NO_TEXT = frozenset({"x-user-defined", "replacement", "undefined", "idna", "punycode", "mbcs", "oem"})
_ESCAPES = frozenset({"unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape"})


@cache
def codec_of(label: str) -> str | None:
    """Return Python's name of the codec that a label stands for.

    Parameters
    ----------
    label : str
        As a page, a message or a user has it; capitals and surrounding blanks do not matter.

    Returns
    -------
    str or None
        Such as ``"cp1252"`` for ``"latin1"``; None for a label that nobody knows, or that names no text encoding.
    """
    import webencodings

    label = label.strip().strip("\"'").lower()
    found = webencodings.lookup(label) if label.isascii() else None
    if found is not None and found.name not in _NO_TEXT:
        return codecs.lookup(_WIDER.get(found.name, found.codec_info.name)).name
    for name in (label, re.sub(r"^(?:x-|cs)|[\s_.-]+", "", label)):
        try:
            info = codecs.lookup(name)
        except (LookupError, ValueError):  # ValueError: a NUL in it
            continue
        if info._is_text_encoding and info.name not in _NO_TEXT | _ESCAPES:
            return info.name
    return None


def nearest(label: str, most: int = 3) -> list[str]:
    """Return the known labels that are most like one that nobody knows."""
    from difflib import get_close_matches
    from encodings.aliases import aliases

    from webencodings.labels import LABELS

    known = {*LABELS, *(name.replace("_", "-") for name in aliases.values())}
    likely = [name for name in sorted(known) if codec_of(name) is not None]
    found = get_close_matches(label.strip().lower().replace("_", "-"), likely, n=3 * most, cutoff=0.5)
    different: dict[str, str] = {}  # one label a codec
    for name in found:
        different.setdefault(codec_of(name) or name, name)
    return list(different.values())[:most]
