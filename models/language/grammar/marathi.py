"""How Marathi says it: gender, oblique stems, and which part of the sentence the verb agrees with."""

from dataclasses import replace
from typing import NamedTuple

from models.language.grammar.lexicon import Adjective, Lexicon, MarathiVerb, Place, Pronoun
from models.language.grammar.sentences import Clause, Copula, Nominal, NounPhrase
from models.language.names import Name

IS = {("1", "s"): "आहे", ("2", "s"): "आहेस", ("3", "s"): "आहे", ("1", "p"): "आहोत", ("2", "p"): "आहात", ("3", "p"): "आहेत"}
IS_NOT = {
    ("1", "s"): "नाहीये", ("2", "s"): "नाहीयेस", ("3", "s"): "नाहीये", ("1", "p"): "नाही आहोत", ("2", "p"): "नाही आहात",
    ("3", "p"): "नाहीयेत",
}  # fmt: skip
NO = {
    ("1", "s"): "नाही",
    ("2", "s"): "नाहीस",
    ("3", "s"): "नाही",
    ("1", "p"): "नाही",
    ("2", "p"): "नाही",
    ("3", "p"): "नाहीत",
}
WILL_BE = {
    ("1", "s"): "सेन", ("2", "s"): "सशील", ("3", "s"): "सेल", ("1", "p"): "सू", ("2", "p"): "साल", ("3", "p"): "सतील",
}  # fmt: skip
QUESTION = {"what": "काय", "where": "कुठे", "when": "कधी", "why": "का", "how": "कसं"}
PLURAL_CASE = {"ला": "ना", "ने": "नी"}


class Agreement(NamedTuple):
    """What a verb agrees with."""

    person: str
    gender: str
    number: str


NEUTER = Agreement("3", "n", "s")


def declined(form: str, gender: str, number: str, oblique: bool = False) -> str:
    """An adjective or participle given in -ा: चांगला, चांगली, चांगलं, चांगले, चांगल्या, चांगली; oblique चांगल्या."""
    if form in ("कसा", "असा", "जसा", "तसा") and (oblique or gender == "f"):
        return form[0] + ("शी" if number == "s" and not oblique else "शा")
    if form in ("कसा", "असा", "जसा", "तसा") and gender + number == "np":
        return form[0] + "शी"
    stem = form.removesuffix("ा")
    many = (stem[:-1] + "ऱ्या") if stem.endswith("र") and stem[-2:-1] != "्" else stem + "्या"  # पांढऱ्या, but भित्र्या
    if oblique or gender + number == "fp":
        return many
    return stem + {"ms": "ा", "fs": "ी", "ns": "ं", "mp": "े", "np": "ी"}[gender + number]


class Marathi:
    def __init__(self, words: Lexicon) -> None:
        self.words = words

    def agreement(self, who: Nominal) -> Agreement:
        if isinstance(who, Pronoun):
            return Agreement(who.mr_person, who.mr_gender, who.mr_number)
        if isinstance(who, Name):
            return Agreement("3", who.gender, "s")
        respected = "mr" in self.words.respected.get(who.noun.english, "").split()
        many = (
            who.plural or respected or (not who.noun.plural and bool(who.noun.mr_plural))
        )  # पैसे, which English has one of
        return Agreement("3", who.noun.gender, "p" if many else "s")

    def third(self, gender: str) -> Agreement:
        return Agreement("3", gender, "s")

    def past_subject(self, to: Agreement) -> Agreement:
        """The second person says आहेस with a participle that has no person of its own."""
        return to._replace(person="3") if to.person == "2" else to

    def relative(self, to: Agreement) -> str:
        return {"ms": "जो", "fs": "जी", "ns": "जे", "mp": "जे", "fp": "ज्या", "np": "जी"}[to.gender + to.number]

    # --- nouns -------------------------------------------------------------------------------------------------------

    def direct(self, who: Nominal) -> str:
        if isinstance(who, Pronoun | Name):
            return who.marathi
        return " ".join([*self._before(who, oblique=False), who.noun.mr_plural if who.plural else who.noun.marathi])

    def case(self, who: Nominal, ending: str) -> str:
        """The oblique with an ending: मुलाला, मुलांना, माझ्या आईसाठी, त्याच्याशी."""
        if isinstance(who, Pronoun):
            whole = {"ला": who.mr_dative, "ने": who.mr_ergative}
            return whole.get(ending) or declined(who.mr_genitive_masculine, "m", "s", oblique=True) + ending
        if isinstance(who, Name):
            return who.marathi + ending
        noun = who.noun.mr_plural_oblique if self._is_plural(who) else who.noun.mr_oblique
        ending = PLURAL_CASE.get(ending, ending) if self._is_plural(who) else ending
        if ending == "त" and "क" <= noun[-1] <= "ह":  # a loanword without an oblique: बसमध्ये
            ending = "मध्ये"
        return " ".join([*self._before(who, oblique=True), noun + ending])

    def _is_plural(self, who: NounPhrase) -> bool:
        return self.agreement(who).number == "p" and bool(who.noun.mr_plural_oblique)

    def genitive(self, who: Nominal, of: Agreement, oblique: bool = False) -> str:
        """माझा, माझी, आईचं, agreeing with what is possessed."""
        base = who.mr_genitive_masculine if isinstance(who, Pronoun) else self.case(who, "चा")
        return declined(base, of.gender, of.number, oblique)

    def dative(self, who: Nominal) -> str:
        return self.case(who, "ला")

    def adjective(self, what: Adjective, agrees: Agreement, oblique: bool = False) -> str:
        return declined(what.marathi, agrees.gender, agrees.number, oblique) if what.declines == "yes" else what.marathi

    def _before(self, it: NounPhrase, oblique: bool) -> list[str]:
        agrees = self.agreement(it)
        words = []
        if it.possessor:
            words.append(self.genitive(it.possessor, agrees, oblique))
        elif it.count:
            words.append(it.count.marathi)
        elif it.determiner == "a":
            words.append("एका" if oblique else "एक")
        elif it.determiner in ("this", "that"):
            words.append(self.pointing(it.determiner, agrees, oblique))
        elif it.determiner == "some":
            words.append("काही" if it.plural else declined("थोडा", agrees.gender, agrees.number, oblique))
        elif it.determiner == "many":
            words.append("खूप")
        return [*words, self.adjective(it.adjective, agrees, oblique)] if it.adjective else words

    def pointing(self, which: str, agrees: Agreement, oblique: bool = False) -> str:
        key = agrees.gender + agrees.number
        if which == "this":
            return "या" if oblique else {"ms": "हा", "fs": "ही", "ns": "हे", "mp": "हे", "fp": "या", "np": "ही"}[key]
        return "त्या" if oblique else {"ms": "तो", "fs": "ती", "ns": "ते", "mp": "ते", "fp": "त्या", "np": "ती"}[key]

    # --- verbs -------------------------------------------------------------------------------------------------------

    def parts(self, verb: str) -> MarathiVerb:
        return self.words.marathi_verbs[verb]

    def present(self, verb: MarathiVerb, to: Agreement) -> str:
        masculine = to.gender == "m"
        ending = {
            ("1", "s"): "ो" if masculine else "े", ("2", "s"): "ोस" if masculine else "ेस",
            ("3", "s"): {"m": "ो", "f": "े", "n": "ं"}[to.gender], ("1", "p"): "ो", ("2", "p"): "ा", ("3", "p"): "ात",
        }[to.person, to.number]  # fmt: skip
        return verb.present + ending

    def was(self, to: Agreement, negative: bool = False) -> str:
        return self.inflected("नव्हत" if negative else "होत", to)

    def inflected(self, base: str, to: Agreement) -> str:
        """The past of a verb that agrees with its subject: गेलो, गेलास, गेला, गेलं, गेलात, गेल्या."""
        if (to.person, to.number) == ("1", "s"):
            return base + ("ो" if to.gender == "m" else "े")
        if to.person == "1":
            return base + "ो"
        if (to.person, to.number) == ("2", "s"):
            return base + ("ास" if to.gender == "m" else "ीस")
        return base + "ात" if to.person == "2" else declined(base + "ा", to.gender, to.number)

    def past(self, verb: MarathiVerb, subject: Agreement, target: Agreement, negative: bool) -> str:
        if verb.ergative == "yes":
            said = declined(verb.past + "ा", target.gender, target.number)
            if subject.person == "2" and not negative:
                said += "स" if subject.number == "s" else "त"
            no = NO["2", "s"] if (subject.person, subject.number) == ("2", "s") else NO["3", target.number]
        else:
            plain = negative and subject.person == "2"
            said = self.inflected(verb.past, subject._replace(person="3") if plain else subject)
            no = NO[subject.person, subject.number]
        return f"{said} {no}" if negative else said

    def future(self, verb: MarathiVerb, to: Agreement, negative: bool) -> str:
        if negative:
            return f"{self._going(verb)} {NO[to.person, to.number]}"
        singular = (verb.future_1, verb.future_2, verb.future_3)
        plural = (verb.future_1_plural, verb.future_2_plural, verb.future_3_plural)
        return (plural if to.number == "p" else singular)[int(to.person) - 1]

    def _going(self, verb: MarathiVerb) -> str:
        return verb.verb.removesuffix("णं") + "णार"

    def _wish(self, verb: MarathiVerb) -> str:
        return verb.infinitive.removesuffix("ला") + "चा"  # करायचा

    def _duty(self, verb: MarathiVerb) -> str:
        return verb.infinitive.removesuffix("यला") + "वा"  # करावा

    def _prefix(self, it: Clause) -> Agreement | None:
        """What a noun before the verb that is its object is: f of मदत करणं, mp of आभार मानणं."""
        gender = self.words.marathi_prefixes.get(it.verb.mr_prefix)
        return Agreement("3", gender[0], gender[1:] or "s") if gender else None

    def target(self, it: Clause) -> Agreement:
        """What the past of a transitive verb agrees with: its object where that has no ending, else neuter."""
        if it.object and not self._marking(it.object, it.verb.mr_object if not it.recipient else ""):
            return self.agreement(it.object)._replace(person="3")
        return self._prefix(it) or NEUTER

    def clause(self, it: Clause) -> str:
        verb, tense = self.parts(it.verb.mr_verb), it.tense
        ergative = tense == "should" or (
            verb.ergative == "yes" and tense in ("past", "perfect", "just", "never", "ever")
        )
        dative = tense in (
            "must", "have_to", "had_to", "want_to", "wanted_to", "would_like_to", "like_to", "need_to", "know_how_to",
        )  # fmt: skip
        agrees = NEUTER if it.ask == "who" else self.agreement(it.subject)
        if it.ask == "who":
            subject = "कोणाला" if dative else ""
        else:
            subject = (
                self.case(it.subject, "ने" if ergative else "ला") if ergative or dative else self.direct(it.subject)
            )
        before = {
            "imperative": "", "polite": "कृपया", "lets": "चल", "let_me": "मला",
        }.get(tense, subject)  # fmt: skip
        adverb = {
            "just": "आत्ताच",
            "never": "कधीही" if tense == "never" else "",
            "ever": "कधी",
            "used_to": "पूर्वी",
            "may": "कदाचित",
        }.get(tense, "")
        asked = QUESTION.get(it.ask, "") if it.ask != "what" else ""
        if it.ask == "how":  # it agrees as the verb does
            like = self.target(it) if ergative else agrees
            asked = declined("कसा", like.gender, like.number)
        if it.ask == "who" and not dative:
            asked = "कोणी" if ergative else "कोण"
        group = self._group(it, verb, agrees)
        return _said([
            before, it.time.marathi if it.time else "", adverb, *self._around(it, asked),
            QUESTION["what"] if it.ask == "what" else "", it.verb.mr_prefix, group, "का" if it.ask == "yesno" else "",
        ])  # fmt: skip

    def predicate_of(self, it: Clause) -> str:
        """What is said of the subject, without it."""
        return self.clause(it).removeprefix(self.direct(it.subject)).strip()

    def wish(self, it: Clause) -> str:
        """What somebody is to do: मुलाने पुस्तक वाचावं."""
        target = self.target(it)
        duty = declined(self._duty(self.parts(it.verb.mr_verb)), target.gender, target.number)
        return _said([self.case(it.subject, "ने"), *self._around(it), it.verb.mr_prefix, duty])

    def infinitive(self, it: Clause) -> str:
        """In order to: भाजी विकत घ्यायला."""
        return _said([*self._around(it), it.verb.mr_prefix, self.parts(it.verb.mr_verb).infinitive])

    def gerund(self, it: Clause) -> str:
        """The verbal noun: पोहणं."""
        return _said([*self._around(it), it.verb.mr_prefix, it.verb.mr_verb])

    def after(self, it: Clause) -> str:
        """After doing: खाल्ल्यानंतर."""
        done = self.parts(it.verb.mr_verb).past + "्यानंतर"
        return _said([*self._around(it), it.verb.mr_prefix, done])

    def pronoun(self, who: NounPhrase) -> str:
        """The pronoun for somebody named beside it: ते आजोबा आहेत."""
        return self.pointing("that", self.agreement(who))

    def gerund_oblique(self, it: Clause) -> str:
        """The verbal noun before an ending: खाण्या(साठी, आधी)."""
        return _said([*self._around(it), it.verb.mr_prefix, it.verb.mr_verb.removesuffix("ं") + "्या"])

    def _around(self, it: Clause, asked: str = "") -> list[str]:
        what = it.object
        if it.negative and isinstance(what, NounPhrase) and what.determiner == "a":
            what = replace(what, determiner="")  # no एक of what there is not
        thing = self._marked(what, it.verb.mr_object if not it.recipient else "", it) if what else ""
        recipient = self._marked(it.recipient, it.verb.mr_object or "ला", it) if it.recipient else ""
        return [
            it.place.mr_at if it.place else "", it.transport.marathi if it.transport else "", recipient, thing,
            it.manner.marathi if it.manner else "", it.goal.mr_to if it.goal else "", asked,
        ]  # fmt: skip

    def _marking(self, who: Nominal, marking: str) -> str:
        if marking:
            return marking
        person = not isinstance(who, NounPhrase) or who.noun.is_person
        thing = isinstance(who, Pronoun) and who.english_person == "3n"
        return "ला" if person and not thing else ""

    def _marked(self, who: Nominal, marking: str, it: Clause) -> str:
        marking = self._marking(who, marking)
        if marking in ("चा", "ची", "चं", "चे"):
            return self.genitive(who, self._prefix(it) or NEUTER)
        return self.case(who, marking) if marking else self.direct(who)

    def _group(self, it: Clause, verb: MarathiVerb, to: Agreement) -> str:
        tense, negative, target = it.tense, it.negative, self.target(it)
        participle, key = verb.present, (to.person, to.number)
        is_it, is_not = IS["3", target.number], NO["3", target.number]
        match tense:
            case "present":
                return f"{participle} {NO[key]}" if negative else self.present(verb, to)
            case "continuous":
                return f"{participle} {(IS_NOT if negative else IS)[key]}"
            case "past_continuous":
                return f"{participle} {self.was(to, negative)}"
            case "past" | "never":
                return self.past(verb, to, target, negative or tense == "never")
            case "perfect" | "just" | "ever":
                if negative:
                    return self.past(verb, to, target, True)
                if verb.ergative == "yes":
                    has = IS["2", "s"] if key == ("2", "s") else is_it
                    return f"{declined(verb.past + 'ा', target.gender, target.number)} {has}"
                third = to if to.person == "1" else to._replace(person="3")
                return f"{self.inflected(verb.past, third)} {IS[key]}"
            case "future":
                return self.future(verb, to, negative)
            case "going_to":
                return f"{self._going(verb)} {(NO if negative else IS)[key]}"
            case "may":
                return self.future(verb, to, negative)
            case "used_to":
                if negative:
                    return f"{participle} {self.was(to, True)}"
                return self.inflected(self._wish(verb).removesuffix("ा"), to)
            case "can":
                can = self.parts("शकणं")
                return f"{verb.can} " + (f"{can.present} {NO[key]}" if negative else self.present(can, to))
            case "could":
                return f"{verb.can} {self.past(self.parts('शकणं'), to, to, negative)}"
            case "must" | "have_to":
                if negative:
                    return f"{self._wish(verb).removesuffix('ा')}ी गरज नाही"
                will = "लागेल" if target.number == "s" else "लागतील"
                return f"{declined(self._duty(verb), target.gender, target.number)} {will}"
            case "had_to":
                did = [declined(form, target.gender, target.number) for form in (self._duty(verb), "लागला")]
                return _said([*did, is_not if negative else ""])
            case "should":
                if negative:
                    return f"{verb.can} नये" + {("2", "s"): "स", ("3", "p"): "त"}.get(key, "")
                return f"{verb.infinitive} पाहिजे{'त' if target.number == 'p' else ''}"
            case "want_to" | "would_like_to":
                return f"{declined(self._wish(verb), target.gender, target.number)} {is_not if negative else is_it}"
            case "wanted_to":
                return f"{declined(self._wish(verb), target.gender, target.number)} {self.was(target, negative)}"
            case "like_to":
                return f"{verb.infinitive} {'आवडत नाही' if negative else 'आवडतं'}"
            case "need_to":
                return f"{self._wish(verb).removesuffix('ा')}ी गरज {'नाही' if negative else 'आहे'}"
            case "know_how_to":
                comes = self.parts("येणं")
                return f"{participle}ा " + (f"{comes.present} {is_not}" if negative else self.present(comes, target))
            case "try_to":
                return f"{self._wish(verb)} प्रयत्न करत {(IS_NOT if negative else IS)[key]}"
            case "start_to":
                return f"{verb.infinitive} {self.past(self.parts('लागणं'), to, to, negative)}"
            case "forgot_to":
                return f"{verb.infinitive} {self.past(self.parts('विसरणं'), to, to, negative)}"
            case "imperative":
                return f"{verb.can} नकोस" if negative else verb.imperative
            case "polite":
                return f"{verb.can} नका" if negative else verb.imperative_plural
            case "lets":
                return f"{verb.can}{' नको' if negative else 'या'}"
            case "let_me":
                return f"{verb.can} दे"
        raise ValueError(tense)

    # --- to be -------------------------------------------------------------------------------------------------------

    def be(self, to: Agreement, tense: str = "present", negative: bool = False) -> str:
        key = (to.person, to.number)
        if tense == "future":
            return ("न" if negative else "अ") + WILL_BE[key]
        if tense == "past":
            return self.was(to, negative)
        return (IS_NOT if negative else IS)[key]

    def copula(self, it: Copula) -> str:
        to = self.agreement(it.subject)
        asked = "" if it.ask in ("", "yesno") else QUESTION[it.ask]
        return _said([
            self.direct(it.subject), it.time.marathi if it.time else "", asked, it.degree.marathi if it.degree else "",
            self.predicate(it), self.be(to, it.tense, it.negative), "का" if it.ask == "yesno" else "",
        ])  # fmt: skip

    def predicate(self, it: Copula) -> str:
        what = it.predicate
        if isinstance(what, Adjective):
            return self.adjective(what, self.agreement(it.subject))
        if isinstance(what, NounPhrase) and what.noun.is_person and what.determiner == "a":
            return self.direct(replace(what, determiner=""))
        return what.mr_at if isinstance(what, Place) else self.direct(what)


def _said(words: list[str]) -> str:
    return " ".join(word for word in words if word)
