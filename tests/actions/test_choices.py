"""Topics offered as buttons where a question may be about several."""

from __future__ import annotations

from actions.choices import ActionChoices
from tests.actions.talking import run


async def test_each_choice_is_a_button() -> None:
    said, _ = await run(ActionChoices(), {"choices": ["kefir", "probiotics"]})
    payloads = [button["payload"] for button in said[0]["buttons"]]
    assert payloads[:2] == ["/ask_kefir", "/ask_probiotics"]


async def test_no_choices_is_still_an_answer() -> None:
    said, _ = await run(ActionChoices(), {})
    assert said[0]["text"]
