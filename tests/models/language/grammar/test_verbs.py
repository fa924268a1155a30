"""Written examples: every class of verb, in the tenses and persons in which it differs from the others."""

import random

import pytest

from models.language.grammar import english
from models.language.grammar.bangla import Bangla
from models.language.grammar.lexicon import lexicon
from models.language.grammar.marathi import Marathi
from models.language.grammar.sampling import Sampler
from models.language.grammar.sentences import Clause, NounPhrase

WORDS = lexicon()
BN, MR = Bangla(WORDS), Marathi(WORDS)


def clause(who: str, verb: str, tense: str = "present", object: str = "", **more) -> Clause:
    frame = "none" if not object and "goal" not in more else "place" if "goal" in more else "thing"
    sense = next(row for row in WORDS.verbs if row.base == verb and row.frame == frame and row.en_particle == "")
    thing = noun(object) if object else None
    return Clause(WORDS.pronouns[who], sense, tense, object=thing, **more)


def noun(text: str) -> NounPhrase:
    """``book``, ``a book``, ``the book``, ``books``."""
    determiner, _, bare = text.rpartition(" ")
    found = next(row for row in WORDS.nouns if bare in (row.english, row.plural))
    return NounPhrase(found, bare == found.plural, determiner)


@pytest.mark.parametrize(
    ("who", "tense", "said"),
    [
        ("I", "present", "আমি ভাত খাই"), ("you", "present", "তুমি ভাত খাও"), ("he", "present", "সে ভাত খায়"),
        ("they", "continuous", "তারা ভাত খাচ্ছে"), ("I", "past", "আমি ভাত খেলাম"), ("you", "past", "তুমি ভাত খেলে"),
        ("she", "perfect", "সে ভাত খেয়েছে"), ("we", "future", "আমরা ভাত খাব"), ("he", "used_to", "সে আগে ভাত খেত"),
        ("he", "past_continuous", "সে ভাত খাচ্ছিল"),
        ("I", "can", "আমি ভাত খেতে পারি"),
        ("he", "want_to", "সে ভাত খেতে চায়"),
        ("he", "have_to", "তাকে ভাত খেতে হবে"),
        ("he", "should", "তার ভাত খাওয়া উচিত"),
        ("you", "imperative", "ভাত খাও"),
        ("you", "polite", "দয়া করে ভাত খান"), ("we", "lets", "চলো ভাত খাই"), ("he", "never", "সে কখনও ভাত খায়নি"),
        ("he", "try_to", "সে ভাত খাওয়ার চেষ্টা করছে"), ("I", "let_me", "আমাকে ভাত খেতে দাও"),
    ],
)  # fmt: skip
def test_bangla_says_each_tense(who, tense, said):
    assert BN.clause(clause(who, "eat", tense, "rice")) == said


@pytest.mark.parametrize(
    ("who", "tense", "said"),
    [
        ("I", "present", "मी भात खातो"), ("you", "present", "तू भात खातोस"), ("she", "present", "ती भात खाते"),
        ("they", "continuous", "ते भात खात आहेत"),
        ("I", "past", "मी भात खाल्ला"),
        ("you", "past", "तू भात खाल्लास"),
        ("she", "perfect", "तिने भात खाल्ला आहे"),
        ("we", "future", "आम्ही भात खाऊ"),
        ("he", "used_to", "तो पूर्वी भात खायचा"),
        ("he", "past_continuous", "तो भात खात होता"),
        ("I", "can", "मी भात खाऊ शकतो"),
        ("he", "want_to", "त्याला भात खायचा आहे"),
        ("he", "have_to", "त्याला भात खावा लागेल"),
        ("he", "should", "त्याने भात खायला पाहिजे"),
        ("you", "imperative", "भात खा"),
        ("you", "polite", "कृपया भात खा"),
        ("we", "lets", "चल भात खाऊया"),
        ("he", "never", "त्याने कधीही भात खाल्ला नाही"),
        ("she", "try_to", "ती भात खायचा प्रयत्न करत आहे"), ("I", "let_me", "मला भात खाऊ दे"),
    ],
)  # fmt: skip
def test_marathi_says_each_tense(who, tense, said):
    assert MR.clause(clause(who, "eat", tense, "rice")) == said


@pytest.mark.parametrize(
    ("verb", "object", "said"),
    [
        ("read", "a book", ("আমি একটা বই পড়ি", "আমি একটা বই পড়লাম", "আমি একটা বই পড়েছি")),
        ("write", "a letter", ("আমি একটা চিঠি লিখি", "আমি একটা চিঠি লিখলাম", "আমি একটা চিঠি লিখেছি")),
        ("open", "the door", ("আমি দরজাটা খুলি", "আমি দরজাটা খুললাম", "আমি দরজাটা খুলেছি")),
        ("cut", "a mango", ("আমি একটা আম কাটি", "আমি একটা আম কাটলাম", "আমি একটা আম কেটেছি")),
        ("sleep", "", ("আমি ঘুমাই", "আমি ঘুমালাম", "আমি ঘুমিয়েছি")),
        ("laugh", "", ("আমি হাসি", "আমি হাসলাম", "আমি হেসেছি")),
        ("wash", "the plate", ("আমি থালাটা ধুই", "আমি থালাটা ধুলাম", "আমি থালাটা ধুয়েছি")),
    ],
)  # fmt: skip
def test_bangla_verbs_change_their_vowel_as_their_class_does(verb, object, said):
    written = tuple(BN.clause(clause("I", verb, tense, object)) for tense in ("present", "past", "perfect"))
    assert written == said


@pytest.mark.parametrize(
    ("verb", "object", "said"),
    [
        ("read", "a book", "मी एक पुस्तक वाचलं"), ("read", "the books", "मी पुस्तकं वाचली"),
        ("open", "the window", "मी खिडकी उघडली"), ("cut", "a mango", "मी एक आंबा कापला"),
        ("cut", "mangoes", "मी आंबे कापले"), ("drink", "tea", "मी चहा प्यायलो"), ("sleep", "", "मी झोपलो"),
    ],
)  # fmt: skip
def test_the_marathi_past_agrees_with_its_object_or_with_its_subject(verb, object, said):
    assert MR.clause(clause("I", verb, "past", object)) == said


@pytest.mark.parametrize(
    ("who", "marathi"),
    [
        ("I", "मी गेलो नाही"), ("you", "तू गेला नाहीस"), ("she", "ती गेली नाही"), ("they", "ते गेले नाहीत"),
        ("we", "आम्ही गेलो नाही"),
    ],
)  # fmt: skip
def test_what_did_not_happen(who, marathi):
    went = clause(who, "go", "past", goal=WORDS.places[0], negative=True)
    assert MR.clause(went).replace(WORDS.places[0].mr_to + " ", "") == marathi
    assert BN.clause(went).endswith("নি")
    assert "না" not in BN.clause(went).split()


@pytest.mark.parametrize(
    ("tense", "negative", "ask", "said"),
    [
        ("present", False, "", "she eats rice"), ("present", True, "", "she doesn't eat rice"),
        ("present", False, "yesno", "does she eat rice"), ("past", True, "why", "why didn't she eat rice"),
        ("perfect", False, "", "she has eaten rice"), ("continuous", False, "where", "where is she eating rice"),
        ("have_to", True, "", "she doesn't have to eat rice"), ("used_to", True, "", "she didn't use to eat rice"),
        ("would_like_to", False, "yesno", "would she like to eat rice"),
        ("never", False, "", "she has never eaten rice"),
        ("going_to", True, "", "she isn't going to eat rice"), ("past", False, "who", "who ate rice"),
    ],
)  # fmt: skip
def test_english_says_each_tense(tense, negative, ask, said):
    assert english.clause(clause("she", "eat", tense, "rice", negative=negative, ask=ask)) == said


@pytest.mark.parametrize(
    ("text", "bangla", "marathi"),
    [
        ("a book", ("একটা বই", "একটা বইয়ের"), ("एक पुस्तक", "एका पुस्तकाला")),
        ("the book", ("বইটা", "বইটার"),
        ("पुस्तक", "पुस्तकाला")),
        ("this book", ("এই বইটা", "এই বইটার"),
        ("हे पुस्तक", "या पुस्तकाला")),
        ("the books", ("বইগুলো", "বইগুলোর"),
        ("पुस्तकं", "पुस्तकांना")),
        ("that door", ("ওই দরজাটা", "ওই দরজাটার"),
        ("ते दार", "त्या दाराला")),
        ("the boy", ("ছেলেটা", "ছেলেটার"),
        ("मुलगा", "मुलाला")),
        ("the girls", ("মেয়েরা", "মেয়েদের"),
        ("मुली", "मुलींना")),
        ("a teacher", ("একজন শিক্ষক", "একজন শিক্ষকের"), ("एक शिक्षक", "एका शिक्षकाला")),
    ],
)  # fmt: skip
def test_nouns_take_their_cases(text, bangla, marathi):
    phrase = noun(text)
    assert (BN.direct(phrase), BN.genitive(phrase)) == bangla
    assert (MR.direct(phrase), MR.dative(phrase)) == marathi


def test_every_verb_can_be_said_in_every_tense():
    sampler = Sampler(WORDS, random.Random(1))
    for verb in WORDS.verbs:
        it = sampler.draw_clause({}, verb=verb.base.replace(" ", "_"), who="she")
        assert it.verb.base == verb.base
        assert all(said(it).strip() for said in (english.clause, BN.clause, MR.clause))
