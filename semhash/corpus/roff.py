"""The text between the escapes of roff (groff(7)), and the arguments of its macros."""

import re

__all__ = ["arguments", "plain"]

_ARGUMENT = re.compile(r'"((?:[^"]|"")*)"?|((?:[^ \t"\\]|\\.)(?:[^ \t\\]|\\.)*)')
_REMARK = re.compile(r'(?<!\\)\\["#].*')
_ESCAPE = re.compile(
    r"\\(?:"
    r"\*?\((?P<two>..)"  # \(xx and \*(xx
    r"|\*?\[(?P<long>[^\]\n]{0,80})\]"  # \[name] and \*[name]
    r"|\*(?P<one>.)"
    r"|[fFmMnkgVY](?:\[[^\]\n]{0,80}\]|\(..|.)"  # fonts, colours, registers
    r"|s(?:[-+]?\(..|[-+]?\[[^\]\n]{0,20}\]|[-+]?\d{1,2})"  # sizes
    r"|[hvwlLDobxXZRABCHSN](?P<quote>['\"])(?P<inner>[^'\"\n]{0,200})(?P=quote)"
    r"|(?P<sign>.)"
    r"|$)"
)
_SIGNS = {
    "e": "\\",
    "\\": "\\",
    "-": "-",
    "'": "'",
    "`": "`",
    " ": " ",
    "~": " ",
    "0": " ",
    "t": " ",
    ".": ".",
    '"': "",
}
_NAMED = {
    "em": "—", "en": "–", "hy": "-", "mi": "-", "pl": "+", "mu": "×", "di": "÷", "eq": "=", "+-": "±", "->": "→",
    "<-": "←", ">=": "≥", "<=": "≤", "!=": "≠", "bu": "•", "sq": "□", "de": "°", "co": "©", "rg": "®", "tm": "™",
    "aq": "'", "dq": '"', "lq": "“", "rq": "”", "oq": "‘", "cq": "’", "Fo": "«", "Fc": "»", "Lq": "“", "Rq": "”",
    "R": "®", "Tm": "™", "rs": "\\", "sl": "/", "ul": "_", "ha": "^", "ti": "~", "ga": "`", "aa": "´", "at": "@",
    "sh": "#", "Do": "$", "ct": "¢", "Eu": "€", "Po": "£", "Ye": "¥", "ba": "|", "br": "|", "or": "|", "bv": "|",
    "lB": "[", "rB": "]", "lC": "{", "rC": "}", "la": "⟨", "ra": "⟩", "ss": "ß", "AE": "Æ", "ae": "æ", "o/": "ø",
    "O/": "Ø", ":a": "ä", ":o": "ö", ":u": "ü", ":A": "Ä", ":O": "Ö", ":U": "Ü", ":e": "ë", ":i": "ï", "'a": "á",
    "'e": "é", "'i": "í", "'o": "ó", "'u": "ú", "'A": "Á", "'E": "É", "`a": "à", "`e": "è", "`o": "ò", "^a": "â",
    "^e": "ê", "^i": "î", "^o": "ô", "^u": "û", ",c": "ç", "~n": "ñ", "oa": "å", "oA": "Å", "mc": "µ", "fm": "′",
    "*a": "α", "*b": "β", "*g": "γ", "*d": "δ", "*e": "ε", "*l": "λ", "*m": "μ", "*p": "π", "*s": "σ", "*w": "ω",
    "12": "½", "14": "¼", "34": "¾", "S1": "¹", "S2": "²", "S3": "³", "ps": "¶", "sc": "§", "dg": "†", "dd": "‡",
    "if": "∞", "Ne": "≠", "Ge": "≥", "Le": "≤", "Pm": "±", "Ba": "|", "Am": "&", "Lt": "<", "Gt": ">", "Pi": "π",
}  # fmt: skip
_CODE_POINT = re.compile(r"u([0-9A-F]{4,6})")


def plain(text: str) -> str:
    """Give the characters that a line of roff shows, without fonts, sizes and movements."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_shown, _REMARK.sub("", text))


def _shown(escape: re.Match[str]) -> str:
    name = escape["two"] or escape["long"] or escape["one"]
    if name:
        point = _CODE_POINT.fullmatch(name)
        if point and int(point[1], 16) < 0xD800:
            return chr(int(point[1], 16))
        return _NAMED.get(name, "")
    return _SIGNS.get(escape["sign"] or "", "")


def arguments(rest: str) -> list[str]:
    """Cut what follows a macro into its arguments; blanks stand within quotes or behind a backslash.

    Parameters
    ----------
    rest : str
        The line behind the macro's name.
    """
    found = _ARGUMENT.finditer(_REMARK.sub("", rest))
    return [match[2] if match[2] is not None else match[1].replace('""', '"') for match in found]
