"""What no line may say: bodies, identity, health, worth, money, abuse, anything aimed at the person; and, for lines that a
language model wrote, claims that nobody checked. The one home of it, for lines of nudges, of answers and of persona packs. Pure.

It knows English. Every reading of a text is looked at (`core/disguise.py`); words in harmless company are put aside first."""

from __future__ import annotations

import re
from collections.abc import Mapping

from coach.core import disguise


def _joined(block: str) -> str:
    """The alternatives of a block of lines as one pattern."""
    return re.sub(r"\n *", "", block)


_WORDS: Mapping[str, str] = {kind: _joined(block) for kind, block in {
    "bodies": r"""
        fat(?:s|ty|so|ter|test|ness)?|overweight|obes\w+|chubby|chunky|plump|flabby|skinny|scrawny|thin(?:ner|nest)?
        |ugly|uglier|hideous|bald(?:ing)?|belly|bellies|waist(?:line)?|buttocks|butt|boobs?|breasts?|thighs?
        |double chin|wrinkl\w*|wrinkly|pimpl\w+|acne|body odou?r|smelly|diet(?:s|ing)?|calori\w+|bmi|weight
        |extra pounds|hairline|beer gut|flat[- ]chested|shorty|midget|pretty face|good[- ]looking|gym membership
        |lose (?:some )?pounds|dress size
        |kilos|blondes?|brunettes?|redheads?|backside|muscles|handsome|(?:lose|losing|gain|gained) (?:a few |some )?kilos
        |your (?:hair|skin|nose|teeth|legs|arms|stomach|hips|chin|mirror|waistband|figure|beard|backside|size)
        |you look (?:tired|old|older|awful|terrible|ill|sick|like)
    """,
    "identity": r"""
        gender\w*|sexist|rac(?:e|es|ial|ist|ism)|ethnic\w*|religio\w*|christians?|muslims?|islam\w*|jew(?:s|ish)?
        |hindus?|buddhis\w+|atheis\w+|gays?|lesbian\w*|homo(?:s|sexual\w*)?|bisexual\w*|trans(?:gender|sexual)\w*
        |tranny|queer\w*|faggot\w*|straight (?:man|woman|guy)|nationalit\w*|immigrants?|foreigners?|refugees?
        |disab(?:led|ility|ilities)|crippl\w*|handicapped|retard(?:s|ed)?|girl(?:y|ie)|manly|man up
        |like a (?:girl|woman|man|boy|grandma|grandpa)|for a (?:girl|woman|man|boy|mother|father)|boomers?|old age
        |old (?:man|woman|lady|hag|geezer)|at your age|housewi\w+|black people|white people|whore|slut\w*|nigg\w+
        |nazis?|politic(?:s|al|ian|ians)|republicans?|democrats?
        |women|men|woman|millennials?|gen z|zoomers?|old people|young people|teenagers?|almighty|jesus|allah|bible
            |pray(?:er|ers|ing)?
        |church|priests?|sinners?|your accent|(?:you(?:'re| are)|still) single|virgins?|big girl
    """,
    "health": r"""
        adhd|autis\w*|aspergers?|ocd|ptsd|depress(?:ed|ion|ing|ive)|anxi(?:ety|ous)|panic attack\w*|bipolar|schizo\w*
        |psycho(?:s|tic|path\w*)?|narcissis\w+|mental(?:ly)? (?:illness|ill|health|breakdown|case)|insane|insanity
        |crazy|lunatics?|nutcase|therap(?:y|ies|ist\w*)|psychiatr\w+|diagnos\w*|medicat\w*|medicine|antidepress\w*
        |prescri(?:be|ption)\w*|ritalin|adderall|pills?|supplements?|vitamins?|dos(?:e|age) of|doctors?|physicians?
        |illness\w*|disease\w*|syndrome|cancer|tumou?rs?|diabet\w+|blood pressure|cholesterol|heart attack|insomnia\w*
        |sleep apn\w+|addict(?:s|ed|ion)?|alcoholi\w+|drunk(?:ard)?|drugs?|burn(?:t|ed)? ?out|hormon\w+|dementia
        |alzheimer\w*
        |a shrink|professional help|meditat(?:e|ion|ing)|cures?|cured|heals?|healing|remed(?:y|ies)|aspirin|ibuprofen
            |painkillers?
        |symptoms? of your|immune|hours of sleep|sleep (?:eight|seven|more) hours|exhaustion|nervous breakdown
            |your nerves|migraines?
        |you should (?:sleep|eat|exercise|fast)|tranquilli[sz]ers?
    """,
    "worth": r"""
        stupid\w*|idiot\w*|moron\w*|dumb(?:ass|er|est)?|imbecile\w*|cretin\w*|dimwit\w*|half[- ]?wit\w*|nitwit\w*
        |dunce|airhead\w*|brain(?:less|dead)|lazy|lazier|laziest|laziness|lazybones|slackers?|layabout\w*
        |good[- ]for[- ]nothing|couch potato\w*|losers?|worthless\w*|pathetic\w*|incompetent\w*|incompetence|hopeless
        |useless (?:person|human|being|lump|sack)|inferior|mediocre|weaklings?|cowards?|cowardly|quitters?|scum\w*
        |lowli(?:fe|ves)|deadbeats?|disgrace\w*|ashamed|shame on|waste of (?:space|oxygen|air|skin|time you)
        |nobody (?:likes|loves|needs|wants) you|dull as|thick as a|get a life
        |no (?:talent|willpower|discipline|brain|backbone|spine)|talentless|spineless|gutless|failure of a
        |underachiever\w*|dropouts?|simpleton\w*|numbskull\w*|blockhead\w*|bonehead\w*|ignoramus|trash human
        |slobs?|sluggards?|muppets?|wimps?|sissy|sissies|dumm(?:y|ies)|fools?|foolish|jerks?|twits?|twats?|prats?
            |dolts?|pigs?
        |oafs?|illiterate|not (?:smart|clever|good|bright|strong|talented) enough|weakest link|attention span
            |self[- ]control
        |brain of a|joke of a|shameful|disappointment to|(?:silly|naughty|bad) you|grow up|such a baby|big baby
            |cry ?bab(?:y|ies)
        |nobody (?:would|will|could|respects|trusts|believes|wants)(?: \w+)? (?:hire|miss|trust|you|notice you)
            |nobody would hire
        |(?:a|even a|any) (?:monkey|child|toddler|kid|baby|dog) (?:could|can|would)|lame excuses?|freeloaders?|parasites?
    """,
    "money": r"""
        money|cash|salar(?:y|ies)
        |(?:get|gets|got|make|makes|made|be|become|becomes|getting|filthy|you're|you are) (?:you )?rich|riches
        |poor (?:people|person|you)|too poor|you(?:'re| are) poor|debts?|wages?
        |pay ?(?:check|cheque|slip|rise|raise)s?|pensions?|invest(?:s|ed|ing|ments?|ors?)?|stocks?|shares in
        |dividends?|bitcoins?|crypto(?:currency|s)?|mortgages?|loans?|bankrupt\w*|savings account
        |credit (?:score|card)s?|dollars?|euros?|go(?:ing|es)? broke|you(?:'re| are) broke|get fired|lose your job
        |millionaires?|billionaires?|lotter(?:y|ies)|casinos?|gambl(?:e|er|ing)
        |index funds?|hedge funds?|buy low|sell high|pays you|paid you|pay off|net worth|interest rates?|tax refund
            |afford|tips on shares
    """,
    "abuse": r"""
        suicid\w*|kill(?:s|ed|ing|er)?|kys|murder\w*|die|dies|died|dying|dead|death|corpses?|self[- ]harm
        |hang yourself|slit|strangl\w*|fuck\w*|motherf\w+|shit\w*|bullshit|bitch\w*|bastards?|arse(?:hole)?s?
        |ass(?:hole|es|hat)?|cunts?|wank\w*|dickhead\w*|piss(?:ed)? off|screw you|shut up|go to hell|damn you
        |rot in hell
    """,
    "aimed at the person": r"""
        (?:you(?:'re| are|r| r| were)|u r|youre|ur) (?:a|an|so|such|too|just|always|never|bad|weak|slow|late|failing
            |useless|careless|clueless|nothing|terrible|awful|lame|boring|a mess|behind everyone|disappointing|wasting
            |the (?:problem|worst|reason))(?![\w'])
        |you (?:always|never|fail|failed|suck|stink|can't even|cannot even|lack|disappoint\w*|embarrass\w*
            |deserve (?:this|it|nothing)|should know better|ought to be|bore|procrastinat\w+|wasted|messed|ruin(?:ed)?
            |blew)(?![\w'])
        |you'll (?:never|fail)|you will (?:never|fail)
        |your (?:fault|lazi\w+|character|face|body|looks|brain|stupid\w*|mother|mum|mom|wife|husband|kids|parents
            |failure|incompetence|excuses|mess|pathetic|sad little|habits? of failing|lack of)(?![\w'])
        |(?:people|someone|somebody|anyone|losers) like you|what is wrong with you|what's wrong with you
        |typical (?:of )?you|yourself to blame|blame yourself|you again|as usual, you|even you (?:can|could)
        |i(?:'m| am) disappointed in you
        |you(?:'re| are) (?:really|actually|still|honestly|truly|clearly|simply|obviously|literally|quite|pretty
            |very) (?:a|an|the|bad
            |weak|slow|late|lazy|terrible|awful|hopeless|useless)
        |you(?:'re| are) (?:the (?:weakest|worst|slowest|laziest|kind of)|not (?:smart|clever|good|bright|able))
            |you(?:'d| would) be fired
        |you (?:dolt|clown|sloth|fool|child|baby|thing|lot|silly \w+)|you have (?:no|the attention|zero)
            |are you (?:even|blind|deaf|incapable
            |serious|kidding)|you (?:don't|do not) (?:deserve|even|have what)|even your (?:mum|mom|mother|dog|cat|boss
                |parents|grandma)
        |(?:right|wrong) about you|your (?:life is|boss|ex|friends|colleagues all)|feel (?:guilty|bad|ashamed)
            |get off your|move your
        |no wonder you|you were born|wast(?:e|ing) your life|you (?:really )?(?:ought|should) (?:to )?(?:feel
            |be ashamed|be sorry)
    """,
}.items()}
_PATTERNS = {kind: re.compile(rf"(?<![\w'])(?:{words})(?![\w])", re.IGNORECASE) for kind, words in _WORDS.items()}

_HARMLESS = re.compile(_joined(r"""
    coach doctor|race (?:conditions?|to|against|with|is on|is over)|data races?|arms race|cash ?flow
    |dose of (?:reality|luck|caffeine|daylight)
    |(?:thin|fat|rich|dumb) (?:clients?|terminals?|pipes?|jars?|binar(?:y|ies)|arrows?|luck|air|text|ice|line
        |end of the wedge|slice)
    |wear(?:ing|s)? thin|spread thin|stretched thin|thin (?:wrapper|layer|client|crust)
    |weight of (?:the|this|that|a) (?:list|task|day|week|plan|pile|backlog)
    |(?:pull|carr(?:y|ies)|lift)\w* (?:its|their|the) weight
    |dead(?: |-)?(?:lines?|locks?|ends?|letters?|code|links?|reckoning|simple|quiet|easy|weight|heat|calm|ringers?
        |centre|center|keys?)
    |kill(?:s|ed|ing|er)? (?:the |a |that |this |some |one )?(?:time|process(?:es)?|tabs?|jobs?|switch|features?
        |builds?|branch(?:es)?|task|session|timer|the mood|shortcut|bug|bugs|server)
    |overkill|(?:died|dies|die) (?:down|away)|die[ -](?:cast|roll|cut)|dice
    |invest(?:s|ed|ing)? (?:\w+ ){0,3}(?:time|minutes?|hours?|attention|half an hour|energy|thought)
    |(?:in|out of|took|take|takes|taking|overflow|full) stock(?: photos?)?|stock (?:photos?|answers?|phrases?)
    |stockholm|lazy (?:loading|evaluation|load|sunday|import|imports|initiali[sz]ation|afternoon)|dead sea
    |dumb question|burn(?:s|t|ed)? out (?:the|of|a)|(?:the )?(?:heart|brain) of the|butt of|breast pocket|rat race
    |drug on|insane mode
    |you(?:'re| are) just (?:in time|one|a (?:click|step|key|tab|few)|about|minutes?|starting|getting|back|fine)
    |you(?:'re| are) (?:a|just a) (?:step|click|key|tab|few|minute|line|sentence|commit|paragraph|little closer
        |bit closer|free)
    |you never (?:know|said|have to|need to|wrote)|you always (?:can|have|may)|you are so close|for a man(?:ual|ager)
"""), re.IGNORECASE)
"""Company in which a word means nothing of the kind."""

_NUMBERS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|hundreds?|thousands?|millions?|dozens?|half|twice|double|triple|percent|per cent|zero|none of)\b",
    re.IGNORECASE,
)
_MEASURES = ("half an hour", "next half hour", "half the work", "quarter of an hour")
_CLAIMS = re.compile(_joined(r"""
    yesterday|last (?:week|month|year|night|time)
    |since (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|then|you)
    |(?:this|grown|done|been \w+) every (?:day|week|month)|every (?:day|week|month) since
    |for (?:days|weeks|months|years)|more than (?:usual|ever|before|last)|less than (?:usual|ever|last)
    |(?:your|a) (?:record|best|worst|average)|studies|research|scien(?:ce|tists?) (?:says?|shows?)|proven|statistic\w*
    |guarantee\w*|always works|most people|everyone else|the data (?:says?|shows?)
"""), re.IGNORECASE)


def objections(text: str) -> list[str]:
    """What no line may say, each with the words it was found by; empty when there is nothing. Placeholders are no words."""
    text = re.sub(r"\{\w*\}", " ", text)
    found: dict[str, str] = {}
    for reading in disguise.readings(text):
        plain = _HARMLESS.sub(" ", reading)
        for kind, pattern in _PATTERNS.items():
            if kind not in found and (word := pattern.search(plain)):
                found[kind] = word[0].strip()
    for starred in disguise.starred(text):
        for kind, words in _PLAIN.items():
            if kind not in found and (meant := next(filter(starred.fullmatch, words), None)):
                found[kind] = meant
    said = [f"{word!r}: about {kind}" if kind != _AIMED else f"{word!r}: {kind}" for kind, word in found.items()]
    if two := disguise.mixed(text):
        said.append(f"{two!r}: a word of two scripts")
    return said


def claims(text: str) -> list[str]:
    """What only a measured fact may say, for lines that no person vetted: numbers in words, comparisons, times gone by."""
    plain = text
    for words in _MEASURES:
        plain = re.sub(words, "", plain, flags=re.IGNORECASE)
    found = []
    if number := _NUMBERS.search(plain):
        found.append(f"a number word: {number[0]}")
    if claim := _CLAIMS.search(plain):
        found.append(f"a claim: {claim[0]}")
    return found


_AIMED = "aimed at the person"
_PLAIN = {kind: tuple(word for word in re.findall(r"[a-z]{3,}", words) if word.isalpha()) for kind, words in _WORDS.items()
          if kind != _AIMED}
"""The words of each kind without their endings, for words with letters starred out."""
