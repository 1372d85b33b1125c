"""Milliseconds to understand one message, in process, by its length.

`recognise` is the recogniser and triage (`assess` by rules alone), `second` the second reader,
`read` the classifier over the message and its sentences, `decide` the topics and the follow-up;
`all` is the whole, as the NLU components run it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import datetime

from evaluation.bot import Bot, read_all, train_classifier
from guide.assess import Memory, assess
from guide.decide import Decider
from guide.knowledge import load_reader
from guide.model import Facts

ROUNDS = 60
NOW = datetime(2026, 1, 15, 12)
SENTENCES = (
    "My daughter is seven months old and her cheeks are dry and itchy again.",
    "We moisturise twice a day and changed the washing powder last week.",
    "Since we started solids she is a bit constipated too.",
    "She drinks formula and eats porridge, banana and some yoghurt.",
    "Can I give her a spoon of kefir, and does the soap matter?",
)
MESSAGES = {
    "8 words": "can my 9 month old have some kefir",
    "25 words": " ".join(SENTENCES[:2]),
    "60 words": " ".join(SENTENCES),
    "120 words": " ".join(SENTENCES * 2),
    "300 words": " ".join(SENTENCES * 5),
}


def milliseconds(work: Callable[[], object]) -> float:
    """Returns the median time of `work`."""
    work()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def measure(bot: Bot, text: str) -> dict[str, float]:
    """Returns the milliseconds of each step for one message."""
    decide = Decider(bot.words, bot.recogniser)

    def recognise() -> object:
        return assess(bot.recogniser, text, Facts(), Memory(), NOW)

    def second() -> object:
        bot.reader.read.cache_clear()
        return bot.reader.read(text)

    def whole() -> object:
        bot.reader.read.cache_clear()
        return bot.converse([text], NOW)

    assessed = assess(bot.recogniser, text, Facts(), Memory(), NOW)
    readings = read_all(bot.classifier, text)
    return {
        "recognise": milliseconds(recognise),
        "second": milliseconds(second),
        "read": milliseconds(lambda: read_all(bot.classifier, text)),
        "decide": milliseconds(lambda: decide(assessed, readings, {})),
        "all": milliseconds(whole),
    }


def table() -> str:
    """Returns the measurements as a Markdown table."""
    began = time.perf_counter()
    classifier = train_classifier()
    trained = time.perf_counter() - began
    began = time.perf_counter()
    bot = Bot(classifier, load_reader())
    built = time.perf_counter() - began
    rows = {name: measure(bot, text) for name, text in MESSAGES.items()}
    steps = list(next(iter(rows.values())))
    lines = [
        f"Training the classifier: {trained:.1f} s; building the recogniser: {built:.1f} s.",
        "",
        "| message | " + " | ".join(f"{step}, ms" for step in steps) + " |",
        "| --- |" + " --- |" * len(steps),
    ]
    lines += [
        f"| {name} | " + " | ".join(f"{values[step]:.2f}" for step in steps) + " |"
        for name, values in rows.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Prints the table."""
    print(table())


if __name__ == "__main__":
    main()
