"""Other languages: told apart, answered in their own words, danger noticed; English left alone."""

from __future__ import annotations

import pytest

from guide.knowledge import DATA
from guide.languages import SCRIPTS, Languages, load_languages


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages(load_languages(DATA / "lexicon" / "languages.yml"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mi hija tiene 8 meses, ¿puede comer huevo?", "es"),
        ("ma fille de 6 mois a la peau très sèche", "fr"),
        ("meine Tochter ist 7 Monate und hat trockene Haut", "de"),
        ("minha filha tem 5 meses, posso dar iogurte?", "pt"),
        ("mia figlia ha 9 mesi, posso dare lo yogurt?", "it"),
        ("czy mogę dać córce jajko, ma 7 miesięcy", "pl"),
        ("kızım 6 aylık, yumurta verebilir miyim", "tr"),
        ("fetița mea are 7 luni, pot să dau iaurt?", "ro"),
        ("meri beti 7 mahine ki hai, kya anda de sakte hai", "hi_latin"),
        ("मेरी बेटी सात महीने की है", "hi"),
        ("ابنتي عمرها سبعة أشهر", "ar"),
        ("میری بیٹی کو خارش ہے", "ur"),
        ("宝宝七个月可以吃鸡蛋吗", "zh"),
        ("赤ちゃんに卵をあげてもいいですか", "ja"),
        ("아기가 일곱 달이에요", "ko"),
        ("моїй доньці сім місяців", "uk"),
        ("моей дочке семь месяцев", "ru"),
        ("pwede na po ba siya kumain ng itlog", "tl"),
        ("پوست نوزادم خشک است", "fa"),
        ("το μωρό μου έχει έκζεμα", "el"),
        ("ลูกมีผื่นแดงที่แก้ม", "th"),
    ],
)
def test_told_apart(languages: Languages, text: str, code: str) -> None:
    found = languages(text)
    assert found is not None
    assert found.language.code == code
    assert not found.is_danger


@pytest.mark.parametrize(
    "text",
    [
        "mi hijo no respira",
        "mon bébé ne respire plus",
        "mein Baby atmet nicht",
        "meu filho não respira",
        "mio figlio non respira",
        "moje dziecko nie oddycha",
        "bebeğim nefes almıyor",
        "copilul meu nu respiră",
        "mera beta saans nahi le raha",
        "engasgou com pipoca",
        "il s'etouffe avec du pain",
        "garam paani gir gaya uske haath pe",
        "se quemó la mano",
        "बच्चा बेहोश है",
        "طفلي لا يتنفس",
        "بچہ بے ہوش ہے",
        "宝宝昏迷了",
        "дитина не дихає",
        "ребёнок не дышит",
        "help no respira my baby",
        "hindi humihinga ang baby",
        "το μωρό δεν αναπνέει",
        "ลูกไม่หายใจ",
    ],
)
def test_danger_is_noticed(languages: Languages, text: str) -> None:
    found = languages(text)
    assert found is not None
    assert found.is_danger


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "me and my son are on a main par",
        "can my baby have dosa, idli and khichdi",
        "my bebe has eczema on the cheeks",
        "is kefir con fruta ok for her",
        "my la roche cream",
        "the baby is 7 months and has a rash",
        "no",
        "👶",
        "123",
    ],
)
def test_english_is_left_alone(languages: Languages, text: str) -> None:
    assert languages(text) is None


def test_entries_are_complete(languages: Languages) -> None:
    for language in languages.languages:
        assert language.say.strip(), language.code
        assert language.danger, language.code
        assert bool(language.words) != bool(language.script), language.code
        assert not language.script or language.script in SCRIPTS, language.code
        assert all(phrase == phrase.lower() for phrase in language.danger), language.code
