"""What a sentence says, before any language says it: who does what to whom, when, where and how."""

from dataclasses import dataclass
from typing import Literal

from models.language.grammar.lexicon import Adjective, Noun, Number, Phrase, Place, Pronoun, Time, Verb
from models.language.names import Name

Determiner = Literal["", "a", "the", "this", "that", "some", "many", "count"]
Tense = Literal[
    "present", "continuous", "past", "past_continuous", "perfect", "future", "going_to", "can", "could", "may", "must",
    "have_to", "had_to", "should", "want_to", "wanted_to", "would_like_to", "like_to", "need_to", "try_to", "used_to",
    "start_to", "forgot_to", "know_how_to", "just", "never", "ever", "imperative", "polite", "lets", "let_me",
]  # fmt: skip
Ask = Literal["", "yesno", "what", "where", "when", "why", "who", "how"]


@dataclass(frozen=True)
class NounPhrase:
    """A noun with what stands before it. ``possessor`` excludes a determiner."""

    noun: Noun
    plural: bool = False
    determiner: Determiner = ""
    possessor: "Nominal | None" = None
    adjective: Adjective | None = None
    count: Number | None = None

    @property
    def definite(self) -> bool:
        return self.possessor is not None or self.determiner in ("the", "this", "that")


Nominal = NounPhrase | Pronoun | Name


@dataclass(frozen=True)
class Clause:
    """A verb with its subject and everything else; an order has no subject that is said."""

    subject: Nominal
    verb: Verb
    tense: Tense = "present"
    negative: bool = False
    ask: Ask = ""
    object: Nominal | None = None
    recipient: Nominal | None = None
    goal: Place | None = None
    place: Place | None = None
    time: Time | None = None
    manner: Phrase | None = None
    transport: Phrase | None = None
    contracted: bool = False


@dataclass(frozen=True)
class Copula:
    """*be* with an adjective, a noun or a place."""

    subject: Nominal
    predicate: "Adjective | NounPhrase | Place"
    tense: Literal["present", "past", "future"] = "present"
    negative: bool = False
    ask: Ask = ""
    time: Time | None = None
    degree: Phrase | None = None  # very, too, so
    contracted: bool = False


@dataclass(frozen=True)
class Hour:
    """A full hour, and how one says that something happens then."""

    value: str
    english: str
    bangla: str  # পাঁচটা
    bangla_at: str  # পাঁচটায়
    marathi: str
    marathi_at: str
