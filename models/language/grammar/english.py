"""How English says it."""

from dataclasses import replace

import regex

from models.language.grammar.lexicon import Adjective, Pronoun
from models.language.grammar.sentences import Clause, Copula, Nominal, NounPhrase
from models.language.names import Name

BE = {"1s": ("am", "was"), "3s": ("is", "was")}  # otherwise are, were
HAVE, DO, WANT, LIKE, NEED, TRY = (
    ("have", "has", "had"), ("do", "does", "did"), ("want", "wants", "wanted"), ("like", "likes", "liked"),
    ("need", "needs", "needed"), ("try", "tries", "tried"),
)  # fmt: skip
NOT = {
    "am": "am not", "is": "isn't", "are": "aren't", "was": "wasn't", "were": "weren't", "do": "don't",
    "does": "doesn't", "did": "didn't", "have": "haven't", "has": "hasn't", "can": "can't", "could": "couldn't",
    "will": "won't", "should": "shouldn't", "must": "must not", "may": "may not", "would": "wouldn't",
}  # fmt: skip
CONTRACTED = {"am": "'m", "is": "'s", "are": "'re", "will": "'ll", "have": "'ve", "has": "'s", "would": "'d"}
MIDDLE = frozenset(("always", "often", "usually", "sometimes", "already", "still"))  # before the main verb


def person(who: Nominal) -> str:
    """1s, 3s, or p: which form of the verb it takes."""
    if isinstance(who, Pronoun):
        return {"1s": "1s", "3m": "3s", "3f": "3s", "3n": "3s"}.get(who.english_person, "p")
    return "p" if isinstance(who, NounPhrase) and who.plural else "3s"


def direct(who: Nominal) -> str:
    if isinstance(who, Pronoun):
        return who.english
    return who.english if isinstance(who, Name) else _phrase(who)


def objective(who: Nominal) -> str:
    return who.english_object if isinstance(who, Pronoun) else direct(who)


def possessive(who: Nominal) -> str:
    if isinstance(who, Pronoun):
        return who.english_possessive
    said = direct(who)
    return said + ("'" if isinstance(who, NounPhrase) and who.plural and said.endswith("s") else "'s")


def _phrase(it: NounPhrase) -> str:
    words = [it.noun.plural if it.plural else it.noun.english]
    if it.adjective:
        words.insert(0, it.adjective.english)
    if it.possessor:
        words.insert(0, possessive(it.possessor))
    elif it.count:
        words.insert(0, it.count.english)
    elif it.determiner == "a":
        words.insert(0, article(words[0]))
    elif it.determiner in ("this", "that"):
        words.insert(0, {"this": "these", "that": "those"}[it.determiner] if it.plural else it.determiner)
    elif it.determiner in ("the", "some", "many"):
        words.insert(0, "a lot of" if it.determiner == "many" and not it.plural else it.determiner)
    return " ".join(words)


def article(word: str) -> str:
    """*a* or *an*."""
    vowel = regex.match(r"[aeiou]", word) and not regex.match(r"(uni|use|usu|euro|one\b|u[kst]e)", word)
    return "an" if vowel or regex.match(r"(hour|honest|MRI|X-ray|LED)", word) else "a"


def be(who: Nominal, tense: str = "present") -> str:
    return BE.get(person(who), ("are", "were"))[tense == "past"]


def have(who: Nominal) -> str:
    return "has" if person(who) == "3s" else "have"


def do(who: Nominal) -> str:
    return "does" if person(who) == "3s" else "do"


def dont(who: Nominal) -> str:
    return "doesn't" if person(who) == "3s" else "don't"


def negated_be(who: Nominal) -> str:
    return NOT[be(who)]


def clause(it: Clause) -> str:
    """The clause without capital letter and final mark."""
    who, verb = it.subject, it.verb
    rest = _rest(it)
    if it.tense in ("imperative", "polite", "lets", "let_me"):
        start = {"imperative": "", "polite": "please ", "lets": "let's ", "let_me": "let me "}[it.tense]
        refusal = "not " if it.tense == "lets" else "don't "
        return start + (refusal if it.negative else "") + " ".join([verb.base, *rest])
    if it.ask == "who":
        auxiliary, finite, main = _verb(it, "3s", asked=False)
        return " ".join(["who", *auxiliary, *finite, *main, *rest])
    auxiliary, finite, main = _verb(it, person(who), asked=bool(it.ask))
    said = direct(who)
    if not it.ask:
        return _joined(said, auxiliary, it.contracted and isinstance(who, Pronoun)) + " ".join(
            ["", *finite, *main, *rest]
        )
    question = [] if it.ask == "yesno" else [it.ask]
    if auxiliary and auxiliary[0] == "am not":
        return " ".join([*question, "am", said, "not", *finite, *main, *rest])
    words = auxiliary[0].split(" ") if auxiliary else []
    return " ".join([*question, words[0], said, *words[1:], *finite, *main, *rest])


def _joined(said: str, auxiliary: list[str], contracted: bool) -> str:
    if not auxiliary:
        return said
    if contracted and auxiliary[0] in CONTRACTED:
        return said + CONTRACTED[auxiliary[0]]
    if auxiliary[0] == "am not" and contracted:
        return f"{said}'m not"
    return f"{said} {auxiliary[0]}"


def _verb(it: Clause, who: str, asked: bool) -> tuple[list[str], list[str], list[str]]:
    """Auxiliary (negated where need be), adverb of it, and main verb."""
    auxiliary, finite, main = _bare_verb(it, who, asked)
    return auxiliary, [*finite, it.time.english] if it.time and it.time.english in MIDDLE else finite, main


def _bare_verb(it: Clause, who: str, asked: bool) -> tuple[list[str], list[str], list[str]]:
    verb, tense, negative = it.verb, it.tense, it.negative
    third = who == "3s"
    am, was = BE.get(who, ("are", "were"))
    has = "has" if third else "have"
    semi = {
        "have_to": HAVE, "want_to": WANT, "like_to": LIKE, "need_to": NEED, "had_to": HAVE, "wanted_to": WANT,
    }.get(tense)  # fmt: skip
    if semi or tense in ("present", "past", "used_to", "start_to", "forgot_to", "know_how_to"):
        past = tense in ("past", "had_to", "wanted_to", "used_to", "start_to", "forgot_to")
        tail = [f"to {verb.base}"]
        if tense in ("present", "past"):
            forms, tail = (verb.base, verb.third, verb.past), []
        elif tense == "know_how_to":
            forms, tail = ("know", "knows", "knew"), [f"how to {verb.base}"]
        else:
            forms = semi or {
                "used_to": ("use", "uses", "used"), "start_to": ("start", "starts", "started"),
                "forgot_to": ("forget", "forgets", "forgot"),
            }[tense]  # fmt: skip
        if negative or asked:
            auxiliary = DO[2] if past else DO[1] if third else DO[0]
            return [NOT[auxiliary] if negative else auxiliary], [], [forms[0], *tail]
        return [], [], [forms[2] if past else forms[1] if third else forms[0], *tail]
    auxiliary, finite, main = {
        "continuous": (am, [], [verb.ing]), "past_continuous": (was, [], [verb.ing]),
        "perfect": (has, [], [verb.participle]), "just": (has, ["just"], [verb.participle]),
        "never": (has, ["never"], [verb.participle]), "ever": (has, ["ever"], [verb.participle]),
        "future": ("will", [], [verb.base]), "going_to": (am, [], ["going to", verb.base]),
        "can": ("can", [], [verb.base]), "could": ("could", [], [verb.base]), "may": ("may", [], [verb.base]),
        "must": ("must", [], [verb.base]), "should": ("should", [], [verb.base]),
        "would_like_to": ("would", [], ["like to", verb.base]), "try_to": (am, [], ["trying to", verb.base]),
    }[tense]  # fmt: skip
    return [NOT[auxiliary] if negative else auxiliary], finite, main


def _rest(it: Clause) -> list[str]:
    """What follows the verb: object, manner, goal, place, means, time."""
    parts = []
    if it.object and it.recipient:
        parts += [objective(it.object), "to", objective(it.recipient)]
    elif it.object:
        parts += [it.verb.en_particle, objective(it.object)]
    elif it.recipient:
        parts += [it.verb.en_particle, objective(it.recipient)]
    elif it.ask == "what" or it.verb.frame in ("none", "place"):
        parts += [it.verb.en_particle]
    parts += [it.manner.english] if it.manner else []
    parts += [it.goal.english_to] if it.goal else []
    parts += [it.place.english_at] if it.place else []
    parts += [it.transport.english] if it.transport else []
    parts += [it.time.english] if it.time and it.time.english not in MIDDLE else []
    return [part for part in parts if part]


def predicate_of(it: "Clause | Copula") -> str:
    """What is said of the subject, as after *who*: *is playing in the garden*."""
    plain = replace(it, contracted=False)
    said = copula(plain) if isinstance(plain, Copula) else clause(plain)
    return said.removeprefix(direct(it.subject)).strip()


def infinitive(it: Clause) -> str:
    return " ".join([it.verb.base, *_rest(it)])


def gerund(it: Clause) -> str:
    return " ".join([it.verb.ing, *_rest(it)])


def copula(it: Copula) -> str:
    who = it.subject
    auxiliary = "will" if it.tense == "future" else be(who, it.tense)
    main = ["be"] if it.tense == "future" else []
    said = NOT[auxiliary] if it.negative else auxiliary
    tail = [*main, *([it.degree.english] if it.degree else []), predicate(it), *([it.time.english] if it.time else [])]
    if not it.ask:
        return _joined(direct(who), [said], it.contracted and isinstance(who, Pronoun)) + " " + " ".join(tail)
    question = [] if it.ask == "yesno" else [it.ask]
    words = said.split(" ")
    return " ".join([*question, words[0], direct(who), *words[1:], *tail]).strip()


def predicate(it: Copula) -> str:
    what = it.predicate
    if isinstance(what, Adjective):
        return what.english
    return direct(what) if isinstance(what, NounPhrase) else what.english_at
