"""Words too common to tell subjects apart, by language: left out of what codes are learned from, and of nothing else.

The lists were written for this purpose: articles, pronouns, prepositions, conjunctions and auxiliary verbs. No word
that a question may be about is among them, such as *fire*, *system*, *bill* or *bottom*.
"""

from functools import cache

from semhash.errors import ConfigError

__all__ = ["LISTED", "stop_words"]

_WORDS = {
    "arabic": """من في على إلى عن مع أن إن كان كانت هذا هذه ذلك تلك التي الذي الذين ما لا لم لن هو هي هم نحن
        أنت أنا و أو ثم قد كل بعد قبل بين حتى إذا كما لكن أي عند غير فقط منذ حيث""",
    "bulgarian": """и в на с за от до по че не се да е са си ще като но или това този тази тези той тя те то
        аз ти ние вие му ѝ им ми го я ги който която което които при след преди без между към ли ако как бе
        бяха беше""",
    "catalan": """el la els les un una uns unes de del dels a al als en i o que qui com amb per perquè si no
        és són ha han hi ho es se li em et ens us seu seva seus seves aquest aquesta aquests aquestes més
        molt també ja però quan on entre fins sobre sense des""",
    "chinese": "的 了 是 在 和 不 有 我 他 她 它 们 你 这 那 就 也 都 而 及 与 或 之 于 以 为 对 被 把 从 到 上 中 个",
    "croatian": """i u na se je su da za s od o kao a ali ne što koji koja koje ili po iz do te bi sam ova
        ovaj ovo taj to te on ona oni mi vi biti bio bila nije već samo može""",
    "czech": """a v ve na se je že s z do i o k ke to za po od jsou jsem by byl byla bylo byly jako ale ne
        tak pro který která které při jeho její jejich ten ta tento tato toto si už nebo než jen když co
        podle mezi však také""",
    "danish": """og i at det en et den til er som på de med han af for ikke der var mig sig men har om vi
        min havde ham hun nu over da fra du ud sin dem os op man hans hvor eller hvad skal selv her alle vil
        blev kunne ind når være dog noget ned hende ved kan disse også efter bliver deres dette""",
    "dutch": """de en van ik te dat die in een hij het niet zijn is was op aan met als voor had er maar om
        hem dan zou of wat mijn men dit zo door over ze zich bij ook tot je mij uit der daar haar naar heb
        hoe heeft hebben deze u want nog zal me zij nu geen omdat iets worden werd wordt kan kunnen onder
        ons""",
    "english": """a about above across after again against all almost alone along already also although
        always am among an and another any anyone anything are around as at be became because become becomes
        been before behind being below beside besides between beyond both but by can cannot cant could
        couldnt did didnt do does doesnt doing dont done down due during each eg either else elsewhere
        enough etc even ever every everyone everything everywhere except few for former formerly from
        further furthermore get give go had has hasnt have havent having he hence her here herein hers
        herself him himself his how however i ie if in indeed instead into is isnt it its itself just keep
        last latter least less made many may me meanwhile might more moreover most mostly much must my
        myself namely neither never nevertheless next no nobody none nor not nothing now nowhere of off
        often on once one only onto or other others otherwise our ours ourselves out over own per perhaps
        please put rather re same see seem seemed seeming seems several she should shouldnt since so some
        somehow someone something sometime sometimes somewhere still such take than that thats the their
        theirs them themselves then thence there thereafter thereby therefore these they this those though
        through throughout thus to together too toward towards two under until up upon us use used using
        very via was wasnt we well were what whatever when whence whenever where whereas whereby wherein
        wherever whether which while who whoever whole whom whose why will with within without wont would
        wouldnt yet you your yours yourself yourselves""",
    "finnish": """ja on ei se että oli hän en mutta ovat mitä kun ole tämä ne jos niin myös sen kuin voi
        olla hänen minä sinä me te he joka jotka tai nyt vain sitä tämän jo ollut oli eivät joita jonka
        mukaan sekä kanssa ennen jälkeen siitä siinä näin koska""",
    "french": """le la les un une des de du d l et à au aux en dans que qui quoi dont où ce cet cette ces il
        elle ils elles on je tu nous vous me te se lui leur leurs son sa ses mon ma mes ton ta tes notre nos
        votre vos ne pas plus par pour sur sous avec sans est sont était étaient être été a ont avait avoir
        fait ou mais donc si comme y même aussi tout tous toute toutes très bien entre après avant peut c j
        n s m t qu""",
    "german": """der die das den dem des ein eine einen einem einer eines und oder aber doch denn weil dass
        daß ob wenn als wie wo was wer in im an am auf aus bei beim mit nach von vom zu zum zur für gegen
        ohne um durch über unter vor hinter zwischen ist sind war waren sein bin bist wird werden wurde
        wurden worden hat haben hatte hatten kann können konnte muss müssen soll sollen will wollen darf ich
        du er sie es wir ihr mich dich sich uns euch ihm ihn ihnen mein dein sein seine seiner seinen seinem
        ihre ihrer ihren ihrem unser euer dieser diese dieses diesen diesem jener jene jedes jeder jede kein
        keine keinen nicht nichts nur auch noch schon so sehr mehr hier da dann dort man etwa bis etwas alle
        alles sowie""",
    "greek": """ο η το οι τα του της των τον την τους τις και να με σε στο στη στην στον στις στα για από
        που πως δεν θα είναι ήταν έχει έχουν ένα ένας μια αυτό αυτή αυτός αυτά ως αλλά ή αν όπως μας σας μου
        σου όταν πολύ κατά μετά πριν προς μη μην""",
    "gujarati": "છે અને આ તે એ માં ના ની નું ને થી પર માટે કે હતી હતો હતું પણ એક જે શું હોય કરી",
    "hebrew": """של על את הוא היא זה זו עם לא כי אם או גם כל יש אין אני אתה הם הן אנו היה היתה הייתה היו אל
        מן עד אבל רק כמו בין אשר ש כדי מה מי""",
    "hindi": """का के की है में से को और पर यह वह हैं था थी थे ने एक भी नहीं तो ही या कि जो इस उस लिए कर हो
        गया साथ अपने तक तथा किया जा रहा होता""",
    "hungarian": """a az és hogy nem is egy ez ezt azt van volt de mint meg csak már még el ha vagy ki mert
        be lesz kell lehet volna minden én te ő mi ti ők ami aki amely sem itt ott úgy így igen azonban után
        között alatt szerint""",
    "icelandic": """og í að á er sem til við um var með það ekki af en fyrir hann hún frá því þeir þau hafa
        hefur eru eða""",
    "indonesian": """yang dan di ke dari ini itu untuk dengan pada adalah dalam tidak akan oleh juga atau
        sebagai karena telah dapat ada saya kamu dia mereka kami kita bisa sudah saat lebih para namun
        tersebut seperti hanya maka""",
    "italian": """il lo la i gli le un uno una di a da in con su per tra fra del dello della dei degli delle
        al allo alla ai agli alle dal dallo dalla dai dagli dalle nel nello nella nei negli nelle sul sullo
        sulla sui sugli sulle e ed o ma se che chi cui non come dove quando più è sono era erano essere
        stato stata ha hanno aveva avere ho si ci vi ne mi ti lo io tu lui lei noi voi loro questo questa
        questi queste quello quella quelli quelle suo sua suoi sue anche già ancora molto""",
    "japanese": "です ます した して いる ある ない こと これ それ この その から まで など は が を",
    "korean": "이 그 저 것 수 등 및 또는 그리고 그러나 하지만 있다 없다 한다 했다 이다 있는 하는 한 에서 으로 에게",
    "latvian": "un ir ar no uz par kas ka bet ne kā vai arī tas tā to ko lai pēc pie līdz bija tiek savu šo",
    "lithuanian": """ir yra į iš su kad ne bet tai kaip ar už per nuo jis ji jie buvo būti dėl apie taip pat
        šis ši po""",
    "macedonian": """и во на се да е не од со за што тоа како но ги го ја или по до при ќе тој таа тие овој
        оваа беше""",
    "malaysian": """yang dan di ke dari ini itu untuk dengan pada adalah dalam tidak akan oleh juga atau
        sebagai kerana""",
    "nepali": "को मा र छ हो ले लाई यो त्यो पनि भने गर्न छन् थियो एक का की बाट लागि तर",
    "norwegian": """og i det at en et den til er som på de med han av for ikke der var meg seg men har om vi
        min hadde ham hun nå over da fra du ut sin dem oss opp man hans hvor eller hva skal selv her alle
        vil ble kunne inn når være noen ned henne ved kan disse også etter blir deres dette jeg""",
    "persian": """و در به از که این آن را با است برای بود شد هم یک تا می بر یا اما اگر هر او ما شما آنها من
        نیز خود شده باشد های هست نیست کرد""",
    "polish": """i w we na z ze się nie to jest że do o a jak ale po co od za dla przez czy już tylko jego
        jej ich być był była było były są ten ta te tego tej tym który która które przy pod nad bez oraz lub
        może go mu tak także więc gdy aby""",
    "portuguese": """o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela pelos pelas
        para com sem sob sobre e ou mas se que quem não é são era eram foi foram ser estar está estão ao aos
        à às como mais menos muito já também só eu tu ele ela nós eles elas me te lhe seu sua seus suas este
        esta esse essa isto isso aquele aquela quando onde entre até depois tem têm ter há""",
    "romanian": """și si a al ai ale în in la de pe cu din că ca să nu este sunt era un o unui unei care ce
        mai dar sau pentru prin după fi fost am are au el ea ei ele noi voi lui lor se își acest această
        aceste acel dintre fără""",
    "russian": """и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее её мне
        было вот от меня о из ему ли если или ни быть был была были до вас мы их для при это этот эта эти
        того тем чем кто который которая которые где когда уже только также под над без между после
        перед""",
    "serbian": "и у на се је су да за с од о као а али не што који која које или по из до i u je su da za od ali",
    "slovak": """a v vo na sa je že s so z zo do i o k ku to za po od sú som by bol bola bolo boli ako ale
        nie tak pre ktorý ktorá ktoré pri jeho jej ich ten tá tento táto si už alebo než len keď čo podľa
        medzi však aj""",
    "slovenian": """in v na se je so da za z s od o kot a ali ne ki kar po iz do bi sem ta to pri tudi pa le
        še ni bil bila""",
    "spanish": """el la los las un una unos unas de del a al en y e o u que quien cual como con sin por para
        si no sí es son era eran ser fue fueron está están estar ha han había haber lo le les se me te nos
        os su sus mi mis tu tus este esta estos estas ese esa esos esas esto eso aquel aquella más menos muy
        ya también pero porque cuando donde entre hasta desde sobre tras yo él ella ellos ellas nosotros""",
    "swedish": """och i att det som en ett på är av för med till den de har inte om han men var jag sig från
        vi så kan man när år då hon under också efter eller nu sin där vid mot ska skulle kommer ut får
        finns vara hade alla hans dem bara blir upp än detta över mycket dess denna här sina du oss""",
    "tamil": """ஒரு என்று மற்றும் இந்த இது என்ற கொண்டு என்பது பல அல்லது அவர் நான் உள்ள அந்த இவர் என முதல்
        என்ன வேண்டும்""",
    "turkish": """ve bir bu da de için ile ne o çok daha gibi ama var yok mı mi mu mü en ise ya veya ki
        kadar sonra her olarak olan ben sen biz siz onlar şu diye hem değil oldu olduğu ancak göre kendi""",
    "ukrainian": """і й в у на не що з зі до та як а але це він вона вони воно я ти ми ви за від по для про
        його її їх бо чи або є був була було були при під над без між після який яка яке які так же лише
        також то""",
    "urdu": """کا کے کی ہے میں سے کو اور پر یہ وہ ہیں تھا تھی تھے نے ایک بھی نہیں تو ہی یا کہ جو اس لیے کر
        ہو گیا""",
    "vietnamese": """và của là có các được trong một cho không với này đã những để người khi đến từ ở như về
        cũng ra sẽ tại vào do bị đó theo sau lại hay hoặc nhưng thì mà""",
}  # fmt: skip

LISTED = tuple(_WORDS)
"""The languages that there is a list for."""


@cache
def stop_words(language: str) -> frozenset[str]:
    """Give the stop words of a language as written words, in small letters; none for ``none``.

    Raises
    ------
    ConfigError
        There is no list for that language.
    """
    if language == "none":
        return frozenset()
    if language not in _WORDS:
        raise ConfigError(f"stop words: expected none or one of {', '.join(LISTED)}, found {language!r}")
    return frozenset(_WORDS[language].split())
