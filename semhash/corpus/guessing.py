"""Which legacy encoding some bytes are in: chardet's candidates, weighed by how common and how plausible they are.

chardet knows which letters follow each other in a language, and gives a figure for every encoding. From a few dozen
bytes these figures are close to each other, and what decides is looked at here: whether the letters are those of a
language that is written in that encoding at all, whether scripts change inside a word, whether signs and capitals
stand where no language has them, how common the encoding is, and what other files of the corpus are in.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

__all__ = ["Ranking", "ranked", "with_prior"]

Ranking = tuple[tuple[tuple[str, ...], float], ...]
"""Encodings by Python's names, the likeliest first, each with its share of all that was weighed.

Those that read a text alike stand together, the most common first.
"""

# How common each is in files that declare none, against Windows-1252; what is not here is not guessed.
_COMMON = {
    **{
        "cp1252": 1.5,
        "cp1251": 1.0,
        "cp1250": 1.0,
        "cp1253": 1.0,
        "cp1254": 0.95,
        "cp1255": 1.0,
        "cp1256": 1.0,
    },
    **{"cp1257": 0.95, "cp1258": 0.9, "cp874": 1.0, "koi8-r": 1.0, "koi8-u": 0.95, "iso8859-2": 0.95},
    **{"iso8859-5": 0.8, "iso8859-6": 0.8, "iso8859-7": 0.9, "iso8859-8": 0.8, "iso8859-13": 0.8},
    **{"iso8859-15": 0.9, "iso8859-3": 0.4, "iso8859-4": 0.5, "iso8859-10": 0.4, "iso8859-16": 0.4},
    **{"cp866": 0.8, "cp850": 0.7, "cp437": 0.65, "cp852": 0.7, "cp857": 0.65, "cp737": 0.6, "cp862": 0.6},
    **{"cp775": 0.5, "cp855": 0.4, "cp1125": 0.5, "cp860": 0.4, "cp861": 0.45, "cp865": 0.45},
    **{"mac-roman": 0.65, "mac-latin2": 0.45, "mac-cyrillic": 0.5, "mac-greek": 0.4, "mac-turkish": 0.4},
    **{"cp932": 1.0, "euc_jis_2004": 1.0, "gb18030": 1.0, "big5hkscs": 1.0, "cp949": 1.0, "johab": 0.2},
    **{"hz": 1.0, "iso2022_jp_2": 1.0, "iso2022_kr": 1.0},
}
_OTHER_NAME = {"euc_jis_2004": "euc_jp", "iso2022_jp_2": "iso2022_jp_ext"}

# The letters beyond ASCII of each language, and behind a comma those that are rare in it.
_LETTERS = {
    "ca": "àçèéíïòóúü,",
    "cs": "áčéěířšůúýž,ďňóť",
    "da": "æøå,éü",
    "de": "äöüß,éà",
    "en": ",éèàçñöüïôêâ",
    "es": "áéíóúñ,ü",
    "et": "äõöü,šž",
    "fi": "äö,åéšž",
    "fr": "éèàêçâîôûùëï,œüÿæñ",
    "hr": "čćđšž,",
    "hu": "áéíóöőúüű,",
    "is": "áéíóúþæöð,ý",
    "it": "àèéìòù,îó",
    "lt": "ąčęėįšųūž,",
    "lv": "āčēģīķļņšūž,ōŗ",
    "nl": "éëïèü,óöáàêçñ",
    "pl": "ąćęłńóśźż,",
    "pt": "áâãàçéêíóôõú,ü",
    "ro": "ăâîşţșț,",
    "sk": "áäčďéíľňóôšťúýž,ĺŕ",
    "sl": "čšž,ćđ",
    "sv": "åäö,éüàæø",
    "tr": "çğıöşüİ,âîû",
    "vi": "ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụýỳ,",
}
_WRITTEN = {  # the languages that an encoding was made for, where they are of the Latin script
    **dict.fromkeys(
        ("cp1250", "iso8859-2", "cp852", "mac-latin2", "iso8859-16"), "cs de en hr hu pl ro sk sl"
    ),
    **dict.fromkeys(("cp1254", "cp857", "iso8859-3", "mac-turkish"), "de en fr tr"),
    **dict.fromkeys(("cp1257", "iso8859-13", "iso8859-4", "iso8859-10", "cp775"), "de en et fi lt lv"),
    "cp1258": "fr vi",
}
_WESTERN = "ca da de en es et fi fr is it nl pt sv"
# The signs that texts without letters are mostly made of; chance hits few of them among thousands.
_COMMON_SIGNS = {
    "gb18030": frozenset(
        "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经"
        "么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全"
        "三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任"
        "常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必"
        "场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告"
        "类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔米饭茶酒汤鸡鱼肉牛菜面店价格元年月日时分北京上海"
        "吃喝买卖姓李王张刘陈杨赵黄周吴医书车房电话号址级晚早午春夏秋冬红绿蓝黑白火箭测试报告写字请您谢啤"
    ),
    "big5hkscs": frozenset(
        "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經"
        "麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全"
        "三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任"
        "常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必"
        "場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告"
        "類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運筆米飯茶酒湯雞魚肉牛菜麵店價元吃喝買賣姓李陳林黃吳醫車房"
        "號址級晚早午春夏秋冬紅綠藍黑火箭測試報告寫字請您謝台灣香港臺"
    ),
    "japanese": frozenset(
        "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学"
        "問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機"
        "平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文"
        "反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村"
        "提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤町常校料沢裁状工建語球営空職証土与急止送援供可役構"
        "木割聞身費付施切由説転食比難防補車優夫研収断井何南石足違消境神番規術護展態導鮮備宅害配副算視条幹独警宮究育席輸訪楽起万着乗店述"
        "残想線率病農州武声質念待試族象銀域助労例衛然早張映限親額監環験追審商葉義伝働形景落欧担好退準賞訴辺造英被株頭技低毎医復仕去姿味"
        "負閣韓渡失移差衆個門写評課末守若脳極種美岡影命含福蔵量望松非撃佐核観察整段横融型白深字答夜製票況音申様財港識注呼渉達汁猫犬請七"
        "渡阪鈴京鳥駅春夏秋冬茶酒飯丼屋"
    ),
}
_JAPANESE = ("cp932", "euc_jp", "iso2022_jp_ext")
_RARE = 0.35
_FOREIGN = 0.08  # a letter that the language does not have
_LOOKED_AT = 3000  # characters
_PART = 8192  # bytes that chardet sees at once
_PARTS = 4
_SHARPNESS = 3.0
_TRUST_OF_NONE, _TRUSTED_FROM = 0.7, 20  # chardet's figures say little where few bytes are beyond ASCII
_HIGH = bytes(range(128, 256))
_LEAST = 0.02  # plausible: less is no text in that encoding
_NEGLIGIBLE = 0.3  # of the best; what is below could take no more than 3 % of the whole

# Signs that are no letters, by where they may stand beside letters of an alphabet.
_INSIDE = frozenset("’·–—…\u00ad‐‑׳״־\u200c\u200d")
_BEHIND = _INSIDE | frozenset("”“»«›‹‘™®©°ºª‰،؛؟․")
_BEFORE = _INSIDE | frozenset("‘“”„‚«»‹›¿¡•§©£€°")
_NO_LETTERS = frozenset("ˆ˜ƒ")  # for Unicode they are
_WITHOUT_SPACES = frozenset({"HAN", "KANA", "HANGUL", "THAI"})
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_WORD = re.compile(r"[A-Za-z]{2}")
_NBSP_INSIDE = re.compile(r"[a-z]\xa0[a-z]")


def ranked(sample: bytes) -> Ranking:
    """Rank the encodings that some bytes may be in.

    Parameters
    ----------
    sample : bytes
        Whole lines with bytes beyond ASCII, none of them UTF-8.

    Returns
    -------
    Ranking
        Without regard to the rest of the corpus; empty where nothing fits.
    """
    figures = _figures(sample)
    order = sorted(figures, key=lambda name: (-figures[name] * _COMMON[name], name))
    n_high = len(sample) - len(sample.translate(None, _HIGH))
    trust = min(1.0, _TRUST_OF_NONE + n_high / _TRUSTED_FROM)
    alike: dict[str, list[str]] = {}
    scores: dict[str, float] = {}
    for encoding in order:
        figure = figures[encoding]
        if figure**trust * _COMMON[encoding] < _NEGLIGIBLE * max(scores.values(), default=0.0):
            break
        text = sample.decode(_OTHER_NAME.get(encoding, encoding), "replace")
        if text not in scores:
            scores[text] = figure**trust * _COMMON[encoding] * _plausible(text[:_LOOKED_AT], encoding)
        alike.setdefault(text, []).append(encoding)
    shares: dict[tuple[str, ...], float] = {}
    for text, names in alike.items():
        if scores[text] >= _LEAST * figures[names[0]] ** trust:
            names.sort(key=lambda name: (-_COMMON[name], name))
            shares[tuple(_OTHER_NAME.get(name, name) for name in names)] = scores[text] ** _SHARPNESS
    return _shared(shares)


def with_prior(ranking: Ranking, prior: Mapping[str, float]) -> Ranking:
    """Weigh a ranking once more by what else is known.

    Parameters
    ----------
    ranking : Ranking
        Of one file by itself.
    prior : mapping of str to float
        How much likelier than others an encoding is, by what the rest of the corpus is in; 1 for what is not there.
    """
    weighed: dict[tuple[str, ...], float] = {}
    for names, share in ranking:
        first = max(names, key=lambda name: prior.get(name, 1.0))
        order = (first, *(name for name in names if name != first))
        weighed[order] = share * prior.get(first, 1.0) ** _SHARPNESS
    return _shared(weighed)


def _shared(weights: Mapping[tuple[str, ...], float]) -> Ranking:
    total = sum(weights.values())
    order = sorted(weights, key=lambda names: (-weights[names], names))
    return tuple((names, weights[names] / total) for names in order)


def _figures(sample: bytes) -> dict[str, float]:
    """Ask chardet about each part of a sample, so that a stray byte spoils no more than one."""
    import chardet

    figures: dict[str, float] = {}
    for part in _parts(sample):
        for found in chardet.detect_all(
            part, ignore_threshold=True, compat_names=False, include_encodings=_COMMON, max_bytes=len(part)
        ):
            name = found["encoding"]
            if name in _COMMON:
                figures[name] = figures.get(name, 0.0) + found["confidence"]
    return figures


def _parts(sample: bytes) -> list[bytes]:
    n = min(_PARTS, max(1, len(sample) // 1024))
    if n == 1:
        return [sample[:_PART]]
    parts, start = [], 0
    for number in range(1, n + 1):
        end = sample.rfind(b"\n", start, len(sample) * number // n) + 1 if number < n else len(sample)
        if end > start:
            parts.append(sample[start:end][:_PART])
            start = end
    return parts


def _plausible(text: str, encoding: str) -> float:
    """Return from 0 to 1 how like a language a text is in what its characters are, and where they stand."""
    strange = 0.5 * len(_NBSP_INSIDE.findall(text))
    n = 0
    letters: dict[str, int] = {}
    signs: dict[str, int] = {}
    alone = True
    padded = f" {text} "
    for match in _NOT_ASCII.finditer(padded):
        n += 1
        at = match.start()
        character = match[0]
        strange += _strangeness(padded[at - 1], character, padded[at + 1])
        script = _script(character)
        if script == "LATIN":
            small = character.lower()
            letters[small] = letters.get(small, 0) + 1
        elif script in ("HAN", "KANA"):
            signs[character] = signs.get(character, 0) + 1
        alone = alone and (script == "LATIN" or not (character.isalpha() and _is_foreign(padded[at + 1])))
    share = min(1.0, strange / max(1, n))
    placed = (1 - share) ** 3 / (1 + strange * min(1.0, 100 / max(1, n)))
    # Letters of another script, none of them beside another, in words of the Latin one.
    lonely = alone and sum(letters.values()) < n and _ASCII_WORD.search(text) and _has_foreign(text)
    return (
        placed * _language(letters, encoding) * _known_signs(signs, encoding) * (0.1 if lonely else 1) + 1e-6
    )


@cache
def _strangeness(before: str, character: str, behind: str) -> float:
    """Return how strange a character beyond ASCII is between two others: 0 where it is not, 1 or more where it is."""
    if _is_no_text(character):
        return 3.0
    if not character.isalpha() or character in _NO_LETTERS:
        return _strange_sign(before, character, behind)
    script = _script(character)
    odd = 0.0
    for other in (before, behind):
        if not other.isalpha() or other in _NO_LETTERS:
            continue
        theirs = _script(other)
        apart = {script, theirs}
        mixed = len(apart) > 1 and "COMMON" not in apart and not (apart <= _WITHOUT_SPACES | {"LATIN"})
        narrow = "ｦ" <= min(character, other) <= "ﾟ" or "ｦ" <= max(character, other) <= "ﾟ"
        odd += mixed or (narrow and bool(apart & {"LATIN", "HAN"}))
    if before.islower() and character.isupper():
        odd += 1
    if character.islower() and behind.isupper() and behind.isascii():
        odd += 1
    return odd


def _strange_sign(before: str, sign: str, behind: str) -> float:
    if unicodedata.combining(sign):
        return 0.0 if before.isalpha() else 1.0
    left = before.isalpha() and _script(before) not in _WITHOUT_SPACES
    right = behind.isalpha() and _script(behind) not in _WITHOUT_SPACES
    if left and right:
        return 0.0 if sign in _INSIDE else 2.0
    if left:
        return 0.0 if sign in _BEHIND or (sign in "²³" and before == "m") else 1.0
    return 1.0 if right and sign not in _BEFORE else 0.0


@cache
def _script(character: str) -> str:
    name = unicodedata.name(character, "COMMON").split()[0]
    if name in ("CJK", "IDEOGRAPHIC"):
        return "HAN"
    if name in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"):
        return "KANA"
    if name in ("FULLWIDTH", "MICRO", "FEMININE", "MASCULINE", "MODIFIER", "DOUBLE-STRUCK"):
        return "COMMON"
    return name


@cache
def _is_no_text(character: str) -> bool:
    """Say whether a character is a control, unassigned, for private use, a piece of a frame, or none at all."""
    return (
        character == "\ufffd"
        or "\u2500" <= character <= "\u259f"
        or unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")
    )


def _is_foreign(character: str) -> bool:
    return character > "\x7f" and character.isalpha() and _script(character) != "LATIN"


def _has_foreign(text: str) -> bool:
    return any(_is_foreign(character) for character in set(text))


def _known_signs(signs: Mapping[str, int], encoding: str) -> float:
    """Return how common the Chinese or Japanese signs of a text are, 1 where it has none."""
    total = sum(signs.values())
    if not total:
        return 1.0
    codec = _OTHER_NAME.get(encoding, encoding)
    japanese = codec in _JAPANESE
    common = _COMMON_SIGNS.get("japanese" if japanese else codec, frozenset())
    fit = sum(n for sign, n in signs.items() if sign in common or (japanese and "\u3041" <= sign <= "\u30ff"))
    return 0.05 + 0.95 * min(1.0, (fit + 0.2) / (0.6 * total + 0.2)) ** 2


def _language(letters: Mapping[str, int], encoding: str) -> float:
    """Return how well the Latin letters beyond ASCII are those of some one language; 1 where there are none."""
    total = sum(letters.values())
    if not total:
        return 1.0
    best = 0.0
    for common, rare in _alphabets(_WRITTEN.get(encoding, _WESTERN)):
        fit = sum(n * (1 if c in common else _RARE if c in rare else _FOREIGN) for c, n in letters.items())
        best = max(best, fit / total)
    return best**2


@cache
def _alphabets(languages: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    pairs = (_LETTERS[language].partition(",") for language in languages.split())
    return tuple((frozenset(common), frozenset(rare)) for common, _, rare in pairs)
