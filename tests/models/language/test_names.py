"""Names: a table in three scripts, swapped into sentences with the right endings, found again in translations."""

import re
import unicodedata
from collections import Counter

import numpy as np
import pytest

from models.language.corpus import CorpusError, Pair
from models.language.languages import LANGUAGES
from models.language.names import (
    CORPUS_NAMES,
    HEADER,
    HELD_OUT,
    INTRODUCTIONS,
    TEST_SENTENCES,
    TRAINING,
    Name,
    NameAugmentation,
    alone,
    contains_name,
    held_out_sentences,
    inflected,
    introductions,
    people_in,
    read_accepted,
    read_names,
    renamed,
    spelling_key,
    swap_names,
)

TOM, MARY = CORPUS_NAMES[:2]
SCRIPTS = {"english": "LATIN", "bangla": "BENGALI", "marathi": "DEVANAGARI"}
PAIRS = [
    Pair("Tom swims well.", "টম ভালো সাঁতার কাটে।", "bn"),
    Pair("Tom's sick.", "টমের অসুখ হয়েছে।", "bn"),
    Pair("Tom is alone in the dining room with Mary.", "টম খাবার ঘরে মেরির সাথে একলা রয়েছে।", "bn"),
    Pair("Tom peeled the banana for Mary.", "टॉमने मेरीसाठी केळं सोललं.", "mr"),
    Pair("Tom gave Mary Tom's book.", "टॉमने मेरीला टॉमचं पुस्तक दिलं.", "mr"),
    Pair("Mary drinks coffee.", "मेरी कॉफी पिते.", "mr"),
    Pair("I saw Layla and Sami.", "मी लैलाला आणि सामीला पाहिलं.", "mr"),
] * 60


@pytest.fixture(scope="module")
def names() -> list[Name]:
    return read_names()


@pytest.fixture(scope="module")
def by_name(names) -> dict[str, Name]:
    return {name.english: name for name in names}


def swap(pairs, names, rate=1.0, seed=5):
    return swap_names(pairs, names, rate, np.random.default_rng(seed))


def test_the_list_is_long_and_a_hundred_names_of_it_are_held_out(names):
    assert len(names) >= 2500
    assert Counter(name.part for name in names) == {TRAINING: len(names) - 100, HELD_OUT: 100}


def test_both_genders_have_a_fair_share_of_both_parts(names):
    for part in (TRAINING, HELD_OUT):
        genders = Counter(name.gender for name in names if name.part == part)
        assert min(genders["f"], genders["m"]) > 0.4 * genders.total()


@pytest.mark.parametrize(("column", "script"), SCRIPTS.items())
def test_each_spelling_is_normal_and_in_its_own_script_only_and_each_english_one_is_listed_once(names, column, script):
    spellings = [getattr(name, column) for name in names]
    assert [unicodedata.normalize("NFC", spelling) for spelling in spellings] == spellings
    if column == "english":  # Joan and John may be written alike in other scripts
        assert len({spelling.casefold() for spelling in spellings}) == len(spellings)
    assert {unicodedata.name(character).split()[0] for character in "".join(spellings)} == {script}


def test_no_name_is_one_that_the_corpus_is_full_of(names):
    for column in SCRIPTS:
        assert not {getattr(name, column) for name in names} & {getattr(name, column) for name in CORPUS_NAMES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_held_out_name_is_written_like_one_of_the_training_part(names, language):
    keys = Counter(spelling_key(name.spelled(language), language) for name in names)
    assert not [
        name for name in names if name.part == HELD_OUT and keys[spelling_key(name.spelled(language), language)] > 1
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Priya\tপ্রিয়া\tप्रिया\tf", "Priya\tপ্রিয়া\tप्रिया\tf\ttraining\tmore", "Priya\t\tप्रिया\tf\ttraining", "",
        "Priya\tপ্রিয়া\tप्रिया\tx\ttraining", "Priya\tপ্রিয়া\tप्रिया\tf\ttest", "Anna Maria\tআনা\tॲना\tf\ttraining",
        "Rahul\tরাহুল\tराहुल\tm\ttraining",
    ],
    ids=repr,
)  # fmt: skip
def test_a_malformed_line_is_refused_with_its_number(tmp_path, line):
    path = tmp_path / "names.tsv"
    path.write_text("\n".join(["\t".join(HEADER), "Rahul\tরাহুল\tराहुल\tm\ttraining", line, ""]), "utf-8")
    with pytest.raises(CorpusError, match=r"names\.tsv, line 3: "):
        read_names(path)


def test_a_file_that_cannot_be_used_is_refused_by_name(tmp_path):
    (tmp_path / "empty.tsv").touch()
    (tmp_path / "latin.tsv").write_bytes(b"caf\xe9")
    for name, reason in (("empty.tsv", "header"), ("latin.tsv", "not UTF-8"), ("missing.tsv", "cannot be read")):
        with pytest.raises(CorpusError, match=reason) as caught:
            read_names(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("Priya", "টমের", "প্রিয়ার"), ("Rahul", "টমের", "রাহুলের"), ("Maria", "টমের", "মারিয়ার"),
        ("Yuki", "টমের", "ইউকির"), ("Pallavi", "টমের", "পল্লবীর"), ("Kwame", "টমের", "কোয়ামের"),
        ("Carlos", "টমের", "কার্লোসের"), ("Diego", "টমের", "দিয়েগোর"), ("Vijay", "টমের", "বিজয়ের"),
        ("Leo", "টমের", "লিওর"), ("Tao", "টমের", "তাওয়ের"), ("Mei", "টমের", "মেইয়ের"), ("Ming", "টমের", "মিংয়ের"),
        ("Satyajit", "টমের", "সত্যজিতের"), ("Satyajit", "টমকে", "সত্যজিৎকে"), ("Krishna", "টমের", "কৃষ্ণের"),
        ("Priya", "টমেরও", "প্রিয়ারও"), ("Priya", "টমকেও", "প্রিয়াকেও"), ("Priya", "টমই", "প্রিয়াই"),
        ("Rahul", "টমও", "রাহুলও"), ("Priya", "টমদের", "প্রিয়াদের"), ("Rahul", "টমরা", "রাহুলরা"),
    ],
)  # fmt: skip
def test_bangla_names_take_the_ending_that_suits_their_last_sound(by_name, name, written, expected):
    pair = renamed(Pair("Tom.", written + "।", "bn"), {TOM: by_name[name]})
    assert pair == Pair(name + ".", unicodedata.normalize("NFC", expected) + "।", "bn")


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("Priya", "टॉमला", "प्रियाला"), ("Rahul", "टॉमने", "राहुलने"), ("Maria", "टॉमच्या", "मारियाच्या"),
        ("Swati", "टॉमची", "स्वातीची"), ("Ravi", "टॉमचा", "रवीचा"), ("Vishnu", "टॉमचे", "विष्णूचे"),
        ("Kwame", "टॉमचं", "क्वामेचं"), ("Chen", "टॉमशी", "चेनशी"), ("Ananya", "टॉमकडे", "अनन्याकडे"),
        ("Sakshi", "टॉमबरोबर", "साक्षीबरोबर"), ("Tanvir", "टॉमपेक्षा", "तन्वीरपेक्षा"), ("Ahmed", "टॉमसारखा", "अहमदसारखा"),
        ("Fatima", "टॉमनेच", "फातिमानेच"), ("Priya", "टॉमलासुद्धा", "प्रियालासुद्धा"), ("Rahul", "टॉमही", "राहुलही"),
    ],
)  # fmt: skip
def test_marathi_names_take_their_endings_unchanged(by_name, name, written, expected):
    pair = renamed(Pair("Tom.", written + ".", "mr"), {TOM: by_name[name]})
    assert pair == Pair(name + ".", expected + ".", "mr")


@pytest.mark.parametrize(
    ("language", "name", "written", "expected"),
    [
        ("bn", "Priya", "মেরির", "প্রিয়ার"), ("bn", "Manisha", "মেরির", "মনীষার"), ("bn", "Nusrat", "মেরির", "নুসরাতের"),
        ("bn", "Nusrat", "মেরিকে", "নুসরাতকে"), ("mr", "Nusrat", "मेरीसाठी", "नुसरतसाठी"),
    ],
)  # fmt: skip
def test_the_genitive_after_a_vowel_is_known_too(by_name, language, name, written, expected):
    pair = renamed(Pair("Mary's.", written, language), {MARY: by_name[name]})
    assert pair == Pair(f"{name}'s.", unicodedata.normalize("NFC", expected), language)


def test_the_possessive_stays_and_the_rest_of_the_sentence_too(by_name):
    pair = Pair("Which of Tom's tomatoes did Tom, as Tom does, eat?", "টম টমের কোন টমেটো খেল, যেমন টম খায়?", "bn")
    assert renamed(pair, {TOM: by_name["Priya"]}) == Pair(
        "Which of Priya's tomatoes did Priya, as Priya does, eat?",
        unicodedata.normalize("NFC", "প্রিয়া প্রিয়ার কোন টমেটো খেল, যেমন প্রিয়া খায়?"),
        "bn",
    )


def test_a_new_name_that_looks_like_another_person_stays(by_name):
    pair = Pair("Tom saw Sami.", "টম সামিকে দেখল।", "bn")
    people = dict(zip(people_in(pair), (by_name["Samira"], by_name["Rahul"]), strict=True))
    assert renamed(pair, people) == Pair("Samira saw Rahul.", "সামিরা রাহুলকে দেখল।", "bn")  # not সামি with -রা


def test_swapping_replaces_every_known_person_on_both_sides(names):
    for pair, swapped in zip(PAIRS, swap(PAIRS, names), strict=True):
        for person in CORPUS_NAMES:
            assert not re.search(rf"\b{person.english}\b", swapped.english)
            assert person.spelled(pair.language) not in re.findall(r"[^\s.,।]+", swapped.target)
        given = Counter(re.findall("|".join(rf"\b{name.english}\b" for name in names), swapped.english))
        known = Counter(re.findall("|".join(person.english for person in CORPUS_NAMES), pair.english))
        assert sorted(given.values()) == sorted(known.values())  # two people never become one
        for english, count in given.items():
            name = next(name for name in names if name.english == english)
            assert swapped.target.count(name.spelled(pair.language).removesuffix("ৎ")) >= count
            assert contains_name(swapped.target, name, pair.language)


def test_swapping_never_uses_a_held_out_name_and_uses_most_of_the_others(names):
    used = set(re.findall(r"\w+", " ".join(pair.english for pair in swap(PAIRS * 10, names))))
    assert not used & {name.english for name in names if name.part == HELD_OUT}
    assert len(used & {name.english for name in names}) > 600


def test_marathi_keeps_the_gender_with_which_its_verbs_agree(names, by_name):
    for swapped in swap([Pair("Mary drinks coffee.", "मेरी कॉफी पिते.", "mr")] * 300, names):
        assert by_name[swapped.english.split()[0]].gender == "f"


def test_bangla_keeps_the_gender_only_where_an_english_word_tells_it(names, by_name):
    def genders(english: str, target: str) -> set[str]:
        return {by_name[pair.english.split()[0]].gender for pair in swap([Pair(english, target, "bn")] * 300, names)}

    assert genders("Tom lost his hat.", "টম টুপি হারিয়ে ফেলেছে।") == {"m"}
    assert genders("Mary is my sister.", "মেরি আমার বোন।") == {"f"}
    assert genders("Tom lost the hat.", "টম টুপি হারিয়ে ফেলেছে।") == {"f", "m"}


@pytest.mark.parametrize(
    "pair",
    [
        Pair("We are here.", "আমরা এখানে।", "bn"),
        Pair("I like tomatoes.", "मला टॉमेटो आवडतात.", "mr"),
        Pair("Tomorrow I phone Thomas.", "मी उद्या टॉमसला फोन करतो.", "mr"),
        Pair("Tommy's here.", "टॉमी इथे आहे.", "mr"),
        Pair("Tom is a Canadian citizen.", "উনি ক্যানেডিয় নাগরিক।", "bn"),
        Pair("He is here.", "টম এখানে।", "bn"),
        Pair("Tom likes Tom's dog.", "টম নিজের কুকুর পছন্দ করে।", "bn"),
        Pair("That's why Tom hit you.", "म्हणूनच टॉमेने तुला मारलं.", "mr"),
        Pair("Tom-like.", "টম", "bn"),
    ],
    ids=lambda pair: pair.english,
)
def test_a_pair_that_does_not_name_a_known_person_equally_often_is_left_alone(names, pair):
    assert people_in(pair) == []
    assert swap([pair] * 20, names) == [pair] * 20


def test_the_same_seed_gives_the_same_pairs_and_another_seed_others(names):
    assert swap(PAIRS, names) == swap(PAIRS, names) != swap(PAIRS, names, seed=6)
    drawn = [introductions(names, np.random.default_rng(seed), 50) for seed in (5, 5, 6)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_rate_is_the_share_of_people_renamed(names):
    assert swap(PAIRS, names, rate=0.0) == PAIRS
    pairs = [Pair("Tom swims.", "টম সাঁতার কাটে।", "bn")] * 2000
    assert sum(pair not in pairs for pair in swap(pairs, names, rate=0.3)) == pytest.approx(600, abs=80)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_introduction_names_known_people_on_both_sides(language):
    for suits, sentences in INTRODUCTIONS[language].items():
        assert suits in ("f", "m", "fm")
        for sides in sentences:
            assert all(unicodedata.normalize("NFC", side) == side for side in sides)
            people = people_in(Pair(*sides, language))
            assert people
            assert suits == "fm" or {person.gender for person in people} == {suits}


def test_introductions_bring_training_names_of_both_genders_and_agree_with_them(names, by_name):
    pairs = introductions(names, np.random.default_rng(7), 800)
    assert Counter(pair.language for pair in pairs) == {"bn": 800, "mr": 800}
    genders = Counter()
    for pair in pairs:
        named = [by_name[word] for word in re.findall(r"\w+", pair.english) if word in by_name]
        assert 1 <= len(named) == len(set(named)) <= 2
        for name in named:
            assert name.part == TRAINING
            assert contains_name(pair.target, name, pair.language)
        name = named[0]
        genders[name.gender] += 1
        if "sister" in pair.english or "काल आली." in pair.target:
            assert name.gender == "f"
        if "brother" in pair.english or "काल आला." in pair.target:
            assert name.gender == "m"
    assert min(genders.values()) > 600


def test_each_held_out_name_has_its_accepted_spellings_the_listed_one_first(names):
    accepted = read_accepted()
    held = {name.english: name for name in names if name.part == HELD_OUT}
    assert accepted.keys() == held.keys()
    for english, spellings in accepted.items():
        for language in LANGUAGES:
            assert spellings[language][0] == held[english].spelled(language)
            keys = [spelling_key(spelling, language) for spelling in spellings[language]]
            assert len(set(keys)) == len(keys), "spellings that are equal anyway need not be listed"


def test_no_other_name_of_the_table_is_an_accepted_spelling_but_where_both_are_read_so(names):
    accepted = read_accepted()
    shared = set()
    for language in LANGUAGES:
        keys = {name.english: spelling_key(name.spelled(language), language) for name in names}
        for english, spellings in accepted.items():
            read_so = {spelling_key(spelling, language) for spelling in spellings[language]}
            shared |= {(english, other) for other, key in keys.items() if other != english and key in read_so}
    assert shared <= {("Amol", "Amal"), ("Jorge", "George")}


def test_any_accepted_spelling_counts_with_its_endings_and_no_other(by_name):
    spellings = ("কিয়ারা", "চিয়ারা")
    for written, expected in (("চিয়ারাকে", True), ("কিয়ারার", True), ("চিয়ারি", False), ("টিয়ারা", False)):
        translation = unicodedata.normalize("NFC", f"আমি {written} দেখেছি।")
        normal = [unicodedata.normalize("NFC", spelling) for spelling in spellings]
        assert contains_name(translation, by_name["Chiara"], "bn", normal) == expected


@pytest.mark.parametrize("line", ["Priya\tপ্রিয়া", "Priya\t\tप्रिया", "Priya\tপ্রিয়া/প্রীয়া\tप्रिया"])
def test_a_malformed_line_of_accepted_spellings_is_refused_with_its_number(tmp_path, line):
    (tmp_path / "accepted.tsv").write_text(f"english\tbangla\tmarathi\n{line}\n", "utf-8")
    with pytest.raises(CorpusError, match="line 2"):
        read_accepted(tmp_path / "accepted.tsv")


def test_each_training_name_stands_alone_twice_in_each_language_and_no_held_out_name_does(names):
    pairs = alone(names)
    training = [name for name in names if name.part == TRAINING]
    assert len(pairs) == len(set(pairs)) == 4 * len(training)
    for name in training[::50]:
        assert Pair(name.english, name.bangla, "bn") in pairs
        assert Pair(name.english + ".", name.bangla + "।", "bn") in pairs
        assert Pair(name.english, name.marathi, "mr") in pairs
        assert Pair(name.english + ".", name.marathi + ".", "mr") in pairs


def test_an_epoch_has_the_corpus_renamed_and_people_introduced_and_names_alone(names):
    augmentation = NameAugmentation(tuple(names), rate=1.0, introductions=7)
    pairs = augmentation(PAIRS, np.random.default_rng(3))
    assert pairs[: len(PAIRS)] == swap_names(PAIRS, names, 1.0, np.random.default_rng(3))
    assert pairs[-len(alone(names)) :] == alone(names)
    assert len(pairs) == len(PAIRS) + 2 * 7 + len(alone(names))
    held = {name.english for name in names if name.part == HELD_OUT}
    assert not held & {word for pair in pairs for word in re.findall(r"\w+", pair.english)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_names_are_tried_in_sentences_that_no_introduction_has(names, language):
    sentences = held_out_sentences(names, language)
    assert len(sentences) == 12 * 100 == len(set(sentences))
    assert {name.part for _, name in sentences} == {HELD_OUT}
    assert all(re.search(rf"\b{name.english}\b", english) for english, name in sentences)
    introduced = {english.replace(p, "{}") for group in INTRODUCTIONS[language].values() for english, _ in group
                  for p in ("Tom", "Mary")}  # fmt: skip
    assert not introduced & set(TEST_SENTENCES)


def test_a_held_out_name_written_like_a_training_name_is_left_out_in_that_language_only():
    trained = Name("Mona", "মোনা", "मोना", "f")
    alike = Name("Monna", "মোণা", "मोन्ना", "f", HELD_OUT)
    assert len(held_out_sentences([trained, alike], "bn")) == 0
    assert len(held_out_sentences([trained, alike], "mr")) == 12


@pytest.mark.parametrize(
    ("language", "name", "translation"),
    [
        ("bn", "Priya", "প্রিয়া আমার বন্ধু।"), ("bn", "Priya", "আমি প্রিয়াকে একটা বই দিয়েছি।"),
        ("bn", "Priya", "প্রিয়ার ভাই ডাক্তার।"), ("bn", "Priya", "প্রীয়া কোথায়?"), ("bn", "Priya", "\"প্রিয়া!\""),
        ("bn", "Manisha", "মণিশার বই"), ("bn", "Satyajit", "সত্যজিতের বই"), ("bn", "Satyajit", "সত্যজিত এল।"),
        ("bn", "Jamal", "যামালকেও"), ("bn", "Krishna", "কৃষ্ণর বাড়ি"), ("bn", "Leo", "লিওয়ের"), ("bn", "Priya", "প্রিয়া-র"),
        ("mr", "Priya", "प्रियाला पुस्तक दिलं."), ("mr", "Priya", "प्रीया कुठे आहे?"), ("mr", "Anand", "आनन्दने"),
        ("mr", "Manisha", "मनिशाचा भाऊ"), ("mr", "Ravi", "रविबरोबर"), ("mr", "Anna", "ॲनाला"), ("mr", "Anna", "एनाने"),
        ("mr", "Robert", "रोबर्टशी"), ("mr", "Rahul", "राहुल, इकडे ये."), ("mr", "Sandra", "सॅन्ड्रा"),
    ],
)  # fmt: skip
def test_a_name_is_found_with_its_endings_and_in_the_spellings_readers_accept(by_name, language, name, translation):
    assert contains_name(translation, by_name[name], language)


@pytest.mark.parametrize(
    ("language", "name", "translation"),
    [
        ("bn", "Priya", "টম আমার বন্ধু।"), ("bn", "Priya", "সুপ্রিয়া আমার বন্ধু।"), ("bn", "Priya", "প্রিয় বন্ধু"),
        ("bn", "Priya", "প্রিয়াঙ্কা কোথায়?"), ("bn", "Priya", "প্রিজা"), ("bn", "Raj", "রাজা"), ("bn", "Priya", ""),
        ("bn", "Rahul", "রাহু ল"), ("bn", "Priya", "Priya"), ("mr", "Priya", "प्रियांकाला"), ("mr", "Priya", "प्रिय"),
        ("mr", "Raj", "राजाला"), ("mr", "Rahul", "राहूचा"), ("mr", "Sunita", "सुमिता"), ("mr", "Priya", "টম প্রিয়া"),
    ],
)  # fmt: skip
def test_another_word_is_not_taken_for_the_name(by_name, language, name, translation):
    assert not contains_name(translation, by_name[name], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_is_found_in_every_form_that_is_written(names, language):
    for name in names:
        for ending in ("", "ের", "কে") if language == "bn" else ("", "ला", "ने", "च्या"):
            assert contains_name(inflected(name.spelled(language), ending, language) + "।", name, language)
