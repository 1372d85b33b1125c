"""Facts told alone are said back; two ages are asked about."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from actions.answer import ActionAnswer
from actions.noted import ActionNoted
from guide.telling import Told
from tests.actions.run import LINES, Talk
from tests.actions.talking import question, run

TODAY = datetime.now(timezone.utc).date().isoformat()
BABY = {**LINES, "age_months": 8.0, "age_told_on": TODAY, "feeding_type": "breast"}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(facts=("age_months", "feeding_type")), "Thank you: 8 months old, breastfed."),
        (Told(denied=("fever",)), "Good to know."),
        (Told(), "I'll keep that in mind."),
    ],
)
def test_what_was_told_is_said_back(told: Told, words: str) -> None:
    assert words in Talk({**BABY, "noted": told.to_slot()}).say(ActionNoted)


def test_two_ages_are_asked_about() -> None:
    assert Talk({**BABY, "age_contradicted": "ask"}).say(ActionNoted) == "utter_which_age"


def test_an_open_alarm_comes_first() -> None:
    assert Talk({**BABY, "alarm": "seizure"}).say(ActionNoted) == "utter_danger_still_open"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(taken_out=("milk_allergy",)), "Thank you, I've taken that out. "),
        (Told(facts=("age_months",)), "Thank you: 8 months old. "),
    ],
)
async def test_an_answer_given_afresh_begins_with_what_was_told(told: Told, words: str) -> None:
    asked = question("kefir?", "kefir")
    said, _ = await run(ActionAnswer(), asked | {"told": told.to_slot()}, age_months=8.0)
    plain, _ = await run(ActionAnswer(), asked, age_months=8.0)
    assert said[0]["text"] == words + plain[0]["text"]
