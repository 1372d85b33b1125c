"""The phrase language: each construct, what it matches and what it must not, and each mistake."""

import pytest

from guide.patterns import Match, PhraseError, PhraseSet
from guide.text import Normaliser

NORMALISER = Normaliser(expansions={"cant": "can not", "wont": "will not", "hes": "he is"})
VOCABULARY = {"feed": ["bottle", "breast", "formula milk"], "body": ["lips", "tongue"]}

MATCHES = [
    # word: any inflection
    ("breathe", "he is breathing"),
    ("breathing", "she breathes"),
    ("bottle", "two bottles"),
    # =word: exactly this word
    ("=wee", "no wee today"),
    # alternatives, of one or more words, nested
    ("(blue|grey)", "grey lips"),
    ("(blue|very pale) lips", "very pale lips"),
    ("(will not|can not) wake", "he wont wake"),
    ("not (wake (up|at all)|move)", "not wake up"),
    ("not (wake (up|at all)|move)", "not wake at all"),
    ("not (wake (up|at all)|move)", "not moving"),
    # two phrases beside each other
    ("blue lips|grey tongue", "a grey tongue"),
    # from the vocabulary
    ("<feed>", "formula milk"),
    ("blue <body>", "blue lips"),
    # optional
    ("can not? breathe", "can breathe"),
    ("can not? breathe", "can not breathe"),
    ("blue (and grey)? lips", "blue lips"),
    ("blue (and grey)? lips", "blue and grey lips"),
    ("<feed>? refused", "refused"),
    ("refuses <feed>? now", "refuses formula milk now"),
    # gaps
    ("lips .. blue", "lips blue"),
    ("lips .. blue", "lips are going slightly blue"),
    ("lips ..6 blue", "lips have been on and off slightly blue"),
    ("..1 blue", "blue"),
    # numbers
    ("# nappies", "2 nappies"),
    ("# nappies", "two nappies"),
    ("# degrees", "38.5 degrees"),
    # both, in either order
    ("lips & blue", "blue are the lips"),
    ("lips & blue", "lips that look blue"),
    ("lips &10 blue", "blue one two three four five six seven eight lips"),
    ("lips & blue & cold", "cold and blue lips"),
    # contractions are read alike on both sides
    ("can't breathe", "he can not breathe"),
    ("can not breathe", "he cant breathe"),
]

MISSES = [
    ("=wee", "weeing"),
    ("=breathe", "breathing"),
    ("(blue|very pale) lips", "pale lips"),
    ("lips .. blue", "lips are now and again quite blue"),
    ("lips .. blue", "lips. blue"),
    ("lips .. blue", "lips? It is blue"),
    ("lips .. blue", "blue lips"),
    ("lips & blue", "lips. Then blue"),
    ("lips & blue", "blue one two three four five six seven lips"),
    ("# nappies", "many nappies"),
    ("blue <body>", "blue nose"),
    ("not wake", "wake not"),
    ("blue lips", ""),
]


def _matches(phrase: str, text: str) -> list[Match]:
    phrases = PhraseSet(NORMALISER, VOCABULARY)
    phrases.add("it", [phrase])
    return phrases.matches(NORMALISER(text))


@pytest.mark.parametrize(("phrase", "text"), MATCHES)
def test_matches(phrase: str, text: str) -> None:
    assert _matches(phrase, text), (phrase, text)


@pytest.mark.parametrize(("phrase", "text"), MISSES)
def test_does_not_match(phrase: str, text: str) -> None:
    assert not _matches(phrase, text), (phrase, text)


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("lips &", "beside an &"),
        ("& lips", "beside an &"),
        ("lips & & blue", "beside an &"),
        ("(blue|)", "alternative is empty"),
        ("()", "alternative is empty"),
        ("<nowhere> lips", "no <nowhere>"),
        ("lips?", "not optional"),
        ("..", "not optional"),
        (".. lips? ..", "not optional"),
    ],
)
def test_a_mistake_is_named(phrase: str, reason: str) -> None:
    with pytest.raises(PhraseError, match=reason):
        PhraseSet(NORMALISER, VOCABULARY).add("it", [phrase])


def test_a_missing_vocabulary_list_names_those_that_exist() -> None:
    with pytest.raises(PhraseError, match="body, feed"):
        PhraseSet(NORMALISER, VOCABULARY).add("it", ["<lips>"])


def test_places_are_given_in_tokens() -> None:
    assert _matches("blue lips", "she has blue lips now") == [Match("it", 2, 4)]


def test_the_shortest_match_is_kept() -> None:
    assert _matches("lips ..6 blue", "lips and lips blue") == [Match("it", 2, 4)]


def test_a_key_may_be_added_to_and_keys_do_not_mix() -> None:
    phrases = PhraseSet(NORMALISER)
    phrases.add("a", ["blue lips"])
    phrases.add("a", ["grey lips"])
    phrases.add("b", ["lips"])
    found = phrases.matches(NORMALISER("grey lips and blue lips"))
    assert [match.key for match in found].count("a") == 2
    assert [match.key for match in found].count("b") == 2


def test_every_place_is_found() -> None:
    assert len(_matches("blue", "blue, then blue again")) == 2


def test_a_phrase_hangs_on_any_of_its_words() -> None:
    # Whichever word is rarest, the same phrase is found from it.
    for text in ("the baby can not breathe", "baby can not breathe at all"):
        assert _matches("baby .. can not (breathe|swallow)", text)


def test_what_only_looks_like_it_cancels_an_overlapping_match_of_the_same_key() -> None:
    phrases = PhraseSet(NORMALISER)
    phrases.add("rash", ["rash"], unless=["no rash"])
    phrases.add("skin", ["rash"])
    found = phrases.matches(NORMALISER("no rash at first, then a rash"))
    assert [(match.key, match.start) for match in found if match.key == "rash"] == [("rash", 7)]
    assert [match.key for match in found].count("skin") == 2
