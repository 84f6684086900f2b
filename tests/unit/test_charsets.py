"""Names of character sets mean what the web means by them."""

import pytest

from semhash.charsets import codec_of, nearest
from semhash.config import CorpusConfig
from semhash.errors import ConfigError


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("latin1", "cp1252"),
        ("US-ASCII", "cp1252"),
        ("iso-8859-1", "cp1252"),
        ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("Shift_JIS", "cp932"),
        ("big5", "big5hkscs"),
        ("iso-8859-8-i", "iso8859-8"),
        ("iso-8859-9", "cp1254"),
        ("tis-620", "cp874"),
        (" 'utf8' ", "utf-8"),
        ("macintosh", "mac-roman"),
        ("IBM850", "cp850"),
        ("cp-437", "cp437"),
        ("hz-gb-2312", "hz"),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label: str, codec: str) -> None:
    assert codec_of(label) == codec


@pytest.mark.parametrize(
    "label", ["", "hex", "rot13", "unicode_escape", "x-unknown", "é", "\0", "x-user-defined"]
)
def test_what_is_no_encoding_of_texts_is_none(label: str) -> None:
    assert codec_of(label) is None


def test_a_misspelt_name_is_told_with_near_ones() -> None:
    assert "windows-1252" in nearest("window-1252")
    with pytest.raises(
        ConfigError, match=r"encoding: expected .* such as windows-1252.*, found 'window-1252'"
    ):
        CorpusConfig(encoding="window-1252")
    with pytest.raises(ConfigError, match="such as windows-1252 or shift_jis"):
        CorpusConfig(encoding="?")
