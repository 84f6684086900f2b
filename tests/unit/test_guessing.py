"""Which legacy encoding a text is in: many languages, in what was written before UTF-8, long and short."""

import unicodedata

import pytest

from semhash.corpus.decoding import evidence_of
from semhash.corpus.guessing import ranked, with_prior

_WESTERN = "cp1252 cp850 mac-roman"
_CENTRAL = "cp1250 iso8859-2 cp852"
_LONG = {
    "sv": (
        _WESTERN,
        "Styrelsen beslutade på mötet i går att renoveringen av trapphuset ska börja efter påsk. Föreningens "
        "medlemmar får själva välja färg på dörrarna. Det blåser kallt från sjön, men på lördag väntas sol "
        "och värmegrader. Åsa och Björn köpte räkor, gräddfil och två limpor bröd på torget. Den som vill "
        "hjälpa till anmäler sig hos vaktmästaren före fredag klockan åtta.",
    ),
    "fi": (
        _WESTERN,
        "Yhtiökokous päätettiin pitää toukokuussa, koska isännöitsijä on lomalla pääsiäisen jälkeen. "
        "Pöytäkirja lähetetään kaikille osakkaille sähköpostilla. Järven jää on vielä niin heikkoa, ettei "
        "sillä pidä kävellä. Äiti leipoi pullaa ja keitti kahvia, kun mummo tuli kylään. Hän osti torilta "
        "perunoita, mansikoita ja kolme litraa maitoa.",
    ),
    "pt": (
        _WESTERN,
        "A direção decidiu que a manutenção dos elevadores será feita durante o mês de março. A reunião "
        "começa às nove horas e não há estacionamento disponível. Você já experimentou o pão de queijo da "
        "avó? As crianças não gostam de feijão, mas comem maçã e limão. Também é possível pagar com cartão "
        "de crédito ou à vista na recepção.",
    ),
    "is": (
        "cp1252",
        "Stjórnin ákvað að halda aðalfund félagsins í byrjun maí. Það verður boðið upp á kaffi og kleinur "
        "eftir fundinn. Veðrið hefur verið þungbúið og vegurinn yfir heiðina er ófær. Jón og Þóra keyptu sér "
        "nýja íbúð við höfnina. Fiskurinn er bestur þegar hann er alveg nýr, segir gamli sjómaðurinn.",
    ),
    "no": (
        _WESTERN,
        "Styret vedtok på møtet i går at oppussingen av trappeoppgangen skal begynne etter påske. Beboerne "
        "må rydde bodene sine før første juni. Det blåser kaldt fra fjorden, men lørdag ventes det sol. "
        "Bjørn og Åse kjøpte reker, rømme og to brød på torget. Hunden vår løper så fort at naboen blir redd.",
    ),
    "da": (
        _WESTERN,
        "Bestyrelsen besluttede på mødet i går, at opgangen skal males efter påske. Beboerne skal selv rydde "
        "kælderen, før håndværkerne kommer. Det blæser koldt fra søen, men på lørdag bliver det solskin. "
        "Søren og Åse købte rejer, fløde og rugbrød på torvet. Hunden løb så hurtigt, at børnene måtte grine.",
    ),
    "fr": (
        _WESTERN,
        "Le conseil a décidé que les travaux de l’escalier commenceront après Pâques. Les propriétaires "
        "pourront choisir la couleur des fenêtres à la prochaine réunion. Il faisait très froid près de la "
        "rivière, mais on espère du soleil dès samedi. Élodie a acheté des crêpes, un gâteau et de la crème "
        "brûlée. Où avez-vous trouvé ce château ?",
    ),
    "de": (
        _WESTERN,
        "Der Vorstand hat gestern beschlossen, dass die Arbeiten im Treppenhaus nach Ostern beginnen. Die "
        "Eigentümer dürfen die Farbe der Türen selbst auswählen. Vom See weht ein kühler Wind, aber für "
        "Samstag wird Sonne erwartet. Jürgen kaufte Brötchen, Käse und süße Äpfel auf dem Markt. Wer "
        "mithelfen möchte, meldet sich bitte beim Hausmeister in der Schloßstraße.",
    ),
    "es": (
        _WESTERN,
        "La comunidad decidió en la reunión que las obras de la escalera empezarán después de Semana Santa. "
        "Los vecinos podrán elegir el color de las puertas. Mañana hará frío en la montaña, pero el sábado "
        "saldrá el sol. ¿Dónde está el señor Núñez? La niña compró jamón, piña y azúcar en el mercado de la "
        "esquina.",
    ),
    "it": (
        _WESTERN,
        "L’assemblea ha deciso che i lavori delle scale cominceranno dopo Pasqua perché l’impresa è libera. "
        "I proprietari potranno scegliere il colore delle porte. Fa già freddo vicino al lago, però sabato "
        "ci sarà il sole. La città più bella è quella dove si beve un buon caffè. Giovedì arriverà anche mio "
        "papà.",
    ),
    "nl": (
        _WESTERN,
        "Het bestuur heeft besloten dat de werkzaamheden in het trappenhuis na Pasen beginnen. De bewoners "
        "kunnen zelf een kleur kiezen voor de deuren. Eén van de geïnteresseerden belde nog vóór de "
        "vergadering. In België is men daar zeer enthousiast over; de coördinator vindt het een goed idee. "
        "De reünie was financiële ellende.",
    ),
    "ca": (
        _WESTERN,
        "La comunitat va decidir que les obres de l'escala començaran després de Setmana Santa. Els veïns "
        "podran triar el color de les portes, però només si tots hi estan d'acord. A Barcelona farà més "
        "fred, tanmateix dissabte sortirà el sol. L'àvia va comprar pa, formatge i una ampolla de vi. Això "
        "és il·legal, va dir el senyor Peñíscola.",
    ),
    "en": (
        _WESTERN,
        "“The committee’s decision was final,” said Mrs O’Brien — and nobody at the café objected. It’s a "
        "naïve view… but the résumé of the new caretaker wasn’t read by anyone. Prices rose from £40 to £55. "
        "The boiler doesn’t work, and the façade needs paint.",
    ),
    "pl": (
        _CENTRAL,
        "Zarząd postanowił na wczorajszym zebraniu, że remont klatki schodowej zacznie się po Wielkanocy. "
        "Mieszkańcy sami wybiorą kolor drzwi. Znad jeziora wieje zimny wiatr, ale w sobotę ma być słońce. "
        "Małgorzata kupiła na targu żurek, pączki i śledzie. Proszę zgłaszać się do dozorcy przed piątkiem, "
        "później będzie już za późno. Źdźbło trawy też się liczy.",
    ),
    "cs": (
        _CENTRAL,
        "Výbor na včerejší schůzi rozhodl, že oprava schodiště začne po Velikonocích. Obyvatelé si sami "
        "vyberou barvu dveří. Od jezera fouká studený vítr, ale v sobotu má být slunečno. Jiří koupil na "
        "trhu rohlíky, sýr a čerstvé švestky. Kdo chce pomoci, ať se přihlásí u správce do pátku. Příliš "
        "žluťoučký kůň úpěl ďábelské ódy.",
    ),
    "sk": (
        _CENTRAL,
        "Výbor na včerajšej schôdzi rozhodol, že oprava schodiska sa začne po Veľkej noci. Obyvatelia si "
        "sami vyberú farbu dverí. Od jazera fúka studený vietor, ale v sobotu má byť slnečno. Ľuboš kúpil na "
        "trhu rožky, bryndzu a čerstvé slivky. Kto chce pomôcť, nech sa prihlási u správcu do piatku.",
    ),
    "hu": (
        _CENTRAL,
        "A közgyűlés úgy döntött, hogy a lépcsőház felújítása húsvét után kezdődik. A lakók maguk "
        "választhatják ki az ajtók színét. A tó felől hűvös szél fúj, de szombatra napsütést ígérnek. Győző "
        "túrót, kenyeret és két üveg bort vett a piacon. Aki segíteni szeretne, jelentkezzen a gondnoknál "
        "péntek előtt. Az őrült nő fűrészt kért.",
    ),
    "ro": (
        _CENTRAL,
        "Asociaţia a hotărât că lucrările la scara blocului vor începe după Paşti. Locatarii îşi pot alege "
        "singuri culoarea uşilor. Dinspre lac bate un vânt rece, dar sâmbătă va fi soare. Mama a cumpărat "
        "din piaţă brânză, pâine şi două kilograme de roşii. Cine vrea să ajute să vină la administrator "
        "până vineri.",
    ),
    "hr": (
        _CENTRAL,
        "Uprava je na jučerašnjem sastanku odlučila da će obnova stubišta početi nakon Uskrsa. Stanari mogu "
        "sami izabrati boju vrata. S jezera puše hladan vjetar, ali u subotu će biti sunčano. Željko je na "
        "tržnici kupio sir, kruh i svježe šljive. Tko želi pomoći, neka se javi kućnom majstoru do petka. "
        "Što ćeš večeras?",
    ),
    "sl": (
        _CENTRAL,
        "Odbor je na včerajšnji seji sklenil, da se bo obnova stopnišča začela po veliki noči. Stanovalci si "
        "lahko sami izberejo barvo vrat. Z jezera piha mrzel veter, toda v soboto bo sonce. Žiga je na "
        "tržnici kupil sir, kruh in sveže češplje. Kdor želi pomagati, naj se oglasi pri hišniku.",
    ),
    "tr": (
        "cp1254 iso8859-9 cp857",
        "Yönetim kurulu dünkü toplantıda merdivenlerin bayramdan sonra boyanmasına karar verdi. Daire "
        "sahipleri kapıların rengini kendileri seçebilecek. Gölden soğuk bir rüzgâr esiyor, fakat cumartesi "
        "günü güneş bekleniyor. Ayşe pazardan çilek, peynir ve taze ekmek aldı. Yardım etmek isteyenler "
        "cumaya kadar kapıcıya başvursun. Işık açık mı, değil mi?",
    ),
    "el": (
        "cp1253 iso8859-7 cp737",
        "Το συμβούλιο αποφάσισε στη χθεσινή συνεδρίαση ότι οι εργασίες στη σκάλα θα αρχίσουν μετά το Πάσχα. "
        "Οι ένοικοι μπορούν να διαλέξουν το χρώμα της πόρτας. Από τη λίμνη φυσάει κρύος αέρας, αλλά το "
        "Σάββατο περιμένουμε ήλιο. Η Ελένη αγόρασε τυρί, ψωμί και φρέσκες ντομάτες.",
    ),
    "he": (
        "cp1255 iso8859-8 cp862",
        "ועד הבית החליט בישיבה אתמול ששיפוץ חדר המדרגות יתחיל אחרי פסח. הדיירים יכולים לבחור בעצמם את צבע "
        "הדלתות. מהאגם נושבת רוח קרה, אבל בשבת צפויה שמש. רחל קנתה בשוק גבינה, לחם ועגבניות. מי שרוצה לעזור "
        "יפנה לשרת עד יום שישי.",
    ),
    "ar": (
        "cp1256 iso8859-6",
        "قررت اللجنة في اجتماع الأمس أن أعمال ترميم الدرج ستبدأ بعد العيد. يستطيع السكان اختيار لون الأبواب "
        "بأنفسهم. تهب رياح باردة من البحيرة، لكن يوم السبت سيكون مشمسا. اشترت فاطمة من السوق جبنا وخبزا "
        "وطماطم طازجة. من يريد المساعدة فليتصل بالحارس قبل يوم الجمعة.",
    ),
    "ru": (
        "cp1251 koi8-r cp866 iso8859-5 mac-cyrillic",
        "Правление решило на вчерашнем собрании, что ремонт лестницы начнётся после праздников. Жильцы "
        "смогут сами выбрать цвет дверей. С озера дует холодный ветер, но в субботу обещают солнце. Ольга "
        "купила на рынке сыр, хлеб и зелёный чай. Кто хочет помочь, пусть обратится к дворнику до пятницы.",
    ),
    "uk": (
        "cp1251 koi8-u",
        "Правління вирішило на вчорашніх зборах, що ремонт сходів почнеться після свят. Мешканці зможуть "
        "самі вибрати колір дверей. Від озера віє холодний вітер, але в суботу обіцяють сонце. Оксана купила "
        "на ринку сир, хліб і зелену цибулю. Хто хоче допомогти, хай звернеться до двірника до п'ятниці. Її "
        "діти їдять ґречну кашу.",
    ),
    "bg": (
        "cp1251 iso8859-5",
        "Управителният съвет реши на вчерашното събрание, че ремонтът на стълбището ще започне след "
        "Великден. Живущите могат сами да изберат цвета на вратите. Откъм езерото духа студен вятър, но в "
        "събота се очаква слънце. Мария купи от пазара сирене, хляб и пресни домати.",
    ),
    "sr": (
        "cp1251 iso8859-5",
        "Управни одбор је на јучерашњем састанку одлучио да ће обнова степеништа почети после Ускрса. "
        "Станари могу сами да изаберу боју врата. Са језера дува хладан ветар, али у суботу ће бити сунчано. "
        "Милица је на пијаци купила сир, хлеб и свеже шљиве. Ђорђе и Љиљана су отишли.",
    ),
    "et": (
        "cp1257 iso8859-15",
        "Juhatus otsustas eilsel koosolekul, et trepikoja remont algab pärast lihavõtteid. Elanikud võivad "
        "ise uste värvi valida. Järve poolt puhub külm tuul, kuid laupäeval peaks päike paistma. Ülle ostis "
        "turult juustu, leiba ja värskeid õunu. Kes soovib aidata, andku endast märku enne reedet.",
    ),
    "lv": (
        "cp1257 iso8859-13",
        "Valde vakardienas sapulcē nolēma, ka kāpņu telpas remonts sāksies pēc Lieldienām. Iedzīvotāji paši "
        "varēs izvēlēties durvju krāsu. No ezera pūš auksts vējš, taču sestdien gaidāma saule. Ilze tirgū "
        "nopirka sieru, maizi un svaigus ķiršus. Kas vēlas palīdzēt, lai piesakās pie sētnieka līdz "
        "piektdienai.",
    ),
    "lt": (
        "cp1257 iso8859-13",
        "Valdyba vakarykščiame susirinkime nusprendė, kad laiptinės remontas prasidės po Velykų. Gyventojai "
        "galės patys pasirinkti durų spalvą. Nuo ežero pučia šaltas vėjas, tačiau šeštadienį žadama saulė. "
        "Rūta turguje nusipirko sūrio, duonos ir šviežių vyšnių. Kas nori padėti, tegul kreipiasi į "
        "kiemsargį iki penktadienio.",
    ),
    "vi": (
        "cp1258",
        "Ban quản lý đã quyết định trong cuộc họp hôm qua rằng việc sửa cầu thang sẽ bắt đầu sau Tết. Cư dân "
        "có thể tự chọn màu cửa. Gió lạnh thổi từ hồ, nhưng thứ bảy trời sẽ nắng. Chị Hương mua phở, bánh mì "
        "và cà phê sữa ở chợ.",
    ),
    "th": (
        "cp874",
        "คณะกรรมการมีมติเมื่อวานนี้ว่าจะเริ่มซ่อมบันไดหลังส"
        "งกรานต์ ผู้อยู่อาศัยเลือกสีประตูได้เอง "
        "ลมเย็นพัดมาจากทะเลสาบ แต่วันเสาร์จะมีแดด "
        "แม่ซื้อข้าว ปลา และผลไม้ที่ตลาด "
        "ใครอยากช่วยให้แจ้งผู้ดูแลก่อนวันศุกร์",
    ),
    "ja": (
        "cp932 euc_jp iso2022_jp",
        "理事会は昨日の会議で、階段の修理を連休の後に始めることを決めました。住民は自分でドアの色を選ぶことが"
        "できます。湖から冷たい風が吹いていますが、土曜日は晴れるでしょう。花子さんは市場でチーズとパンとトマ"
        "トを買いました。手伝いたい方は金曜日までに管理人へご連絡ください。",
    ),
    "zh": (
        "gb18030",
        "委员会在昨天的会议上决定,楼梯的维修将在春节以后开始。住户可以自己选择门的颜色。湖上吹来一阵冷风,但"
        "是星期六会出太阳。妈妈在市场上买了豆腐、面包和新鲜的西红柿。愿意帮忙的人请在星期五以前跟管理员联系。",
    ),
    "zht": (
        "big5",
        "委員會在昨天的會議上決定,樓梯的維修將在春節以後開始。住戶可以自己選擇門的顏色。湖上吹來一陣冷風,但"
        "是星期六會出太陽。媽媽在市場上買了豆腐、麵包和新鮮的番茄。願意幫忙的人請在星期五以前跟管理員聯絡。",
    ),
    "ko": (
        "cp949",
        "위원회는 어제 회의에서 계단 수리를 설날 이후에 시작하기로 결정했습니다. 주민들은 문의 "
        "색깔을 직접 고를 수 있습니다. 호수에서 찬 바람이 불지만 토요일에는 해가 날 것입니다. "
        "어머니는 시장에서 두부와 빵과 신선한 토마토를 샀습니다. 도와주실 분은 금요일까지 "
        "관리인에게 연락해 주세요.",
    ),
}
_SHORT = [
    ("cp1252", "Ärtsoppa och pannkakor"),
    ("cp1252", "Vart ska du så sent?\nHem, vänta inte på mig."),
    ("cp1252", "Lohikeitto 9,50 € (L, G)"),
    ("cp1252", "Minne menet näin myöhään?"),
    ("cp1252", "Fårikål og rømmegrøt"),
    ("cp1252", "Smørrebrød, rødgrød"),
    ("cp1252", "Plokkfiskur með rúgbrauði"),
    ("cp1252", "Maçã; Limão; Mamão"),
    ("cp1252", "Aonde você vai tão tarde?\nPara casa, não me espere."),
    ("cp1252", "Menú del día: paella 12 €"),
    ("cp1252", "Pâté, bœuf, gâteau"),
    ("cp1252", "Menu à 15 €"),
    ("cp1252", "Käsespätzle 9,80 €"),
    ("cp1252", "Süß-saure Soße"),
    ("cp1252", "Dove vai così tardi? È già mezzanotte."),
    ("cp1252", "Fish ’n’ chips £9"),
    ("cp1250", "Gołąbki z sosem"),
    ("cp1250", "Svíčková na smetaně"),
    ("cp1250", "Gulyásleves, túrós csusza"),
    ("cp1251", "Чай, кофе, сок"),
    ("koi8-r", "Накладная от 3 мая"),
    ("cp866", "СРОЧНО: позвонить в банк"),
    ("cp1253", "Ψωμί, ελιές, τυρί"),
    ("cp1254", "ad;şehir\nYılmaz;İzmir\nŞahin;Eskişehir\n"),
    ("cp1255", "מרק עוף"),
    ("cp1256", "خبز، زيتون، جبن"),
    ("cp1257", "Cepelinai, šaltibarščiai"),
    ("cp1258", "Bún chả, cà phê sữa đá"),
    ("cp874", "คุณจะไปไหนดึกขนาดนี้"),
    ("cp932", "味噌汁"),
    ("euc_jp", "名前,都市\n田中,大阪\n鈴木,京都\n"),
    ("gb18030", "宫保鸡丁"),
    ("big5", "牛肉麵"),
    ("cp949", "김치찌개"),
]


def encoded(text: str, encoding: str) -> bytes:
    """Encode what the encoding has; cp1258 has the tones of Vietnamese as marks behind the letters."""
    if encoding == "cp1258":
        apart = unicodedata.normalize("NFD", text)
        for vowel in "ăâêôơưĂÂÊÔƠƯ":
            base, mark = list(unicodedata.normalize("NFD", vowel))
            for tone in ("", "\u0323"):
                apart = apart.replace(f"{base}{tone}{mark}", f"{vowel}{tone}")
        text = apart
    return text.encode(encoding, "ignore")


def guessed(data: bytes) -> str:
    return evidence_of(data).decide().text(data)[0]


@pytest.mark.parametrize(
    ("language", "encoding"),
    [(language, encoding) for language, (names, _) in _LONG.items() for encoding in names.split()],
)
def test_a_paragraph_is_read_whatever_it_was_written_in(language: str, encoding: str) -> None:
    data = encoded(_LONG[language][1], encoding)
    decision = evidence_of(data).decide()
    assert decision.text(data) == (data.decode(encoding), 0)
    assert decision.confidence is not None
    assert decision.confidence > 0.75


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        (language, encoding)
        for language, (names, _) in _LONG.items()
        for encoding in names.split()
        if encoding.startswith("cp125") or language in ("th", "ja", "zh", "zht", "ko", "ru")
        if encoding != "mac-cyrillic"
    ],
)
def test_two_lines_are_enough(language: str, encoding: str) -> None:
    data = encoded(_LONG[language][1], encoding)[:130].rpartition(b" ")[0]
    text = data.decode(encoding, "ignore")
    data = text.encode(encoding)
    assert guessed(data) == text


@pytest.mark.parametrize(("encoding", "text"), _SHORT)
def test_menus_and_lines_of_subtitles(encoding: str, text: str) -> None:
    data = encoded(text, encoding)
    assert guessed(data) == data.decode(encoding)


def test_what_is_guessed_from_little_is_guessed_with_little_confidence() -> None:
    long = ranked(encoded(_LONG["sv"][1], "cp1252"))
    short = ranked("Ćevapi, sarma, grah".encode("cp1250"))
    assert long[0][1] > 0.99
    assert short[0][1] < 0.9
    assert sum(share for _, share in short) == pytest.approx(1)


def test_the_rest_of_the_corpus_tips_the_balance_of_what_is_doubtful_and_of_nothing_else() -> None:
    prior = {"cp1250": 6.0}
    assert with_prior(ranked("Ćevapi, sarma, grah".encode("cp1250")), prior)[0][0][0] == "cp1250"
    assert with_prior(ranked(encoded(_LONG["ru"][1], "koi8-r")), prior)[0][0][0] == "koi8-r"


def test_a_stray_byte_spoils_nothing() -> None:
    text = f"{_LONG['ja'][1]}\n" * 30
    data = text.encode("euc_jp")
    spoilt = data[:500] + b"\xff\n" + data[500:]
    decision = evidence_of(spoilt).decide()
    assert decision.encoding == "euc_jp"
    assert decision.text(spoilt)[1] <= 3
