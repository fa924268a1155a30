"""How Bangla says it: classifiers, cases, persons and levels of respect, and what becomes of a verb."""

from dataclasses import replace

from models.language.grammar.lexicon import Adjective, BanglaVerb, Lexicon, Place, Pronoun
from models.language.grammar.sentences import Clause, Copula, Nominal, NounPhrase
from models.language.names import Name, inflected

ENDINGS = {  # first person, তুমি, সে, with respect
    "present": ("ি", "ো", "ে", "েন"),
    "past": ("লাম", "লে", "ল", "লেন"),
    "was": ("িলাম", "িলে", "িল", "িলেন"),
    "habitual": ("তাম", "তে", "ত", "তেন"),
    "future": ("ব", "বে", "বে", "বেন"),
}
LEVELS = {"1": 0, "2": 1, "3": 2, "3h": 3, "2h": 3}
NOT_BE = ("নই", "নও", "নয়", "নন")
BE_AT = ("আছি", "আছো", "আছে", "আছেন")
WAS = ("ছিলাম", "ছিলে", "ছিল", "ছিলেন")
PLACES = frozenset(("building", "place", "room", "furniture", "container", "vehicle", "plant", "nature", "house"))
QUESTION = {"what": "কী", "where": "কোথায়", "when": "কখন", "why": "কেন", "how": "কীভাবে"}
COUNTED = {1: "এক", 2: "দু", 3: "তিন", 4: "চার", 6: "ছ", 9: "ন"}
BY_TWOS = {1: "একটা", 2: "দুটো", 3: "তিনটে", 4: "চারটে", 6: "ছটা", 9: "নটা"}
PLAIN_MORE = frozenset(("বড়", "ছোট", "লম্বা", "বেঁটে", "ভালো", "খারাপ", "উঁচু", "নিচু"))  # compared without বেশি
OF_ALL = frozenset(("লোক", "মানুষ", "বোন"))  # plural in -এরা
GROWN = frozenset(("woman", "friend", "classmate"))  # never with টা


class Bangla:
    def __init__(self, words: Lexicon) -> None:
        self.words = words

    def level(self, who: Nominal) -> int:
        if isinstance(who, Pronoun):
            return LEVELS[who.bn_level]
        if isinstance(who, NounPhrase):
            return 3 if "bn" in self.words.respected.get(who.noun.english, "").split() else 2
        return 2

    # --- nouns -------------------------------------------------------------------------------------------------------

    def direct(self, who: Nominal) -> str:
        if isinstance(who, Pronoun):
            return who.bangla
        return who.bangla if isinstance(who, Name) else self._phrase(who, self._noun(who))

    def bare(self, who: NounPhrase) -> str:
        return who.noun.bangla

    def objective(self, who: Nominal) -> str:
        """With কে where a person is meant, or a certain animal."""
        if isinstance(who, Pronoun):
            return who.bn_object
        if isinstance(who, Name):
            return who.bangla + "কে"
        if who.noun.is_person:
            return self._phrase(
                who, self._plural_stem(who) + "দের" if self._says_plural(who) else self._noun(who) + "কে"
            )
        if who.noun.is_animal and who.definite:
            return self._phrase(who, self._noun(who) + "কে")
        return self.direct(who)

    def genitive(self, who: Nominal) -> str:
        if isinstance(who, Pronoun):
            return who.bn_genitive
        if isinstance(who, Name):
            return inflected(who.bangla, "ের", "bn")
        if who.noun.is_person and self._says_plural(who):
            return self._phrase(who, self._of_many(who))
        noun = self._noun(who)
        if noun == who.noun.bangla:
            return self._phrase(who, who.noun.bn_genitive or inflected(noun, "ের", "bn"))
        return self._phrase(who, inflected(noun, "ের", "bn"))

    def as_place(self, it: NounPhrase) -> NounPhrase:
        """What something stands in, on or by is certain without টা: টেবিলের উপরে."""
        bare = it.determiner == "the" and not it.plural and it.noun.kinds & PLACES
        return replace(it, determiner="") if bare else it

    def locative(self, who: NounPhrase) -> str:
        who = self.as_place(who)
        noun = self._noun(who)
        if noun == who.noun.bangla and who.noun.bn_locative:
            return self._phrase(who, who.noun.bn_locative)
        if noun.endswith("টা"):
            return self._phrase(who, noun + "তে")
        if noun.endswith("া"):
            return self._phrase(who, noun + "য়")
        vowel = noun[-1] in "িীুূেৈোৌৃইঈউঊএঐওঔ"
        return self._phrase(who, noun + ("তে" if vowel else "ে"))

    def _says_plural(self, it: NounPhrase) -> bool:
        return it.plural and it.count is None and it.determiner not in ("some", "many")

    def _of_many(self, it: NounPhrase) -> str:
        """Objective and genitive of several people: ছেলেদের, মায়েদের, ভাইদের."""
        return (it.noun.bangla if it.noun.bangla.endswith("ই") else self._plural_stem(it)) + "দের"

    def _plural_stem(self, it: NounPhrase) -> str:
        if it.noun.bangla.split(" ")[-1] in OF_ALL:
            return it.noun.bangla + "ে"
        given = it.noun.bn_genitive
        return given.removesuffix("র") if given.endswith("ের") and given != it.noun.bangla + "ের" else it.noun.bangla

    def _noun(self, it: NounPhrase) -> str:
        noun, person = it.noun.bangla, it.noun.is_person
        if it.plural:
            if not self._says_plural(it):
                return noun
            if person:
                return self._plural_stem(it) + "রা"
            return noun + "গুলো" if it.definite else noun
        certain = it.determiner in ("the", "this", "that")
        child = ("child" in it.noun.kinds or it.noun.english == "man") and it.noun.english not in GROWN
        if certain and (it.noun.plural or it.determiner != "the") and (child or not person):
            return noun + "টা"
        return noun

    def _phrase(self, it: NounPhrase, noun: str) -> str:
        words = [noun]
        if it.adjective:
            words.insert(0, it.adjective.bangla)
        if it.possessor:
            words.insert(0, self.genitive(it.possessor))
        elif it.count:
            words.insert(0, self.counted(it))
        elif it.determiner == "a":
            words.insert(0, "একজন" if it.noun.is_person else "একটা")
        elif it.determiner in ("this", "that"):
            words.insert(0, {"this": "এই", "that": "ওই"}[it.determiner])
        elif it.determiner in ("some", "many"):
            words.insert(0, {"some": "কিছু" if it.plural else "একটু", "many": "অনেক"}[it.determiner])
        return " ".join(words)

    def counted(self, it: NounPhrase) -> str:
        """The number with its classifier: দুজন, দুটো, পাঁচটা."""
        assert it.count is not None
        value = int(it.count.value)
        if it.noun.is_person:
            return COUNTED.get(value, it.count.bangla) + "জন"
        return BY_TWOS.get(value) or it.count.bangla + "টা"

    # --- verbs -------------------------------------------------------------------------------------------------------

    def parts(self, verb: str) -> BanglaVerb:
        return self.words.bangla_verbs[verb]

    def present(self, verb: BanglaVerb, level: int) -> str:
        return (verb.present_1, verb.present_2, verb.present_3, verb.present_honorific)[level]

    def finite(self, verb: BanglaVerb, tense: str, level: int, negative: bool) -> str:
        """One verb in a simple tense, denied where asked."""
        perfect = "গিয়েছে" if verb.perfect == "গেছে" and tense != "perfect" else verb.perfect
        if negative and tense in ("past", "perfect", "dated_past"):
            return self.present(verb, level) + "নি"
        said = {
            "present": lambda: self.present(verb, level),
            "continuous": lambda: verb.continuous.removesuffix("ে") + ENDINGS["present"][level],
            "past_continuous": lambda: verb.continuous.removesuffix("ে") + ENDINGS["was"][level],
            "perfect": lambda: perfect.removesuffix("ে") + ENDINGS["present"][level],
            "dated_past": lambda: perfect.removesuffix("ে") + ENDINGS["was"][level],
            "past": lambda: verb.past.removesuffix("ল") + ENDINGS["past"][level],
            "habitual": lambda: verb.past_habitual.removesuffix("ত") + ENDINGS["habitual"][level],
            "future": lambda: verb.future.removesuffix("বে") + ENDINGS["future"][level],
        }[tense]()
        return said + " না" if negative else said

    def clause(self, it: Clause) -> str:
        verb, tense = self.parts(it.verb.bn_verb), it.tense
        level = 2 if it.ask == "who" else self.level(it.subject)
        subject = {
            "must": self.objective, "have_to": self.objective, "had_to": self.objective, "should": self.genitive,
            "need_to": self.genitive,
        }.get(tense, self.direct)(it.subject)  # fmt: skip
        group = [it.verb.bn_prefix, self._group(it, verb, level)]
        before: list[str] = []
        if tense in ("imperative", "polite", "lets", "let_me"):
            before = {"polite": ["দয়া করে"], "lets": ["চলো"], "let_me": ["আমাকে"]}.get(tense, [])
        elif it.ask == "who":
            before = [
                {"must": "কাকে", "have_to": "কাকে", "had_to": "কাকে", "should": "কার", "need_to": "কার"}.get(tense, "কে")
            ]
        else:
            before = [subject, "কি" if it.ask == "yesno" else ""]
        adverb = {"just": "এইমাত্র", "never": "কখনও", "ever": "কখনও", "used_to": "আগে"}.get(tense, "")
        asked = QUESTION.get(it.ask, "")
        return _said([
            *before, it.time.bangla if it.time else "", adverb, asked if it.ask != "what" else "", *self._around(it),
            asked if it.ask == "what" else "", *group,
        ])  # fmt: skip

    def whole(self, it: NounPhrase) -> str:
        """As it stands after এটা, এগুলো: without the marks of what is certain or many."""
        return self._phrase(replace(it, determiner=""), it.noun.bangla)

    def how_many(self, it: NounPhrase) -> str:
        return f"{'কতজন' if it.noun.is_person else 'কটা'} {it.noun.bangla}"

    def pronoun(self, it: NounPhrase) -> str:
        """The pronoun for somebody named before."""
        respected = self.level(it) == 3
        return ("তাঁরা" if respected else "তারা") if it.plural else "তিনি" if respected else "সে"

    def here(self, it: NounPhrase) -> str:
        """This, of somebody: ইনি আমার বাবা, এ আমার ভাই."""
        return "ইনি" if self.level(it) == 3 else "এ"

    def none(self, it: NounPhrase) -> str:
        return it.noun.bangla if not it.noun.plural else "কোনো " + it.noun.bangla

    def more(self, what: Adjective) -> str:
        return what.bangla if what.bangla in PLAIN_MORE else "বেশি " + what.bangla

    def subjunctive(self, it: Clause) -> str:
        """What somebody wants another to do: সে যাক."""
        verb, level = self.parts(it.verb.bn_verb), self.level(it.subject)
        third = verb.imperative_honorific.removesuffix("ন") + "ক"
        said = (verb.present_1, verb.present_2, third, verb.imperative_honorific)[level]
        return _said([*self._around(it), it.verb.bn_prefix, said])

    def predicate_of(self, it: Clause) -> str:
        """What is said of the subject, without it."""
        return self.clause(it).removeprefix(self.direct(it.subject)).strip()

    def infinitive(self, it: Clause) -> str:
        """In order to: বাজারে সবজি কিনতে."""
        return _said([*self._around(it), it.verb.bn_prefix, self.parts(it.verb.bn_verb).infinitive])

    def gerund(self, it: Clause) -> str:
        """The verbal noun: সাঁতার কাটা."""
        return _said([*self._around(it), it.verb.bn_prefix, it.verb.bn_verb])

    def gerund_genitive(self, it: Clause) -> str:
        """The verbal noun's genitive: খাওয়ার (before আগে, পরে, জন্য)."""
        return _said([*self._around(it), it.verb.bn_prefix, self._verbal(it.verb.bn_verb)])

    def _around(self, it: Clause) -> list[str]:
        """Place, means, recipient, object, manner: in this order before the verb."""
        what = it.object
        if it.negative and isinstance(what, NounPhrase) and what.determiner == "a":
            what = replace(what, determiner="")  # no একটা of what there is not
        thing = self._marked(what, it.verb.bn_object if not it.recipient else "") if what else ""
        recipient = self._marked(it.recipient, it.verb.bn_object or "কে") if it.recipient else ""
        return [
            it.place.bn_at if it.place else "", it.transport.bangla if it.transport else "", recipient, thing,
            it.manner.bangla if it.manner else "", it.goal.bn_to if it.goal else "",
        ]  # fmt: skip

    def _marked(self, who: Nominal, marking: str) -> str:
        if marking == "কে":
            return self.objective(who)
        if marking.startswith("এর"):
            return _said([self.genitive(who), marking.removeprefix("এর").strip()])
        if marking in ("তে", "এ", "ে") and isinstance(who, NounPhrase):
            return self.locative(who)
        return self.objective(who)

    def _verbal(self, verb: str) -> str:
        return verb + "র"

    def _group(self, it: Clause, verb: BanglaVerb, level: int) -> str:
        tense, negative = it.tense, it.negative
        infinitive, verbal = verb.infinitive, self._verbal(it.verb.bn_verb)
        no = " না" if negative else ""
        match tense:
            case "present" | "continuous" | "past_continuous" | "perfect" | "future":
                return self.finite(verb, tense, level, negative)
            case "past":
                return self.finite(verb, "dated_past" if it.time or it.ask else "past", level, negative)
            case "just":
                return self.finite(verb, "perfect", level, negative)
            case "never":
                return self.finite(verb, "perfect", level, negative=True)
            case "ever":
                return self.finite(verb, "perfect", level, negative)
            case "going_to":
                return self.finite(verb, "future", level, negative)
            case "used_to":
                return self.finite(verb, "habitual", level, negative)
            case "can" | "may":
                return f"{infinitive} {self.finite(self.parts('পারা'), 'present', level, negative)}"
            case "could":
                tense = "past" if negative else "habitual"
                return f"{infinitive} {self.finite(self.parts('পারা'), tense, level, negative)}"
            case "want_to" | "would_like_to":
                return f"{infinitive} {self.finite(self.parts('চাওয়া'), 'present', level, negative)}"
            case "wanted_to":
                return f"{infinitive} {self.finite(self.parts('চাওয়া'), 'dated_past', level, negative)}"
            case "like_to":
                return f"{infinitive} ভালো{self.finite(self.parts('বাসা'), 'present', level, negative)}"
            case "know_how_to":
                return f"{infinitive} {self.finite(self.parts('জানা'), 'present', level, negative)}"
            case "forgot_to":
                went = self.finite(self.parts("যাওয়া"), "perfect", level, False)
                return (
                    f"{infinitive} ভুলে {went}"
                    if not negative
                    else f"{infinitive} {self.finite(self.parts('ভোলা'), 'past', level, True)}"
                )
            case "start_to":
                return f"{infinitive} শুরু {self.finite(self.parts('করা'), 'past', level, negative)}"
            case "try_to":
                return f"{verbal} চেষ্টা {self.finite(self.parts('করা'), 'continuous', level, negative)}"
            case "must" | "have_to":
                return f"{infinitive} হবে{no}"
            case "had_to":
                return f"{infinitive} {'হয়নি' if negative else 'হয়েছিল'}"
            case "should":
                return f"{it.verb.bn_verb} উচিত{' নয়' if negative else ''}"
            case "need_to":
                return f"{verbal} দরকার নেই" if negative else f"{it.verb.bn_verb} দরকার"
            case "imperative":
                return verb.negative_imperative if negative else verb.imperative_2
            case "polite":
                return self.finite(verb, "future", 3, True) if negative else verb.imperative_honorific
            case "lets":
                return self.finite(verb, "present", 0, negative)
            case "let_me":
                return f"{infinitive} দাও"
        raise ValueError(tense)

    # --- to be -------------------------------------------------------------------------------------------------------

    def copula(self, it: Copula) -> str:
        level, at = self.level(it.subject), isinstance(it.predicate, Place)
        asked = "কি" if it.ask == "yesno" else QUESTION.get(it.ask, "")
        what = self.predicate(it)
        if it.tense == "future":
            verb = self.finite(self.parts("থাকা" if at else "হওয়া"), "future", level, it.negative)
        elif it.tense == "past":
            verb = WAS[level] + (" না" if it.negative else "")
        elif at:
            verb = "নেই" if it.negative else BE_AT[level]
        else:
            verb = NOT_BE[level] if it.negative else ""
        return _said(
            [
                self.direct(it.subject),
                asked,
                it.time.bangla if it.time else "",
                it.degree.bangla if it.degree else "",
                what,
                verb,
            ]
        )

    def predicate(self, it: Copula) -> str:
        what = it.predicate
        if isinstance(what, Adjective):
            return what.bangla
        if isinstance(what, Place):
            return what.bn_at
        return self.whole(what) if what.plural or it.negative else self.direct(what)

    def is_not(self, who: Nominal) -> str:
        return NOT_BE[self.level(who)]

    def is_at(self, who: Nominal) -> str:
        return BE_AT[self.level(who)]


def _said(words: list[str]) -> str:
    return " ".join(word for word in words if word)
