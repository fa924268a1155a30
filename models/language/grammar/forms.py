"""Every form that a construction may ask for in its braces, by language: ``{S.gen}``, ``{N.agree:चांगला}``."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from models.language.grammar import english
from models.language.grammar.bangla import WAS, Bangla
from models.language.grammar.lexicon import CalendarWord, Lexicon, Number, Ordinal, Place, Pronoun, Time
from models.language.grammar.marathi import IS, NO, Agreement, Marathi, declined
from models.language.grammar.sentences import Clause, Copula, Hour, Nominal, NounPhrase
from models.language.names import Name
from models.language.text import digits

Form = Callable[..., str]  # of what fills the slot, a literal, and other fillings
Forms = Mapping[str, Form]
PREPOSITIONS = {"weekday": "on", "festival": "on", "month": "in", "season": "in", "daytime": "in"}
AT = ("noon", "night", "midnight", "dawn", "sunrise", "sunset", "bedtime")


def forms_of(words: Lexicon) -> dict[str, Forms]:
    """The forms of all languages, under their codes."""
    return {"en": _english(), "bn": _bangla(Bangla(words)), "mr": _marathi(Marathi(words))}


def _plain(column: str, nominal: Form, clause: Form, copula: Form) -> Form:
    """How a filling stands where no form is asked for."""

    def written(it: Any) -> str:
        if isinstance(it, Clause):
            return clause(it)
        if isinstance(it, Copula):
            return copula(it)
        if isinstance(it, NounPhrase | Pronoun | Name):
            return nominal(it)
        if isinstance(it, Place):
            return {"english": it.english_at, "bangla": it.bn_at, "marathi": it.mr_at}[column]
        return it.marathi_masculine if isinstance(it, Ordinal) and column == "marathi" else getattr(it, column)

    return written


def _at(it: Clause, bangla: str, marathi: str) -> Clause:
    """The clause at a time that English says elsewhere."""
    return replace(it, time=Time("", frozenset(), bangla, marathi))


def _english() -> Forms:
    def calendar(word: CalendarWord) -> str:
        bare = word.english.removeprefix("the ")
        preposition = "at" if bare in AT else PREPOSITIONS[word.kind]
        article = "the " if word.kind == "daytime" and preposition == "in" else ""
        return f"{preposition} {article}{bare}" if article else f"{preposition} {word.english}"

    def noun(it: NounPhrase) -> str:
        return it.noun.plural if it.plural else it.noun.english

    return {
        "": _plain("english", english.direct, english.clause, english.copula),
        "obj": english.objective, "poss": english.possessive, "be": english.be, "have": english.have, "do": english.do,
        "dont": english.dont, "isnt": english.negated_be, "was": lambda who: english.be(who, "past"),
        "s": lambda who: "s" if english.person(who) == "3s" else "",
        "es": lambda who: "es" if english.person(who) == "3s" else "",
        "to": lambda place: place.english_to, "from": lambda place: place.english_from, "in": calendar,
        "inf": english.infinitive, "ing": english.gerund, "predicate": english.predicate_of,
        "statement": lambda it: english.clause(replace(it, ask="")),
        "comp": lambda word: word.comparative, "sup": lambda word: word.superlative,
        "a": lambda word: f"{english.article(word.english)} {word.english}",
        "noun": noun, "digits": lambda number: number.value, "word": lambda number: number.english,
    }  # fmt: skip


def _bangla(bn: Bangla) -> Forms:
    def verb(tense: str, negative: bool = False) -> Form:
        return lambda who, key: bn.finite(bn.parts(key), tense, bn.level(who), negative)

    def numbered(it: NounPhrase, number: Number) -> str:
        return bn.direct(replace(it, plural=True, determiner="count", count=number))

    def numbered_digits(it: NounPhrase, number: Number) -> str:
        return f"{digits(number.value, '০')}{'জন' if it.noun.is_person else 'টা'} {it.noun.bangla}"

    return {
        "": _plain("bangla", bn.direct, bn.clause, bn.copula),
        "obj": bn.objective, "gen": bn.genitive, "loc": bn.locative, "noun": bn.bare,
        "isnt": lambda who: bn.is_not(who), "at": lambda it: it.bangla_at if isinstance(it, Hour) else bn.is_at(it),
        "was": lambda who: WAS[bn.level(who)],
        "verb": verb("present"), "no": verb("present", True), "ing": verb("continuous"), "past": verb("past"),
        "dated": verb("dated_past"), "undone": verb("past", True), "will": verb("future"), "perfect": verb("perfect"),
        "bare": bn.whole, "howmany": bn.how_many, "he": bn.pronoun,
        "to": lambda place: place.bn_to, "from": lambda place: place.bn_from, "on": lambda word: word.bn_on,
        "inf": bn.infinitive, "ger": bn.gerund, "gerg": bn.gerund_genitive,
        "predicate": bn.predicate_of, "complement": bn.predicate,
        "subjunctive": bn.subjunctive, "here": bn.here, "none": bn.none, "more": bn.more, "habit": verb("habitual"),
        "place": lambda it: bn.genitive(bn.as_place(it)), "adverb": lambda it, word: bn.clause(_at(it, word, "")),
        "ago": lambda it, number: bn.clause(_at(it, f"{number.bangla} দিন আগে", "")),
        "inyear": lambda it, year: bn.clause(_at(it, f"{year.bangla} সালে", "")),
        "formerly": lambda it: bn.predicate_of(it).removeprefix("আগে ").replace(" আগে ", " ", 1),
        "statement": lambda it: bn.clause(replace(it, ask="")),
        "during": lambda it, word: bn.clause(_at(it, word.bn_on, "")),
        "fronted": lambda it, hour: bn.clause(_at(it, hour.bangla_at, "")),
        "fronted_digits": lambda it, hour: bn.clause(_at(it, digits(hour.value, "০") + "টায়", "")),
        "oclock": lambda hour: hour.bangla, "numbered": numbered, "numbered_digits": numbered_digits,
        "digits": lambda number: digits(number.value, "০"),
    }  # fmt: skip


def _marathi(mr: Marathi) -> Forms:
    def genitive(who: Nominal, of: "Nominal | str") -> str:
        if isinstance(of, str):  # as it stands before a word of that gender: चा, ची, चं
            return mr.genitive(who, mr.third({"चा": "m", "ची": "f", "चं": "n"}[of]))
        return mr.genitive(who, mr.agreement(of))

    def own(verb: str, who: Nominal, tense: str) -> str:
        agrees, parts = mr.agreement(who), mr.parts(verb)
        return mr.future(parts, agrees, False) if tense == "future" else mr.present(parts, agrees)

    def done(of: Nominal, key: str, negative: bool = False) -> str:
        target = mr.agreement(of)._replace(person="3")
        return mr.past(mr.parts(key), target, target, negative)

    def did(who: Nominal, key: str, of: Nominal | None = None) -> str:
        """The past of a transitive verb; without an object said, of several things that are masculine: rupees."""
        return mr.past(mr.parts(key), mr.agreement(who), mr.agreement(of) if of else Agreement("3", "m", "p"), False)

    def has(who: Nominal, key: str, of: Nominal) -> str:
        """Has done, of what agrees with its object: घातला आहे, तू घातला आहेस."""
        target, second = mr.agreement(of), mr.agreement(who)[::2] == ("2", "s")
        said = declined(mr.parts(key).past + "ा", target.gender, target.number)
        return f"{said} {IS['2', 's'] if second else IS['3', target.number]}"

    def not_present(of: Nominal, key: str) -> str:
        agrees = mr.agreement(of)
        return f"{mr.parts(key).present} {NO['3', agrees.number]}"

    def strikes(said: str, hour: Hour) -> str:
        return f"{said} {'वाजला आहे' if hour.value == '1' else 'वाजले आहेत'}"

    return {
        "": _plain("marathi", mr.direct, mr.clause, mr.copula),
        "dat": mr.dative, "erg": lambda who: mr.case(who, "ने"), "obl": mr.case, "gen": genitive,
        "be": lambda who: mr.be(mr.agreement(who)), "isnt": lambda who: mr.be(mr.agreement(who), negative=True),
        "was": lambda who: mr.was(mr.agreement(who)), "no": lambda who: NO[mr.agreement(who)[0], mr.agreement(who)[2]],
        "adj": lambda word, of: mr.adjective(word, mr.agreement(of)),
        "agree": lambda of, form: declined(form, mr.agreement(of).gender, mr.agreement(of).number),
        "agree_self": lambda who, form: mr.inflected(form.removesuffix("ा"), mr.past_subject(mr.agreement(who))),
        "like": lambda who, of: declined(mr.case(who, "इतका"), mr.agreement(of).gender, mr.agreement(of).number),
        "this": lambda it: mr.pointing("this", mr.agreement(it)),
        "that": lambda it: mr.pointing("that", mr.agreement(it)),
        "who": lambda it: mr.relative(mr.agreement(it)),
        "present": lambda who, key: own(key, who, "present"), "will": lambda who, key: own(key, who, "future"),
        "thirdwill": lambda of, key: mr.future(mr.parts(key), mr.agreement(of)._replace(person="3"), False),
        "present_no": not_present,
        "third": lambda of, key: mr.present(mr.parts(key), mr.agreement(of)._replace(person="3")),
        "past": lambda who, key: mr.past(mr.parts(key), mr.agreement(who), mr.agreement(who), False),
        "did": did, "has": has, "after": mr.after, "he": mr.pronoun,
        "then": lambda it: mr.copula(replace(it, tense="future")),
        "done": lambda of, *key: done(of, *key) if key else mr.clause(replace(of, tense="past")),
        "undone": lambda of, key: done(of, key, True),
        "noun": lambda it: it.noun.mr_plural if it.plural else it.noun.marathi,
        "to": lambda place: place.mr_to, "from": lambda place: place.mr_from, "on": lambda word: word.mr_on,
        "inf": mr.infinitive, "ger": mr.gerund, "gero": mr.gerund_oblique,
        "adverb": lambda it, word: mr.clause(_at(it, "", word)),
        "ago": lambda it, number: mr.clause(_at(it, "", f"{number.marathi} दिवसांपूर्वी")),
        "inyear": lambda it, year: mr.clause(_at(it, "", f"{year.marathi} साली")),
        "formerly": lambda it: mr.predicate_of(it).removeprefix("पूर्वी ").replace(" पूर्वी ", " ", 1),
        "predicate": mr.predicate_of, "complement": mr.predicate, "wish": mr.wish,
        "everybody": lambda it: mr.predicate_of(replace(it, subject=mr.words.pronouns["they"])),
        "statement": lambda it: mr.clause(replace(it, ask="")),
        "during": lambda it, word: mr.clause(_at(it, "", word.mr_on)),
        "fronted": lambda it, hour: mr.clause(_at(it, "", hour.marathi_at)),
        "fronted_digits": lambda it, hour: mr.clause(_at(it, "", digits(hour.value, "०") + " वाजता")),
        "at": lambda hour: hour.marathi_at, "vaj": lambda hour: strikes(hour.marathi, hour),
        "vaj_digits": lambda hour: strikes(digits(hour.value, "०"), hour),
        "oblique": lambda word: declined(word.marathi_masculine, "m", "s", oblique=True),
        "agreeing": lambda word, of: declined(word.marathi_masculine, mr.agreement(of).gender, mr.agreement(of).number),
        "digits": lambda number: digits(number.value, "०"),
    }  # fmt: skip
