"""The third answer between yes and no: the model, its store, and what it asks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from guide.assess import Memory, assess
from guide.knowledge import DATA, load_words
from guide.model import Facts, Level
from guide.recogniser import Recogniser
from guide.worry import (
    CARER_SIGNS,
    WORRY_SIGN,
    Examples,
    WorryModel,
    features_of,
    read_messages,
    train_worry,
)

NOW = datetime(2026, 11, 22, 12)


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return load_words().recogniser()


@pytest.fixture(scope="module")
def examples() -> Examples:
    messages = read_messages(DATA / "worry")
    return Examples(messages["alarming"], messages["carer"], messages["calm"])


@pytest.fixture(scope="module")
def model(examples: Examples, recogniser: Recogniser) -> WorryModel:
    return train_worry(examples, recogniser)


def level(recogniser: Recogniser, model: WorryModel | None, text: str) -> Level:
    return assess(recogniser, text, Facts(), Memory(), NOW, worry=model).level


def test_messages_are_many_and_given_once(examples: Examples) -> None:
    told = [*examples.alarming, *examples.carer]
    assert len(told) >= 550
    assert len(examples.calm) >= 450
    together = [text.lower() for text in (*told, *examples.calm)]
    assert len(together) == len(set(together))


def test_messages_name_no_rasa_key() -> None:
    for path in (DATA / "worry").glob("*.yml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line and line[0] not in " #"] == ["worry:"]


def test_training_needs_every_kind(recogniser: Recogniser) -> None:
    with pytest.raises(ValueError, match="calm"):
        train_worry(Examples(["she looks awful"], ["i can't go on"], []), recogniser)


def test_training_is_deterministic(examples: Examples, recogniser: Recogniser) -> None:
    few = Examples(examples.alarming[::9], examples.carer[::3], examples.calm[::9])
    first, second = train_worry(few, recogniser), train_worry(few, recogniser)
    heard = recogniser("he is limp and something is off")
    assert first.worry(heard) == second.worry(heard)
    assert first.threshold == second.threshold


def test_stored_model_judges_alike(
    model: WorryModel, recogniser: Recogniser, tmp_path: Path
) -> None:
    model.save(tmp_path)
    loaded = WorryModel.load(tmp_path)
    assert loaded.threshold == model.threshold
    for text in ("her body has no strength", "can i freeze the stock", "", "...", "🙂", "a " * 900):
        heard = recogniser(text)
        assert loaded.worry(heard) == pytest.approx(model.worry(heard), abs=0.01)
    assert {path.suffix for path in tmp_path.iterdir()} == {".npz", ".json"}


def test_what_is_denied_is_another_word(recogniser: Recogniser) -> None:
    told = features_of(recogniser("he is floppy"))
    denied = features_of(recogniser("he is not floppy"))
    assert {name for name in told if name.startswith("wflop")}
    assert {name for name in denied if name.startswith("w~flop")}


@pytest.mark.parametrize(
    "text",
    [
        "can he have lentils at 8 months",
        "which cream is best for dry knees",
        "thank you, that helps",
        "she loves her porridge and sleeps well, is oat milk ok in it?",
        "7 months",
        "the soft spot is flat and he is happy",
    ],
)
def test_everyday_messages_are_not_asked(
    recogniser: Recogniser, model: WorryModel, text: str
) -> None:
    assert level(recogniser, model, text).rank < Level.CHECK.rank


@pytest.mark.parametrize(
    "text",
    [
        "her strength has gone and she lies there like a cloth, never seen her so quiet",
        "he is getting worse by the hour and looks dreadful",
    ],
)
def test_worrying_messages_are_not_passed_over(
    recogniser: Recogniser, model: WorryModel, text: str
) -> None:
    assert level(recogniser, model, text).rank >= Level.CHECK.rank


def test_an_alarm_of_the_rules_stays(recogniser: Recogniser, model: WorryModel) -> None:
    text = "she can't breathe"
    assert level(recogniser, model, text) is level(recogniser, None, text) is Level.EMERGENCY


class Always(WorryModel):
    """A model that finds every message as worrying as it is told to."""

    def __init__(self, *, about_carer: bool) -> None:
        self._about = 1.0 if about_carer else -1.0
        self.threshold = 0.5

    def sums_of(self, counts: object) -> tuple[float, float]:  # type: ignore[override]
        return 5.0, self._about


def test_nobody_is_asked_twice(recogniser: Recogniser) -> None:
    model = Always(about_carer=False)
    first = assess(recogniser, "alpha bravo charlie delta", Facts(), Memory(), NOW, worry=model)
    assert first.level is Level.CHECK
    assert WORRY_SIGN in first.memory.asked
    again = assess(recogniser, "echo foxtrot golf hotel", Facts(), first.memory, NOW, worry=model)
    assert again.level.rank < Level.CHECK.rank


def test_new_words_are_asked_about(recogniser: Recogniser) -> None:
    model = Always(about_carer=False)
    first = assess(recogniser, "alpha bravo charlie delta", Facts(), Memory(), NOW, worry=model)
    text = "he has a dry mouth"
    again = assess(recogniser, text, Facts(), first.memory, NOW, worry=model)
    assert again.level.rank >= Level.CHECK.rank


def test_the_parent_is_asked_about_themselves(recogniser: Recogniser) -> None:
    model = Always(about_carer=True)
    asked = assess(
        recogniser, "alpha bravo charlie delta", Facts(), Memory(), NOW, worry=model
    ).outcome.asked
    assert asked == CARER_SIGNS
    assert all(recogniser.lexicon.signs[name].question for name in asked)


def test_a_baby_told_to_be_well_is_not_asked_about(recogniser: Recogniser) -> None:
    text = "he is happy and well, can we talk about kefir"
    assert level(recogniser, Always(about_carer=False), text).rank < Level.CHECK.rank
