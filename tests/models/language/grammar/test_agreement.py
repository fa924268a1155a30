"""Two thousand sentences of each language against a table of endings that knows nothing of the generator."""

import random

import pytest
import regex

from models.language.grammar.grammar import Grammar, Sentence
from models.language.grammar.sampling import Sampler

CLAUSES = (  # constructions in which a pronoun that stands first is the subject of the last verb
    "present", "present-not", "present-asked", "continuous", "continuous-not", "continuous-asked", "past", "past-not",
    "past-asked", "past-continuous", "perfect", "perfect-not", "future", "future-not", "future-asked", "going-to",
    "can", "can-not", "want-to", "want-to-not", "used-to", "try-to", "start-to",
)  # fmt: skip
BANGLA = {  # the last verb's ending, where নি and না are taken off
    "আমি": "ি|ই|াম|ব", "আমরা": "ি|ই|াম|ব", "তুমি": "ো|ও|ে", "সে": "ে|য়|ল|ত", "তারা": "ে|য়|ল|ত",
}  # fmt: skip
MARATHI = {  # the last words; (…) of what agrees with its object
    "मी": "(ला|ली|लं|ले|ल्या) (नाहीत?|आहेत?)|तो|लो|ीन|ेन|ईन|होतो|नव्हतो|आहे|नाही|नाहीये|चो|ला|ली|लं|ले|ल्या",
    "तू": "स|शील|त नाहीस",
    "तो": "तो|ला|ेल|ईल|ील|होता|नव्हता|आहे|नाही|नाहीये|चा",
    "ती": "ते|ली|ेल|ईल|ील|होती|नव्हती|आहे|नाही|नाहीये|ची",
    "ते": "तात|ले|तील|होते|नव्हते|आहेत|नाहीत|नाहीयेत|चे",
    "आम्ही": "(ला|ली|लं|ले|ल्या) (नाहीत?|आहेत?)|तो|लो|ू|ऊ|होतो|नव्हतो|आहोत|नाही|नाही आहोत|चो|ला|ली|लं|ले|ल्या",
}  # fmt: skip
ENGLISH = {"मी": "i", "तू": "you", "तो": "he", "ती": "she", "ते": "they", "आम्ही": "we"}  # तो is "that" as well
ERGATIVE = ("त्याने", "तिने", "त्यांनी")
SCRIPT = {
    "bangla": regex.compile(r"[\p{Bengali}\u200c\u200d ।?!,'\-]+"),
    "marathi": regex.compile(r"[\p{Devanagari}\u200c\u200d .?!,'\-]+"),
}


@pytest.fixture(scope="module")
def sentences() -> list[Sentence]:
    """Of each construction of a clause three hundred, of every other one a dozen."""
    grammar = Grammar()
    sampler = Sampler(grammar.words, random.Random(20))
    return [
        grammar.example(row, sampler)
        for row in grammar.words.constructions for _ in range(300 if row.name in CLAUSES else 12)
    ]  # fmt: skip


def clauses(sentences: list[Sentence]) -> list[Sentence]:
    return [sentence for sentence in sentences if sentence.construction in CLAUSES]


def words(sentence: str) -> list[str]:
    return regex.sub("[।.?!]$", "", sentence).split()


def test_bangla_verbs_end_as_their_pronoun_wants(sentences):
    checked = []
    for sentence in clauses(sentences):
        first, *_, last = words(sentence.bangla.removesuffix("।").removesuffix("?").removesuffix(" না"))
        if first in BANGLA:
            assert regex.search(f"({BANGLA[first]})(নি)?$", last), sentence
            checked.append(first)
    assert len(checked) >= 2000
    assert set(checked) == set(BANGLA)


def test_marathi_verbs_end_as_their_pronoun_wants(sentences):
    checked = []
    for sentence in clauses(sentences):
        said = words(sentence.marathi.removesuffix("?").removesuffix(" का"))
        first, last = said[0], said[-1]
        if ENGLISH.get(first) in regex.findall("[a-z]+(?:n't)?", sentence.english.lower())[:2]:
            assert regex.search(f"({MARATHI[first]})$", " ".join(said[-2:])), sentence
            checked.append(first)
        if first in ERGATIVE:
            assert regex.search("(ला|ली|लं|ले|ल्या|आहे|आहेत|नाही|नाहीत)$", last), sentence
    assert len(checked) >= 2000
    assert set(checked) == set(MARATHI)


def test_a_marathi_adjective_that_declines_ends_as_its_noun_wants(sentences):
    """हे माझं …, ही माझी …, हा माझा …: what points, what possesses and the noun agree."""
    pointing = {"हा": "ा", "ही": "ी", "हे": "ं"}
    found = [words(sentence.marathi) for sentence in sentences if sentence.construction == "this-is-mine"]
    for first, possessor, *_ in found:
        assert first in pointing
        assert possessor.endswith(pointing[first]) or possessor.endswith(("च्या", "चे")), (first, possessor)
    assert len(found) == 12


def test_tu_and_tumi_do_not_mix_with_the_polite_forms(sentences):
    for sentence in sentences:
        if "তুমি" in words(sentence.bangla):
            assert not {"আপনি", "আপনার", "আপনাকে"} & set(words(sentence.bangla)), sentence
        if "तू" in words(sentence.marathi):
            assert not {"तुम्ही", "आपण", "तुमचा"} & set(words(sentence.marathi)), sentence


@pytest.mark.parametrize("language", ["bangla", "marathi"])
def test_every_sentence_is_in_its_own_script(sentences, language):
    for sentence in sentences:
        assert SCRIPT[language].fullmatch(getattr(sentence, language)), sentence


def test_a_sentence_ends_alike_in_all_languages(sentences):
    marks = {".": ("।", "."), "?": ("?", "?"), "!": ("!", "!")}
    for sentence in sentences:
        last = sentence.english[-1]
        if last in marks:
            assert (sentence.bangla[-1], sentence.marathi[-1]) == marks[last], sentence
        else:
            assert sentence.construction.endswith(("-bare", "-nothing")), sentence
