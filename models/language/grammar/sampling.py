"""Draws what a sentence says: who, what, when. Which words go together is in the tables, how often in here."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from models.language.corpus import CorpusError
from models.language.grammar.bangla import BY_TWOS
from models.language.grammar.lexicon import Adjective, Lexicon, Noun, Number, Phrase, Place, Pronoun, Time, Verb
from models.language.grammar.sentences import Clause, Copula, Hour, Nominal, NounPhrase
from models.language.names import CORPUS_NAMES
from models.language.text import digits

Binding = Any  # what fills a slot
POSSESSORS = ("I", "I", "I", "you", "he", "she", "we", "they")
FAR = ("school", "college", "the office", "the market", "the hospital", "the park", "the village", "the station")
ONE_OF = ("mother", "father", "mom", "dad", "husband", "wife")
NEAR = ("mother", "father", "brother", "sister", "son", "daughter", "grandmother", "grandfather", "uncle", "aunt")
WHEN = {  # which times go with a tense
    "present": "habit", "continuous": "present_continuous", "past": "past", "past_continuous": "past",
    "future": "future", "going_to": "future", "want_to": "future", "have_to": "future", "must": "future",
    "had_to": "past", "may": "future", "would_like_to": "future", "lets": "future", "need_to": "future",
}  # fmt: skip
FRAMES = "none,none,thing,thing,thing,person,place,both"
STATIVE = frozenset((
    "love", "like", "know", "believe", "hate", "need", "want", "understand", "forget", "remember", "see", "hear", "own",
    "belong", "agree", "prefer", "have", "trust",
))  # fmt: skip
ASKED_OF_ONESELF = frozenset(("can", "may", "must", "have_to", "should"))  # Can I …? but seldom: Do I …?
RESULTING = frozenset(("wear", "sit", "hold", "hide", "stand", "put"))  # is sitting: has sat down
MOTION = frozenset(("come", "go", "arrive", "return", "travel"))
NO_PERSON = frozenset(("lets", "imperative", "polite", "let_me"))
DEGREES = (Phrase("very", "খুব", "खूप"), Phrase("very", "খুব", "खूप"), Phrase("really", "সত্যিই", "खरंच"))
COUNTS = (2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 10)


class Sampler:
    """Fills slots. The same random numbers give the same sentences."""

    def __init__(self, words: Lexicon, coin: random.Random) -> None:
        self.words, self.coin = words, coin
        self.nouns: dict[str, list[Noun]] = defaultdict(list)
        for noun in words.nouns:
            for kind in noun.kinds:
                self.nouns[kind].append(noun)
        self.verbs: dict[str, list[Verb]] = defaultdict(list)
        for rank, verb in enumerate(words.verbs):  # the tables begin with what is said most
            self.verbs[verb.frame] += [verb] * (3 if rank < 80 else 1)
        self.adjectives: dict[str, list[Adjective]] = defaultdict(list)
        for adjective in words.adjectives:
            for kind in adjective.kinds:
                self.adjectives[kind].append(adjective)
        self.times: dict[str, list[Time]] = defaultdict(list)
        self.states = {row.name.removeprefix("state-").replace("-", " ") for row in words.constructions}
        for time in words.times:
            for tense in time.tense:
                self.times[tense].append(time)

    def fill(self, slots: Sequence[tuple[str, str, Mapping[str, str]]]) -> dict[str, Binding]:
        bound: dict[str, Binding] = {}
        for name, kind, options in slots:
            bound[name] = getattr(self, f"draw_{kind}")(bound, **options)
        return bound

    def chance(self, share: float) -> bool:
        return self.coin.random() < share

    # --- what a slot may ask for -------------------------------------------------------------------------------------

    def draw_subject(self, bound: Mapping[str, Binding], who: str = "any", but: str = "") -> Nominal:
        """Somebody: any, pronoun, other (not I or you), family, or an English pronoun."""
        if but:
            return self._other_than(bound[but], who)
        return self._somebody(who)

    def _somebody(self, who: str) -> Nominal:
        pronouns = self.words.pronouns
        if who in pronouns:
            return pronouns[who]
        if who == "family":
            return self._relative()
        draw = self.coin.random()
        if who == "pronoun" or (who == "any" and draw < 0.52):
            return pronouns[self.coin.choice(("I", "I", "I", "you", "you", "he", "he", "she", "she", "we", "they"))]
        if who == "other" and draw < 0.35:
            return pronouns[self.coin.choice(("he", "she", "they"))]
        if draw < 0.68:
            return self.coin.choice(CORPUS_NAMES[:3])
        if draw < 0.86:
            return self._relative()
        noun = self.coin.choice(self.nouns[self.coin.choice(("person", "child", "profession"))])
        plural = bool(noun.plural) and self.chance(0.25)
        determiner = self.coin.choice(("the", "the", "the", "this", "that"))
        return NounPhrase(noun, plural, determiner, adjective=self._fitting(noun) if self.chance(0.12) else None)

    def _relative(self) -> NounPhrase:
        family = self.nouns["family"]
        near = [noun for noun in family if noun.english in NEAR]
        noun = self.coin.choice(near if near and self.chance(0.6) else family)
        plural = bool(noun.plural) and noun.english not in ONE_OF and self.chance(0.12)
        return NounPhrase(noun, plural, possessor=self._owner())

    def _owner(self) -> Nominal:
        if self.chance(0.08):
            return self.coin.choice(CORPUS_NAMES[:2])
        return self.words.pronouns[self.coin.choice(POSSESSORS)]

    def draw_noun(
        self, bound: Mapping[str, Binding], kinds: str = "", det: str = "", number: str = "any", adj: str = "0",
        of: str = "", but: str = "", word: str = "", count: str = "", gender: str = "",
        countable: str = "0",
    ) -> NounPhrase:  # fmt: skip
        """A noun of some kinds. ``det``: a, the, this, that, own, some, many, count, none."""
        while True:
            if word:
                noun = next(noun for noun in self.words.nouns if noun.english == word.replace("_", " "))
            else:
                noun = self._noun(kinds.split(","))
            other = not but or noun.english != bound[but].noun.english
            several = not (kinds == "family" and det in ("a", "count", "none", "many") and noun.english in ONE_OF)
            if countable == "1" and not noun.plural:
                continue
            if other and several and (not gender or noun.gender == gender):
                break
        share = {"0": 0.0, "1": 1.0, "maybe": 0.3}[adj]
        adjective = self._fitting(noun) if self.chance(share) else None
        if of:
            return NounPhrase(noun, self._plural(noun, number), possessor=bound[of], adjective=adjective)
        if not det:
            return self._with_determiner(noun, adjective, number)
        which = self.coin.choice(det.split(","))
        plural = which in ("count", "many", "some") or self._plural(noun, number)
        plural = plural and bool(noun.plural)
        if which == "own":
            return NounPhrase(noun, plural, possessor=self._owner(), adjective=adjective)
        if which == "count" and noun.plural:
            lowest, _, highest = (count or "2-9").partition("-")
            value = self.coin.randint(int(lowest), int(highest or lowest))
            return NounPhrase(noun, value != 1, "count", adjective=adjective, count=self.words.numbers[value])
        if which == "none" and number == "any":
            plural = bool(noun.plural)
        if which in ("none", "count") or (which == "a" and (plural or not noun.plural)):
            return NounPhrase(noun, plural, adjective=adjective)
        return NounPhrase(noun, plural, which, adjective=adjective)

    def _plural(self, noun: Noun, number: str) -> bool:
        return bool(noun.plural) and (number == "p" or (number == "any" and self.chance(0.35)))

    def _noun(self, kinds: Sequence[str]) -> Noun:
        known = [kind for kind in kinds if self.nouns.get(kind)]
        if not known:
            raise CorpusError(f"no noun is of the kinds {', '.join(kinds)}")
        return self.coin.choice(self.nouns[self.coin.choice(known)])

    def _with_determiner(self, noun: Noun, adjective: Adjective | None, number: str = "any") -> NounPhrase:
        draw = self.coin.random()
        if not noun.plural:
            if draw < 0.6:
                return NounPhrase(noun, adjective=adjective)
            if draw < 0.75:
                return NounPhrase(noun, determiner="the", adjective=adjective)
            if draw < 0.9:
                return NounPhrase(noun, possessor=self._owner(), adjective=adjective)
            return NounPhrase(noun, determiner="some", adjective=adjective)
        plural = number == "p"
        if draw < 0.27 and not plural:
            return NounPhrase(noun, determiner="a", adjective=adjective)
        if draw < 0.47:
            return NounPhrase(noun, self._plural(noun, number), "the", adjective=adjective)
        if draw < 0.68:
            return NounPhrase(noun, self._plural(noun, number), possessor=self._owner(), adjective=adjective)
        if draw < 0.78:
            return NounPhrase(noun, self._plural(noun, number), self.coin.choice(("this", "that")), adjective=adjective)
        if number == "s":
            return NounPhrase(noun, determiner="a", adjective=adjective)
        if draw < 0.9:
            return NounPhrase(noun, True, adjective=adjective)
        if draw < 0.94:
            return NounPhrase(noun, True, self.coin.choice(("some", "many")), adjective=adjective)
        return NounPhrase(noun, True, "count", adjective=adjective, count=self.words.numbers[self.coin.choice(COUNTS)])

    def _fitting(self, noun: Noun) -> Adjective | None:
        kinds = [*sorted(noun.kinds), "any"]  # a set's order changes with every start of Python
        if not noun.is_person and not noun.is_animal:
            kinds.append("thing")
        found = [adjective for kind in kinds for adjective in self.adjectives.get(kind, ())]
        return self.coin.choice(found) if found else None

    def draw_adjective(
        self, bound: Mapping[str, Binding], of: str = "", kinds: str = "", gradable: str = "0", words: str = ""
    ) -> Adjective:
        """One that fits a noun, or of some kinds."""
        if words:
            wanted = self.coin.choice(words.split(",")).replace("_", " ")
            return next(adjective for adjective in self.words.adjectives if adjective.english == wanted)
        for _ in range(50):
            if of and isinstance(bound[of], NounPhrase):
                found = self._fitting(bound[of].noun)
            else:
                found = self.coin.choice(self.adjectives[self.coin.choice((kinds or "person").split(","))])
            if found and (gradable == "0" or found.comparative):
                return found
        raise CorpusError(f"no adjective fits {of or kinds}")

    def draw_clause(
        self, bound: Mapping[str, Binding], tense: str = "present", subject: str = "", who: str = "any",
        negative: str = "0", ask: str = "", frame: str = FRAMES, verb: str = "",
        time: str = "maybe", place: str = "maybe", manner: str = "maybe",
    ) -> Clause:  # fmt: skip
        """Somebody doing something. ``subject`` names another slot; ``verb`` lists English verbs."""
        which = self.coin.choice(tense.split(","))
        chosen = self._verb(frame.split(","), which, ask, tuple(verb.replace("_", " ").split(",")) if verb else ())
        actor = bound[subject] if subject else self.draw_subject(bound, who)
        if not subject and who == "any" and ask and which not in ASKED_OF_ONESELF and self._is_first(actor):
            actor = self._somebody(self.coin.choice(("you", "you", "other")))
        if isinstance(actor, Clause | Copula):  # the same subject
            actor = actor.subject
        if which in NO_PERSON:
            actor = self.words.pronouns["we" if which == "lets" else "I" if which == "let_me" else "you"]
        thing = recipient = goal = None
        if chosen.frame in ("thing", "both") and ask != "what":
            noun = self._noun(sorted(chosen.objects))
            thing = self._with_determiner(noun, self._fitting(noun) if self.chance(0.15) else None)
        if chosen.frame in ("person", "both"):
            recipient = self._other_than(actor)
        if chosen.frame == "place" and ask != "where":
            goal = self.coin.choice(self.words.places)
        if chosen.frame == "person":
            thing, recipient = recipient, None
        share = {"0": 0.0, "maybe": 0.35, "1": 1.0}
        said_time = None
        timeless = which in ("imperative", "polite", "let_me") or chosen.base in STATIVE
        if ask != "when" and not timeless and self.chance(share[time]):
            choices = [*self.times.get(WHEN.get(which, "none"), ())]
            said_time = self.coin.choice(choices) if choices else None
        stays = chosen.base not in MOTION | STATIVE and not goal and ask != "where"
        elsewhere = stays and self.chance(share[place] * 0.4)
        described = ask != "how" and chosen.base not in STATIVE and self.chance(share[manner] * 0.25)
        said_manner = self.coin.choice(self.words.manners) if described else None
        return Clause(
            actor, chosen, which, self._said_yes(negative), ask, thing, recipient, goal,
            self.coin.choice(self.words.places) if elsewhere and not said_manner else None, said_time,
            said_manner,
            self.coin.choice(self.words.transports) if goal and self._is_far(goal) and self.chance(0.25) else None,
            self.chance(0.4),
        )  # fmt: skip

    def _is_far(self, place: Place) -> bool:
        return place.english_to != place.english_to.lower() or place.english_to.removeprefix("to ") in FAR

    def _is_first(self, actor: Nominal) -> bool:
        return isinstance(actor, Pronoun) and actor.english in ("I", "we")

    def _said_yes(self, share: str) -> bool:
        return self.chance({"0": 0.0, "1": 1.0, "maybe": 0.3}[share])

    def _verb(self, frames: Sequence[str], tense: str, ask: str, verbs: Sequence[str]) -> Verb:
        if verbs:
            wanted = self.coin.choice(verbs)
            return self.coin.choice([verb for verb in self.words.verbs if verb.base == wanted])
        frames = {"what": ("thing",), "where": ("place", "none", "thing")}.get(ask, frames)
        while True:
            verb = self.coin.choice(self.verbs[self.coin.choice(frames)])
            lasting = tense in ("continuous", "past_continuous", "imperative", "try_to", "start_to")
            posture = tense in ("continuous", "past_continuous") and verb.base in RESULTING
            if not (lasting and verb.base in STATIVE) and not posture:
                return verb

    def _other_than(self, actor: Nominal, who: str = "any") -> Nominal:
        first = isinstance(actor, Pronoun) and actor.english in ("I", "we")
        second = isinstance(actor, Pronoun) and actor.english == "you"
        while True:
            other = self._somebody(who)
            mine = isinstance(other, Pronoun) and (
                (first and other.english in ("I", "we")) or (second and other.english == "you")
            )
            if not mine and other != actor:
                return other

    def draw_copula(
        self, bound: Mapping[str, Binding], subject: str = "", who: str = "any", to: str = "adjective",
        tense: str = "present", negative: str = "0", ask: str = "", time: str = "0", degree: str = "0", kinds: str = "",
        adj: str = "0",
    ) -> Copula:  # fmt: skip
        """Somebody or something that is: an adjective, a noun (of ``kinds``), or somewhere."""
        actor = bound[subject] if subject else self.draw_subject(bound, who)
        which = self.coin.choice(tense.split(","))
        what: Any
        if to == "adjective":
            fitting = isinstance(actor, NounPhrase) and self._fitting(actor.noun) is not None
            while True:
                what = self._fitting(actor.noun) if fitting else self.coin.choice(self.adjectives["person"])
                if what.english not in self.states:  # those have constructions of their own
                    break
        elif to == "place":
            what = self.coin.choice(self.words.places)
        else:
            what = self._what_one_is(actor, kinds or "profession", adj)
        when = self.coin.choice(self.times[{"present": "present_continuous"}.get(which, which)])
        return Copula(
            actor, what, which, self._said_yes(negative), ask,
            when if self.chance({"0": 0.0, "maybe": 0.3, "1": 1.0}[time]) else None,
            self.coin.choice(DEGREES) if degree == "1" else None, self.chance(0.5),
        )  # fmt: skip

    def _what_one_is(self, actor: Nominal, kinds: str, adj: str) -> NounPhrase:
        plural = (isinstance(actor, NounPhrase) and actor.plural) or (
            isinstance(actor, Pronoun) and actor.english in ("we", "they")
        )
        while True:
            noun = self._noun(kinds.split(","))
            if noun.plural and self._same_gender(actor, noun):
                break
        adjective = self._fitting(noun) if self.chance({"0": 0.0, "maybe": 0.3, "1": 1.0}[adj]) else None
        woman = self.words.feminine.get(noun.english) if self._gender(actor) == "f" else None
        if woman:
            said = {"bangla": woman.bangla, "marathi": woman.marathi, "mr_plural": woman.mr_plural}
            noun = replace(noun, gender="f", **said)
        elif self._gender(actor) == "f" and noun.is_person:
            noun = replace(noun, gender="f")  # her adjective agrees with her
        return NounPhrase(noun, plural, "" if plural else "a", adjective=adjective)

    def _gender(self, actor: Nominal) -> str:
        """m or f where the words say it."""
        if isinstance(actor, Pronoun):
            return {"3m": "m", "3f": "f"}.get(actor.english_person, "")
        if isinstance(actor, NounPhrase):
            return actor.noun.gender if actor.noun.is_person else ""
        return actor.gender

    def _same_gender(self, actor: Nominal, noun: Noun) -> bool:
        """He is no sister: a woman's word for women; words for either fit all."""
        if not noun.is_person:
            return True
        gender = self._gender(actor)
        return "profession" in noun.kinds or not gender or noun.gender == gender

    # --- words that stand as they are --------------------------------------------------------------------------------

    def draw_number(self, bound: Mapping[str, Binding], low: str = "2", high: str = "20") -> Number:
        value = self.coin.randint(int(low), int(high))
        return self.words.numbers.get(value) or Number(str(value), "", "", "")  # figures alone

    def draw_hundreds(self, bound: Mapping[str, Binding]) -> Number:
        return self.coin.choice([number for value, number in self.words.numbers.items() if 100 <= value <= 10_000])

    def draw_year(self, bound: Mapping[str, Binding]) -> Phrase:
        year = str(self.coin.randint(1900, 2030))
        return Phrase(year, digits(year, "০"), digits(year, "०"))

    def draw_hour(self, bound: Mapping[str, Binding], low: str = "1") -> Hour:
        number = self.words.numbers[self.coin.randint(int(low), 12)]
        said = BY_TWOS.get(int(number.value)) or number.bangla + "টা"
        return Hour(number.value, number.english, said, said + "য়", number.marathi, number.marathi + " वाजता")

    def draw_place(self, bound: Mapping[str, Binding], far: str = "0") -> Place:
        """A place; a town or country where ``far``."""
        while True:
            found = self.coin.choice(self.words.places)
            if far == "0" or found.english_to != found.english_to.lower():
                return found

    def draw_time(self, bound: Mapping[str, Binding], tense: str = "any") -> Time:
        return self.coin.choice(self.times[self.coin.choice(tense.split(","))])

    def draw_transport(self, bound: Mapping[str, Binding]) -> Binding:
        return self.coin.choice(self.words.transports)

    def draw_ordinal(self, bound: Mapping[str, Binding], low: str = "1", high: str = "10") -> Binding:
        return self.words.ordinals[self.coin.randint(int(low), int(high)) - 1]

    def draw_calendar(self, bound: Mapping[str, Binding], kind: str = "weekday") -> Binding:
        return self.coin.choice([word for word in self.words.calendar if word.kind == kind])

    def draw_name(self, bound: Mapping[str, Binding]) -> Binding:
        return self.coin.choice(CORPUS_NAMES[:3])
