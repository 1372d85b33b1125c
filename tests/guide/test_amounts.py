"""Weights and amounts of milk that fall, told in numbers."""

import pytest

from guide.amounts import falls


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("was 7.4 kg in march, 7.1 kg in may", "losing_weight"),
        ("9kg at 12 months and 8.6kg today at 14 months", "losing_weight"),
        ("now 6,2 kg, was 6,5 kg at the last clinic", "losing_weight"),
        ("4200 g a month ago, 4150 g on the scales", "losing_weight"),
        ("320 of 900 ml today", "poor_feeding"),
        ("usually 900ml and we barely scraped 350 since yesterday", "poor_feeding"),
        ("had 8 oz in the whole day, normally takes 24 oz", "poor_feeding"),
        ("weighed today: 5.8. a month ago: 6.1", "losing_weight"),
        ("on 200ml bottles before, now 60ml at best, was on 200 ml", "poor_feeding"),
        ("was 8.3 at the clinic, now 7.9kg", "losing_weight"),
        ("finished 20 ml of her 150 this morning", "poor_feeding"),
    ],
)
def test_falls(text: str, finding: str) -> None:
    assert [fall.finding for fall in falls(text)] == [finding]


@pytest.mark.parametrize(
    "text",
    [
        "was 7.1 kg in march, 7.4 kg in may",
        "she is 8 kg, the dose was for 6 kg",
        "normally 180 ml, had 150 ml",
        "went from 120 ml to 210 ml a bottle",
        "usually feeds at 7 and had 30 minutes on the breast",
        "i was 70 kg and now i am 65 kg",
        "has 130ml now up from 90 ml",
        "8.3 kg, temperature 37.9 and 7.5 ml of paracetamol",
        "up from 60 ml to 120 ml, on 5 feeds a day",
    ],
)
def test_no_fall(text: str) -> None:
    assert falls(text) == []
