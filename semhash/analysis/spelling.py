r"""Tokens to written words: one set of rules for all that is spelled with more than letters.

====================  =============================================  ===========================================
token                 written words                                  rule
====================  =============================================  ===========================================
``word.``             word                                           punctuation around a word is none of it
``C++``               c++                                            a sign that makes a name stays
``C#``                c#                                             after one letter
``notepad++``         notepad++, notepad                             a longer name is found without its sign, too
``.NET``              .net, net                                      a name may begin with a stop
``X-ray``             x, ray, xray                                   two parts, and both as one
``e-mail``            e, mail, email
``state-of-the-art``  state, of, the, art                            more than two: the parts alone
``AT&T``              at, t, att                                     the same
``O'Brien``           obrien, brien                                  without the apostrophe, and long parts
``l'hôtel``           hôtel                                          an elided article is none of the word
``L'Oréal``           loréal, oréal                                  a name is
``dog's``             dog                                            so are endings and verbs cut short
``we'll``             we
``don't``             dont
``rock'n'roll``       rocknroll, rock, roll
``пам'ять``           память                                         outside Latin, no apostrophe parts a word
``U.S.A.``            usa                                            letters with stops between them are one word
``Ph.D.``             phd
``example.com``       example, com                                   longer parts are words
``3.11.7``            3.11.7, 3.11                                   a number of several parts, and its beginning
``192.168.7.45``      192.168.7.45, 192.168
``v1.2rc1``           v1.2rc1, 1.2                                   and without what is around it
``1.234.567``         1.234.567, 1.234, 1234567                      thousands with stops, as some write them
``1'234'567``         1234567
``getUserName``       getusername, get, user, name                   whole and in parts
``max_retry_count``   maxretrycount, max, retry, count
``HTTPResponse``      httpresponse, http, response
``iPhone``            iphone, phone                                  parts of three letters, or of capitals
``Python3``           python3, python                                a name with a number
====================  =============================================  ===========================================

Thousands with commas are whole before (``1,234,567`` is ``1234567``), and slashes, ``@``, colons and all other
punctuation part words, so that paths, addresses and hashtags are found by their parts.
"""

import re
from itertools import pairwise

from semhash.analysis.tokens import JOINERS, script_of

__all__ = ["spelled"]

_LONGEST = 200  # characters: longer tokens are no names
_JOINED = 32
_SIGNED = re.compile(r"(?<![^\W_])([^\W_]*[^\W\d_])(\+\+)|(?<![^\W_])([^\W\d_])(#)(?![^\W_])")
_DOTTED = re.compile(r"\.([^\W\d_]{2,4})(?![^\W_])")
_NUMBER = re.compile(r"([^\W\d_]?)([0-9]++(?:\.[0-9]++)++)([^\W_]*+)")
_BY_THOUSANDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_SEGMENTS = re.compile(r"[+#]+|--+|\.\.+|(?<![-.'&])[-.'&]*\.-[-.'&]*")
_BREAKS = ("--", "..", ".-")  # without any of them nothing is cut there
_PARTS = re.compile(r"[-&]+")
_NAME_AND_NUMBER = re.compile(r"([^\W\d_]{4,})[0-9]+")
_CUT_SHORT = frozenset({"s", "ll", "re", "ve", "d", "m", "em"})
_ELIDED = frozenset(
    "l d j m t s n c qu jusqu lorsqu puisqu quoiqu quelqu dell nell sull dall all coll quest quell sant bell un gl "
    "degl negl agl dagl sugl".split()
)


def spelled(token: str) -> list[str]:
    """Give the written words that a token stands for, their case as it was; see the table above.

    >>> [word.lower() for word in spelled("getUserName")]
    ['getusername', 'get', 'user', 'name']
    """
    if token.isalpha() and (token.islower() or token[1:].islower()):
        return [token]  # as most are
    if token.isalnum():
        return _whole_and_parts(token)
    if len(token) > _LONGEST:
        return [part for part in re.split(r"[\W_]+", token) if part]
    found: list[str] = []
    if "+" in token or "#" in token:
        for signed in _SIGNED.finditer(token):
            name, sign = signed[1] or signed[3], signed[2] or signed[4]
            found += [name + sign, *([name] if len(name) > 1 else [])]
        token = _SIGNED.sub("#", token)
    elif token[:1] != "." and not any(map((word := token.strip(JOINERS)).__contains__, _BREAKS)):
        return list(dict.fromkeys(_segment(word)))  # with punctuation around it
    if token[:1] == "." and (match := _DOTTED.match(token)):
        found.append("." + match[1])
    for segment in _SEGMENTS.split(token):
        found += _segment(segment.strip(JOINERS))
    return list(dict.fromkeys(found))


def _segment(segment: str) -> list[str]:
    """Give the words of a token without signs and without punctuation around it."""
    if not segment or segment.isalnum():
        return _whole_and_parts(segment) if segment else []
    if "." in segment:
        return _with_stops(segment)
    if "'" in segment:
        return _with_apostrophe(segment)
    if "-" in segment or "&" in segment:
        parts = _PARTS.split(segment) if "&" in segment else segment.split("-")
        return _hyphened([part for part in parts if part])
    if "_" in segment:
        parts = [part for part in segment.split("_") if part]
        whole = ["".join(parts)] if len(parts) > 1 else []
        return [*whole, *(word for part in parts for word in _whole_and_parts(part))]
    return _whole_and_parts(segment)


def _with_stops(segment: str) -> list[str]:
    number = _NUMBER.fullmatch(segment)
    if number is not None:
        return _number(segment, number)
    parts = segment.split(".")
    if all(len(part) <= 2 and part.isalpha() for part in parts) and any(len(part) == 1 for part in parts):
        return ["".join(parts)]
    return [word for part in parts for word in _segment(part.strip(JOINERS))]


def _number(segment: str, number: "re.Match[str]") -> list[str]:
    digits = number[2]
    found = [segment, digits]
    if digits.count(".") > 1:
        found.append(".".join(digits.split(".")[:2]))
        if _BY_THOUSANDS.fullmatch(digits):
            found.append(digits.replace(".", ""))
    return found


def _with_apostrophe(segment: str) -> list[str]:
    pieces = [piece for piece in segment.split("'") if piece]
    whole, first, last = "".join(pieces), pieces[0], pieces[-1].lower()
    if whole.isdigit() or (script_of(whole) not in ("latin", "")):
        return _segment(whole)
    if segment.lower().endswith("n't"):
        return [whole]
    if len(pieces) == 2 and last in _CUT_SHORT:
        return _segment(first)
    if len(pieces) == 2 and first.lower() in _ELIDED and len(last) > 1:
        name = [whole] if last != pieces[1] and pieces[1].isalpha() else []
        return [*name, *_segment(pieces[1])]
    return [whole, *(word for piece in pieces if len(piece) > 1 for word in _segment(piece))]


def _hyphened(parts: list[str]) -> list[str]:
    found = [word for part in parts for word in _segment(part)]
    for one, other in pairwise(parts):
        together = one + other
        short = len(parts) == 2 or len(one) == 1 or len(other) == 1
        if short and together.isalnum() and not together.isdigit() and len(together) <= _JOINED:
            found.append(together)
    return found


def _whole_and_parts(word: str) -> list[str]:
    if word.isdigit():
        return [word]
    if word[1:].islower() or word.islower() or word.isupper():
        if word.isalpha():
            return [word]
        match = _NAME_AND_NUMBER.fullmatch(word)
        return [word, match[1]] if match else [word]
    parts = [part for part in _by_case(word) if len(part) > 2 or (len(part) == 2 and part.isupper())]
    return [word, *(part for part in parts if part != word and part.isalpha())]


def _by_case(word: str) -> list[str]:
    """Cut where a capital follows a small letter or a digit, and before the last of several capitals."""
    cuts = [0]
    for at in range(1, len(word)):
        before, here, after = word[at - 1], word[at], word[at + 1 : at + 2]
        if here.isupper() and (not before.isupper() or after.islower()):
            cuts.append(at)
    return [word[a:b] for a, b in pairwise([*cuts, len(word)])]
