"""What a parent types, and the tokens that the rules see."""

from itertools import product

import pytest

from guide.text import MAX_CHARS, Normaliser, clean, span_text

NORMALISER = Normaliser(
    expansions={
        "cant": "can not",
        "wont": "will not",
        "hes": "he is",
        "isnt": "is not",
        "dont": "do not",
        "im": "i am",
        "temp": "temperature",
        "poop": "poo",
    },
    irregular={"woke": "wake", "woken": "wake"},
    known={"breathing", "eczema", "kefir", "sauerkraut", "diarrhoea", "temperature", "wheezing"},
)

TOKENS = [
    ("He can't breathe", "he can not breathe"),
    ("he cant breathe", "he can not breathe"),
    ("he can’t breathe", "he can not breathe"),
    ("He's hot", "he is hot"),
    ("hes hot", "he is hot"),
    ("it isn't red", "it is not red"),
    ("she won't wake", "she will not wake"),
    ("they've seen her", "they have seen her"),
    ("I'll wait", "i will wait"),
    ("I'd rather not", "i would rather not"),
    ("the baby's lips", "the baby lips"),
    ("dairy-free", "dairy free"),
    ("38,5", "38,5"),
    ("38.5°C", "38.5 ° c"),
    ("two  spaces\tand a tab", "two spaces and a tab"),
    ("one line\nnext line", "one line . next line"),
    ("soooo hot", "soo hot"),
    ("brething", "breathing"),
    ("breatthing", "breathing"),
    ("ecxema", "eczema"),
    ("eczemma", "eczema"),
    ("kefirr", "kefir"),
    ("diarrea", "diarrhoea"),
    ("temp 38", "temperature 38"),
    ("HE IS WHEEZING", "he is wheezing"),
    ("😢 he is hot 🔥", "😢 he is hot 🔥"),
    ("", ""),
    ("   ", ""),
    ("wait…", "wait . . ."),
]


@pytest.mark.parametrize(("typed", "tokens"), TOKENS)
def test_tokens(typed: str, tokens: str) -> None:
    assert " ".join(token.text for token in NORMALISER(typed)) == tokens


@pytest.mark.parametrize("word", ["cream", "breeding", "house", "reading", "gut", "bath"])
def test_an_english_word_is_never_repaired(word: str) -> None:
    assert [token.text for token in NORMALISER(word)] == [word]


@pytest.mark.parametrize(
    ("one", "other"),
    [("breathe", "breathing"), ("feeds", "feeding"), ("woke", "waking"), ("rashes", "rash")],
)
def test_inflections_share_a_stem(one: str, other: str) -> None:
    assert NORMALISER(one)[0].norm_ == NORMALISER(other)[0].norm_


def test_control_characters_become_blanks() -> None:
    assert clean("not\x00breathing\u200b now") == "not breathing now"
    assert clean("brea\u00adthing, 6½ months, isn´t, 38℃") == "breathing, 6½ months, isn't, 38℃"
    assert [token.text for token in NORMALISER("he\x07 is\u202e hot")] == ["he", "is", "hot"]


@pytest.mark.parametrize("length", [MAX_CHARS + 1, 10_000, 100_000])
def test_a_long_message_keeps_its_start_and_its_end(length: int) -> None:
    text = "start " + "x" * (length - 10) + " end"
    short = clean(text)
    assert len(short) <= MAX_CHARS
    assert short.startswith("start ")
    assert short.endswith(" end")


def test_offsets_lead_back_to_the_typed_words() -> None:
    text = "Help, he can't breathe!"
    doc = NORMALISER(text)
    words = [token.text for token in doc]
    span = doc[words.index("can") : words.index("breathe") + 1]
    assert span_text(span, text) == (9, 22, "can't breathe")


@pytest.mark.parametrize(
    "text", ["½ cup", "ﬁne", "a" * 3_000, "'", "''s", "n't", "-", "é à ü", "#"]
)
def test_odd_text_is_read_without_an_error(text: str) -> None:
    doc = NORMALISER(text)
    assert len(doc) == len(doc.user_data["offsets"])


def test_the_words_of_a_long_life_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 3000
    monkeypatch.setattr("guide.text.MAX_STRINGS", most)
    words = ["".join(letters) for letters in product("bcdfghjklmnpqrstvw", repeat=3)][: 2 * most]
    docs = [NORMALISER(word) for word in words]
    assert len(docs[-1].vocab.strings) <= most + 10
    assert docs[1].text.strip() == "bbc"  # it reads its own vocabulary still
