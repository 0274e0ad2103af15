"""Whether a text is in a language that Coach does not answer in: by its script and by its commonest small words."""

from __future__ import annotations

import re

LEAST = 2
"""Small words of another language that tell it, where English ones are fewer."""
_ENGLISH = frozenset(
    "the a an is are was were do does did have has had how what when where which who why i my me you your it this that these"
    " of in on at to for from with and or not much many long time task tasks today yesterday week month show tell give".split()
)
_OTHERS = frozenset((
    # German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish; words that are English too are left out
    "wie viel viele lange habe ich heute gestern woche monat was ist sind wann wo warum welche welcher welches mein meine meinen"
    " der die das und nicht mit für von zu auf den dem ein eine einen mir mich hatte gearbeitet zeit aufgaben aufgabe"
    " combien quel quelle quels quelles est sont où pourquoi je ma mes ai aujourd'hui hier semaine mois le la les du de et"
    " pas avec pour dans sur un une temps passé tâche tâches travaillé"
    " cuánto cuánta cuántas cuántos cuanto cuantas qué cuál cuándo dónde por estoy he hoy ayer semana mes el los las y con para"
    " en tiempo tareas tarea mi mis trabajé"
    " quanto quanta quanti quante quale quando dove perché io ho oggi ieri settimana mese il lo gli e non con per tempo lavorato"
    " mio mia miei compiti"
    " quantas quantos qual onde porque eu tenho hoje ontem semana mês o os as com para não tarefas minha meu trabalhei"
    " hoeveel hoe wat wanneer waar waarom welke ik mijn heb vandaag gisteren deze maand het een en niet met voor van tijd taken"
    " gewerkt is"
    " ile jak co kiedy gdzie dlaczego mam dzisiaj wczoraj tydzień moje zadania czas"
    " hur mycket länge vad när var varför jag mina idag igår vecka månad och inte tid uppgifter jobbade").split()
) - _ENGLISH - frozenset("is was die are on to no he me i o e en as y per mes la de du le un una".split())


def foreign(text: str) -> bool:
    """Whether the text is most likely not English."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return False
    if sum(ord(c) > 0x24F for c in letters) * 3 > len(letters):  # beyond Latin letters
        return True
    words = [w.lower() for w in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text)]
    others, english = sum(w in _OTHERS for w in words), sum(w in _ENGLISH for w in words)
    return others >= LEAST and others > english


def has_english(text: str) -> bool:
    """Whether at least one of the commonest small English words stands in the text."""
    return any(w.lower() in _ENGLISH for w in re.findall(r"[^\W\d_]+", text))
