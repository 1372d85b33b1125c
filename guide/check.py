"""Check every data file: `python -m guide.check [data folder]`.

Prints each mistake with its file, line and fix and ends with 1, or prints one line of counts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from guide.about import load_about
from guide.check_answer import CheckAnswers
from guide.composer import ComposerWords, aspect_finder, load_words
from guide.content import Content, Topic, load_content
from guide.gates import Gates, load_gates
from guide.lexicon import Lexicon, LexiconError, load_lexicon
from guide.model import CONDITIONS, FEEDING_TYPES, TOPICS
from guide.note import load_note_writer
from guide.noted import load_noted_words
from guide.patterns import PhraseError, PhraseSet
from guide.plan import load_plan
from guide.results import load_results
from guide.severity import load_skin_check
from guide.text import Normaliser
from guide.yaml_file import DataError, Problem, YamlFile, read_yaml, unknown_id

DATA = Path(__file__).parent.parent / "data"
REFERRAL_CODE = re.compile(r"REF-[A-Z0-9]+")
DISCLOSURE = re.compile(r"may be rewarded|may benefit", re.IGNORECASE)
DOSE = re.compile(r"\b\d+([.,]\d+)?\s*(mg|mcg|µg|iu|cfu|billion)\b", re.IGNORECASE)
PROMISE = re.compile(
    r"(?<!no )(?<!not a )(?<!n't )\bcures?\b(?! for)|\bguaranteed?\b|\b100 ?% safe\b", re.IGNORECASE
)
MORE_WORDS = 160


def check(data: Path) -> tuple[list[str], str]:
    """Check the data folder.

    Returns:
        The mistakes, each with file, line and fix; and a line of counts.
    """
    try:
        content = load_content(data)
    except DataError as error:
        return [str(one) for one in (*error.problems, *_other_problems(data))], ""
    problems: list[Problem] = list(_content_problems(data, content))
    try:
        gates = load_gates(data / "gates", content.sources, content.topics)
        words = load_words(data / "words" / "composer.yml")
    except DataError as error:
        return [str(one) for one in sorted([*problems, *error.problems])], ""
    problems += _together_problems(data, content, gates)
    problems += _word_problems(data, words)
    told = [str(one) for one in sorted(problems)]
    lexicon, lexicon_problems = _lexicon(data)
    told += lexicon_problems
    if not lexicon_problems:
        told += _phrase_problems(data, content, gates, lexicon)
        told += _record_problems(data, content, gates, words, lexicon)
    aspects = sum(len(topic.aspects) for topic in content.topics.values())
    counts = (
        f"{len(content.topics)} topics with {aspects} aspects, {len(content.sources)} sources, "
        f"{len(gates.items)} items, {len(gates.gates)} gates: all in order"
    )
    return told, counts


def _other_problems(data: Path) -> Iterator[Problem]:
    """Yield what can be said of the other files while the content doesn't load."""
    for path in sorted((data / "gates").glob("*.yml")):
        try:
            read_yaml(path)
        except DataError as error:
            yield from error.problems


def _file(data: Path, topic: Topic) -> YamlFile:
    return read_yaml(data / "guidance" / f"{topic.topic}.yml")


def _content_problems(data: Path, content: Content) -> Iterator[Problem]:
    folder = str(data / "guidance")
    for topic_id in TOPICS:
        if topic_id not in content.topics:
            yield Problem(folder, 1, f"the topic {topic_id!r} has no file", f"add {topic_id}.yml")
    for claim in content.uncovered_claims():
        fix = "name it under `guide:` of the topic that speaks of it"
        yield Problem(folder, 1, f"no topic answers the claim {claim}", fix)
    for topic in content.topics.values():
        yield from _topic_problems(_file(data, topic), topic)


def _topic_problems(file: YamlFile, topic: Topic) -> Iterator[Problem]:
    if topic.kind == "answer" and not (topic.guide and topic.evidence):
        fix = "add at least one line of `guide:` and one of `evidence:`"
        yield file.problem((), f"{topic.topic} says nothing of the guide", fix)
    known = {claim for line in topic.evidence for claim in line.claims}
    for index, suggestion in enumerate(topic.guide):
        for claim in suggestion.claims:
            if claim not in known:
                message = f"what the guide says ({claim}) stands without what is known of it"
                fix = f"add {claim} to the claims of an `evidence:` line"
                yield file.problem(("guide", index), message, fix)
    if len(topic.more.split()) > MORE_WORDS:
        message = f"`more` has {len(topic.more.split())} words"
        yield file.problem(("more",), message, f"cut it to {MORE_WORDS}")
    for place, words in _sentences(topic):
        yield from _sentence_problems(file, topic, place, words)


def _sentences(topic: Topic) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for part in ("guide", "evidence", "do", "aspects"):
        for index, line in enumerate(getattr(topic, part)):
            yield (part, index, "say"), line.say
    yield ("clinician",), topic.clinician
    yield ("more",), topic.more


def _sentence_problems(
    file: YamlFile, topic: Topic, place: tuple[str | int, ...], words: str
) -> Iterator[Problem]:
    if DOSE.search(words):
        yield file.problem(place, "this reads like a dose", "say whom to ask instead")
    if PROMISE.search(words):
        yield file.problem(place, "this reads like a promise", "say what is known instead")
    code = REFERRAL_CODE.search(words)
    if code is None:
        return
    referral = place[0] == "aspects" and topic.aspects[int(place[1])].referral
    disclosure = DISCLOSURE.search(words)
    if not referral:
        fix = "move it to an aspect with `referral: true`"
        yield file.problem(
            place, "the referral code stands in a sentence that is always shown", fix
        )
    if disclosure is None or disclosure.start() > code.start():
        fix = "say before the code that the guide's writer may be rewarded"
        yield file.problem(place, "the referral code stands without its disclosure", fix)


def _together_problems(data: Path, content: Content, gates: Gates) -> Iterator[Problem]:
    for topic in content.topics.values():
        for index, item in enumerate(topic.items):
            if item not in gates.items:
                file = _file(data, topic)
                yield unknown_id(file, ("items", index), "item", item, gates.items)
        for index, follow in enumerate(topic.followups):
            if follow not in content.topics:
                file = _file(data, topic)
                yield unknown_id(file, ("followups", index), "topic", follow, content.topics)


def _word_problems(data: Path, words: ComposerWords) -> Iterator[Problem]:
    file = read_yaml(data / "words" / "composer.yml")
    for part, wanted in (("conditions", CONDITIONS), ("feeding", FEEDING_TYPES)):
        for name in wanted:
            if name not in getattr(words, part):
                message = f"{part} has no words for {name!r}"
                yield file.problem(("composer", part), message, f"add `{name}: ...`")


def _lexicon(data: Path) -> tuple[Lexicon, list[str]]:
    try:
        return load_lexicon(data / "lexicon"), []
    except LexiconError as error:
        return Lexicon(), str(error).splitlines()


def _record_problems(
    data: Path, content: Content, gates: Gates, words: ComposerWords, lexicon: Lexicon
) -> Iterator[str]:
    """Yield mistakes in the plan, the markers and the words of what is kept and said back."""
    loads: list[Callable[[], object]] = [
        lambda: load_plan(data, content, gates),
        lambda: load_results(data, content),
        lambda: load_skin_check(data),
        lambda: load_note_writer(data, words, lexicon),
        lambda: load_about(data, words, lexicon),
        lambda: load_noted_words(data),
    ]
    for load in loads:
        try:
            load()
        except DataError as error:
            yield from map(str, error.problems)


def _phrase_problems(data: Path, content: Content, gates: Gates, lexicon: Lexicon) -> Iterator[str]:
    normaliser = Normaliser(lexicon.expansions, lexicon.irregular)
    items = PhraseSet(normaliser, lexicon.vocabulary)
    for item_id, names in gates.names().items():
        try:
            items.add(item_id, names)
        except PhraseError as error:
            yield f"{data / 'gates'}: {item_id}: {error}. Fix: rewrite the phrase."
    for topic_id, topic in content.topics.items():
        try:
            one = Content({topic_id: topic}, content.sources)
            aspect_finder(one, normaliser, lexicon.vocabulary)
        except PhraseError as error:
            yield f"{data / 'guidance' / topic_id}.yml: {error}. Fix: rewrite the phrase."
    try:
        CheckAnswers(lexicon, PhraseSet(normaliser, lexicon.vocabulary))
    except PhraseError as error:
        yield f"{data / 'lexicon' / 'answers.yml'}: {error}. Fix: rewrite the phrase."


def main(arguments: list[str]) -> int:
    """Run the check; return the exit status: 1 when there is a mistake, else 0."""
    problems, counts = check(Path(arguments[0]) if arguments else DATA)
    print("\n".join(problems) if problems else counts)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
