"""People's names in English, Bangla and Marathi: put into sentences for training, and found again in translations.

Nearly everybody in the corpus is called Tom or Mary. Sentences in which they have other names on both sides show the
network how to spell a name that it never met (Fadaee et al. 2017 put rare words into sentences in the same way).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import regex

from models.language.corpus import CorpusError, Pair, read_lines
from models.language.languages import Language
from models.language.text import normalise

Gender = Literal["f", "m"]
NAMES = Path(__file__).resolve().parents[2] / "assets" / "training" / "names.tsv"
ACCEPTED = NAMES.parent.parent / "evaluation" / "accepted-spellings.tsv"
HEADER = ["english", "bangla", "marathi", "gender", "part"]
TRAINING, HELD_OUT = "training", "held-out"


@dataclass(frozen=True)
class Name:
    english: str
    bangla: str
    marathi: str
    gender: Gender
    part: str = TRAINING

    def spelled(self, language: Language) -> str:
        return self.bangla if language == "bn" else self.marathi


# The people of the corpus: those met more than ten times with one spelling. Not Ken, since কেন also means "why".
TOM = Name("Tom", "টম", "टॉम", "m")
MARY = Name("Mary", "মেরি", "मेरी", "f")
CORPUS_NAMES = (
    TOM, MARY, Name("John", "জন", "जॉन", "m"), Name("Sami", "সামি", "सामी", "m"), Name("Layla", "লায়লা", "लैला", "f"),
    Name("Alice", "অ্যালিস", "अॅलिस", "f"),
)  # fmt: skip

# What can be written onto a name, in the form it takes after টম: case, then emphasis.
CASES: dict[Language, tuple[str, ...]] = {
    "bn": ("", "ের", "কে", "রা", "দের", "টা", "টি"),
    "mr": (
        "", "ला", "ना", "ने", "नी", "नं", "शी", "चा", "ची", "चे", "चं", "च्या", "कडे", "कडून", "कडचा", "कडची", "कडचे",
        "साठी", "बरोबर", "सोबत", "वर", "वरती", "वरून", "पेक्षा", "जवळ", "जवळचा", "मुळे", "बद्दल", "विषयी", "शिवाय",
        "पासून", "पर्यंत", "सहित", "समोर", "मध्ये", "नंतर", "आधी", "मागे", "पुढे", "हून", "प्रमाणे", "ऐवजी", "सकट",
        "सोडून", "सारखा", "सारखी", "सारखे", "सारखं", "सारख्या", "इतका", "इतकी", "इतके", "इतकं", "इतक्या", "एवढा",
        "एवढी", "एवढे", "एवढं", "एवढ्या", "जितका", "जितकी", "जितके", "जितकं", "जितक्या", "च्याकडे", "च्यासाठी",
        "च्याबरोबर", "च्यावर", "च्याशी", "च्यामुळे",
    ),
}  # fmt: skip
EMPHASES: dict[Language, tuple[str, ...]] = {"bn": ("", "ও", "ই"), "mr": ("", "ही", "च", "सुद्धा", "देखील")}

FULL_STOP: dict[Language, str] = {"bn": "।", "mr": "."}
GENDERED = regex.compile(
    r"\b(s?he|him|his|hers?|(him|her)self|(wo)?m[ae]n|gentlem[ae]n|lady|boys?|girls?|guys?|(boy|girl)friends?|sir|mr|mrs|"
    r"(grand|step)?(father|mother|son|daughter)s?|dad|mom|brothers?|sisters?|uncles?|aunts?|nephews?|nieces?|husbands?|"
    r"wife|wives|king|queen|prince|princess|act(or|ress)|waiter|waitress|bride|widow(er)?|pregnant|beard|mustache|shav\w+)\b",
    regex.IGNORECASE,
)
LETTER = r"[\p{L}\p{M}\p{N}\u200c\u200d]"  # Python's \w leaves out the vowel signs
WORD = regex.compile(f"{LETTER}+")


def read_names(path: Path = NAMES) -> list[Name]:
    """Read a table of names: a header, then English, Bangla, Marathi, f or m, and training or held-out.

    Raises:
        CorpusError: no such file, not UTF-8, another header, a line that is not such a row, or a name listed twice.
    """
    lines = read_lines(path)
    if not lines or lines[0].split("\t") != HEADER:
        raise CorpusError(f"{path}, line 1: expected the header {', '.join(HEADER)}")
    names: dict[str, Name] = {}
    for number, line in enumerate(lines[1:], start=2):
        columns = [normalise(column) for column in line.split("\t")]
        if len(columns) != len(HEADER) or not all(WORD.fullmatch(word) for word in columns[:3]):
            raise CorpusError(f"{path}, line {number}: expected three words and two labels: {', '.join(HEADER)}")
        name = Name(*columns)
        if name.gender not in ("f", "m") or name.part not in (TRAINING, HELD_OUT):
            raise CorpusError(
                f"{path}, line {number}: expected f or m, then {TRAINING} or {HELD_OUT}, "
                f"not {name.gender!r} and {name.part!r}"
            )
        if name.english in names:
            raise CorpusError(f"{path}, line {number}: {name.english} is listed twice")
        names[name.english] = name
    return list(names.values())


def read_accepted(path: Path = ACCEPTED) -> dict[str, dict[Language, tuple[str, ...]]]:
    """Read which spellings of a name are accepted, for names whose English letters have more than one reading.

    A header, then the English name, its spellings in Bangla and those in Marathi, with blanks between them.

    Raises:
        CorpusError: no such file, or a line that is not such a row.
    """
    accepted: dict[str, dict[Language, tuple[str, ...]]] = {}
    for number, line in enumerate(read_lines(path)[1:], start=2):
        columns = [normalise(column) for column in line.split("\t")]
        if len(columns) != 3 or not all(WORD.fullmatch(word) for column in columns for word in column.split(" ")):
            raise CorpusError(f"{path}, line {number}: expected a name and its spellings in Bangla and in Marathi")
        accepted[columns[0]] = {"bn": tuple(columns[1].split(" ")), "mr": tuple(columns[2].split(" "))}
    return accepted


def inflected(spelling: str, ending: str, language: Language) -> str:
    """Write an ending, given as it stands after টম's last consonant, onto any name.

    Marathi adds all of them to the unchanged name. Bangla changes one, the genitive: টমের, but প্রিয়ার after a vowel,
    মেইয়ের after a diphthong or ং, and সত্যজিতের for সত্যজিৎ.
    """
    if language == "mr" or not ending.startswith("ের"):
        return spelling + ending
    if spelling.endswith("ৎ"):
        return spelling[:-1] + "ত" + ending
    if regex.search("[ইঈউঊঐঔৈৌংঃঁ]$|[াআ]ও$", spelling):
        return spelling + "য়" + ending
    if regex.search("[অআঋএওািীুূৃেো]$", spelling):
        return spelling + ending.removeprefix("ে")
    return spelling + ending


def endings(language: Language) -> list[str]:
    """All endings a name can have, the empty one first."""
    return [case + emphasis for case in CASES[language] for emphasis in EMPHASES[language]]


def people_in(pair: Pair) -> list[Name]:
    """The people of the corpus whom a pair names equally often on both sides."""
    people = []
    for name in CORPUS_NAMES:
        if name.english in pair.english and name.spelled(pair.language) in pair.target:
            in_english, in_target, _ = _occurrences((name,), pair.language)
            if len(in_english.findall(pair.english)) == len(in_target.findall(pair.target)) > 0:
                people.append(name)
    return people


def renamed(pair: Pair, new_names: dict[Name, Name]) -> Pair:
    """Call people of the corpus by other names on both sides, each with the ending that stood there."""
    if not new_names:
        return pair
    in_english, in_target, parts = _occurrences(tuple(new_names), pair.language)

    def written(found: regex.Match) -> str:
        old, ending = parts[found[0]]
        return inflected(new_names[old].spelled(pair.language), ending, pair.language)

    return Pair(
        in_english.sub(lambda found: new_names[parts[found[0]][0]].english, pair.english),
        in_target.sub(written, pair.target),
        pair.language,
    )


def swap_names(pairs: Sequence[Pair], names: Sequence[Name], rate: float, generator: np.random.Generator) -> list[Pair]:
    """Give people of the corpus other names, on both sides of a pair.

    Each person in a pair is renamed with probability ``rate``, and two people never get the same name. Only names of
    the training part are given, of the person's gender; of either gender where nothing agrees with it, that is in
    Bangla when no English word tells it. A person whom the two sides do not name equally often keeps the name.
    """
    training = [name for name in names if name.part == TRAINING]
    candidates = {gender: [name for name in training if name.gender in gender] for gender in ("f", "m", "fm")}
    return [_swapped(pair, candidates, rate, generator) for pair in pairs]


def _swapped(pair: Pair, candidates: dict[str, list[Name]], rate: float, generator: np.random.Generator) -> Pair:
    is_neutral = pair.language == "bn" and not GENDERED.search(pair.english)
    new_names: dict[Name, Name] = {}
    for person in people_in(pair):
        if generator.random() < rate:
            possible = candidates["fm" if is_neutral else person.gender]
            if new_names:
                possible = [name for name in possible if name not in new_names.values()]
            new_names[person] = possible[generator.integers(len(possible))]
    return renamed(pair, new_names)


@cache
def _occurrences(
    people: tuple[Name, ...], language: Language
) -> tuple[regex.Pattern, regex.Pattern, dict[str, tuple[Name, str]]]:
    """What finds people as whole words, in English and with any ending in the target; and who, with which ending."""
    parts = {
        inflected(name.spelled(language), ending, language): (name, ending)
        for name in people
        for ending in endings(language)
    }
    forms = "|".join(map(regex.escape, sorted(parts, key=len, reverse=True)))
    names = {name.english: (name, "") for name in people}
    return (
        regex.compile(rf"(?<![\p{{L}}\p{{N}}-])(?:{'|'.join(names)})(?![\p{{L}}\p{{N}}-])"),
        regex.compile(f"(?<!{LETTER})(?:{forms})(?!{LETTER})"),
        parts | names,
    )


# Short sentences in which people are introduced. "fm" stands for those that suit everybody; the others agree in gender.
INTRODUCTIONS: dict[Language, dict[str, tuple[tuple[str, str], ...]]] = {
    "bn": {
        "fm": (
            ("My name is Tom.", "আমার নাম টম।"),
            ("This is Tom.", "এ হলো টম।"),
            ("Who is Tom?", "টম কে?"),
            ("Where is Tom?", "টম কোথায়?"),
            ("I saw Tom yesterday.", "আমি গতকাল টমকে দেখেছি।"),
            ("Tom has gone home.", "টম বাড়ি চলে গেছে।"),
            ("This is Tom's book.", "এটা টমের বই।"),
            ("Give it to Tom.", "এটা টমকে দাও।"),
            ("I like Tom.", "টমকে আমার ভালো লাগে।"),
            ("Tom and I are friends.", "টম আর আমি বন্ধু।"),
            ("This is for Tom.", "এটা টমের জন্য।"),
            ("Tom has a dog.", "টমের একটা কুকুর আছে।"),
            ("What is Tom doing?", "টম কী করছে?"),
            ("Tom is here.", "টম এখানে আছে।"),
            ("Tom is very tired.", "টম খুব ক্লান্ত।"),
            ("Tom is a good student.", "টম একজন ভালো ছাত্র।"),
            ("Tom goes to school every day.", "টম প্রতিদিন স্কুলে যায়।"),
            ("Tom lives in Dhaka.", "টম ঢাকায় থাকে।"),
            ("Tom is reading a book.", "টম একটা বই পড়ছে।"),
            ("Tom is sleeping.", "টম ঘুমাচ্ছে।"),
            ("Tom will come tomorrow.", "টম আগামীকাল আসবে।"),
            ("Tom did not eat anything.", "টম কিছুই খায়নি।"),
            ("Do you know Tom?", "তুমি কি টমকে চেনো?"),
            ("Is Tom your friend?", "টম কি তোমার বন্ধু?"),
            ("When did Tom come?", "টম কখন এসেছে?"),
            ("Tom's mother is a teacher.", "টমের মা একজন শিক্ষিকা।"),
            ("Tom's house is very big.", "টমের বাড়িটা খুব বড়।"),
            ("I met Tom at the station.", "স্টেশনে টমের সাথে আমার দেখা হয়েছিল।"),
            ("I am going with Tom.", "আমি টমের সাথে যাচ্ছি।"),
            ("Call Tom.", "টমকে ডাকো।"),
            ("Tom helped me.", "টম আমাকে সাহায্য করেছে।"),
            ("Tom likes mangoes.", "টম আম পছন্দ করে।"),
            ("Tom can sing well.", "টম ভালো গান গাইতে পারে।"),
            ("Tom wants to go home.", "টম বাড়ি যেতে চায়।"),
            ("Tom told me everything.", "টম আমাকে সব বলেছে।"),
            ("He loves Tom.", "সে টমকে ভালোবাসে।"),
            ("Tom and Mary are playing.", "টম আর মেরি খেলছে।"),
            ("Good morning, Tom.", "সুপ্রভাত, টম।"),
            ("Thank you, Tom.", "ধন্যবাদ, টম।"),
            ("Tom, come here.", "টম, এখানে এসো।"),
        ),
        "m": (("Tom is my brother.", "টম আমার ভাই।"), ("Tom is a good boy.", "টম ভালো ছেলে।")),
        "f": (("Mary is my sister.", "মেরি আমার বোন।"), ("Mary is a good girl.", "মেরি ভালো মেয়ে।")),
    },
    "mr": {
        "fm": (
            ("My name is Tom.", "माझं नाव टॉम आहे."),
            ("Who is Tom?", "टॉम कोण आहे?"),
            ("Where is Tom?", "टॉम कुठे आहे?"),
            ("I saw Tom yesterday.", "मी काल टॉमला पाहिलं."),
            ("This is Tom's book.", "हे टॉमचं पुस्तक आहे."),
            ("Give it to Tom.", "ते टॉमला दे."),
            ("This is for Tom.", "हे टॉमसाठी आहे."),
            ("Tom has a dog.", "टॉमकडे एक कुत्रा आहे."),
            ("Tom told me.", "टॉमने मला सांगितलं."),
            ("Come with Tom.", "टॉमबरोबर ये."),
            ("Do you know Tom?", "तू टॉमला ओळखतोस का?"),
            ("Tom's mother is a teacher.", "टॉमची आई शिक्षिका आहे."),
            ("Call Tom.", "टॉमला बोलव."),
            ("Tom wants to go home.", "टॉमला घरी जायचं आहे."),
            ("Thank you, Tom.", "धन्यवाद, टॉम."),
            ("Tom, come here.", "टॉम, इकडे ये."),
        ),
        "m": (
            ("This is Tom.", "हा टॉम आहे."),
            ("Tom is my brother.", "टॉम माझा भाऊ आहे."),
            ("I like Tom.", "मला टॉम आवडतो."),
            ("Tom has gone home.", "टॉम घरी गेला आहे."),
            ("Tom came yesterday.", "टॉम काल आला."),
        ),
        "f": (
            ("This is Mary.", "ही मेरी आहे."),
            ("Mary is my sister.", "मेरी माझी बहीण आहे."),
            ("I like Mary.", "मला मेरी आवडते."),
            ("Mary has gone home.", "मेरी घरी गेली आहे."),
            ("Mary came yesterday.", "मेरी काल आली."),
        ),
    },
}  # fmt: skip


def introductions(names: Sequence[Name], generator: np.random.Generator, count: int) -> list[Pair]:
    """Draw ``count`` pairs for each language: a short sentence with a name of the training part in it."""
    candidates = [name for name in names if name.part == TRAINING]
    pairs = []
    for language, sentences in INTRODUCTIONS.items():
        for number in generator.integers(len(candidates), size=count):
            name = candidates[number]
            possible = [Pair(*sides, language) for suits in ("fm", name.gender) for sides in sentences[suits]]
            pair = possible[generator.integers(len(possible))]
            first, *others = people_in(pair)
            pairs.append(
                renamed(pair, {first: name, **{other: _another(candidates, name, generator) for other in others}})
            )
    return pairs


def _another(candidates: Sequence[Name], name: Name, generator: np.random.Generator) -> Name:
    other = candidates[generator.integers(len(candidates))]
    return other if other != name else _another(candidates, name, generator)


def alone(names: Sequence[Name]) -> list[Pair]:
    """Each name of the training part by itself, without and with a full stop, in every language: spelling, no more."""
    return [
        Pair(name.english + english_stop, name.spelled(language) + stop, language)
        for language, its_stop in FULL_STOP.items()
        for english_stop, stop in (("", ""), (".", its_stop))
        for name in names
        if name.part == TRAINING
    ]


@dataclass(frozen=True)
class NameAugmentation:
    """The pairs of one epoch: the corpus with some people renamed, people introduced, and names alone."""

    names: tuple[Name, ...]
    rate: float = 0.7  # share of the people of the corpus who get another name
    introductions: int = 5000  # a language

    def __call__(self, pairs: Sequence[Pair], generator: np.random.Generator) -> list[Pair]:
        swapped = swap_names(pairs, self.names, self.rate, generator)
        return swapped + introductions(self.names, generator, self.introductions) + alone(self.names)


TEST_SENTENCES = (
    "{} is my friend.", "Where does {} live?", "I gave {} a book.", "{} is not at home.", "Is {} coming tomorrow?",
    "{}'s brother is a doctor.", "I am waiting for {}.", "{} can swim very fast.", "Did you see {}?",
    "{} and I went to the market.", "I want to talk to {}.", "{} was reading.",
)  # fmt: skip


def held_out_sentences(names: Sequence[Name], language: Language) -> list[tuple[str, Name]]:
    """Put every held-out name into every test sentence.

    A name that in this language is written like one of the training part would prove nothing, and is left out.
    """
    known = {spelling_key(name.spelled(language), language) for name in names if name.part == TRAINING}
    unknown = [
        name
        for name in names
        if name.part == HELD_OUT and spelling_key(name.spelled(language), language) not in known
    ]  # fmt: skip
    return [(sentence.format(name.english), name) for sentence in TEST_SENTENCES for name in unknown]


def contains_name(translation: str, name: Name, language: Language, spellings: Sequence[str] = ()) -> bool:
    """Tell whether a translation has the name as a whole word, alone or with a known ending.

    Any of ``spellings`` will do, or else the one of the name. Spellings that ``spelling_key`` does not tell apart are
    all accepted, and so are the three ways of writing the Bangla genitive (-র, -ের, -য়ের): the standard one depends on
    how the name is pronounced.
    """
    words = [spelling_key(word, language) for word in WORD.findall(normalise(translation))]
    stems = [spelling_key(spelling, language) for spelling in spellings or [name.spelled(language)]]
    return any(
        word.startswith(stem) and word.removeprefix(stem) in _accepted_endings(language)
        for word in words
        for stem in stems
    )


@cache
def _accepted_endings(language: Language) -> frozenset[str]:
    accepted = endings(language)
    if language == "bn":
        accepted += [genitive + emphasis for genitive in ("র", "য়ের") for emphasis in EMPHASES["bn"]]
    return frozenset(spelling_key(ending, language) for ending in accepted)


SAME_SOUND: dict[Language, tuple[tuple[str, str], ...]] = {
    "bn": (
        ("ঈ", "ই"), ("ী", "ি"), ("ঊ", "উ"), ("ূ", "ু"), ("ণ", "ন"), ("[শষ]", "স"),
        ("(?<!\u09cd)য(?!\u09bc)", "জ"),  # neither the য of a conjunct (্য) nor that of য়
        ("ৎ", "ত"),
    ),
    "mr": (
        ("ई", "इ"), ("ी", "ि"), ("ऊ", "उ"), ("ू", "ु"),
        ("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[क-घच-झट-ढत-ध])|म्(?=[प-भ])", "ं"),
        ("ण", "न"), ("ष", "श"),
        ("ँ", "ॅं"), ("अॅ+|[ॲऍ]", "ए"), ("ॅ+", "े"), ("ऑ", "ओ"), ("ॉ", "ो"),
    ),
}  # fmt: skip


def spelling_key(word: str, language: Language) -> str:
    """Write a word such that spellings a reader accepts for one name become equal.

    Bangla: long and short i and u, ন and ণ, শ, ষ and স, জ and য, ত and ৎ. Marathi: long and short i and u, न and ण,
    श and ष, anusvara and the nasal consonant it stands for, ॅ and े, ॉ and ो (also as letters: अॅ and ए, ऑ and ओ).
    """
    word = regex.sub("[\u200c\u200d]", "", normalise(word))
    for pattern, same in SAME_SOUND[language]:
        word = regex.sub(pattern, same, word)
    return word
