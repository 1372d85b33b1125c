"""What a message says: findings with their context, topics it speaks for, items it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.tokens import Doc

from guide.amounts import falls
from guide.context import Context, Status
from guide.languages import Foreign, Languages
from guide.lexicon import Lexicon
from guide.memory import FactHit, FactLexicon, FactReader
from guide.patterns import Match, PhraseSet
from guide.text import Normaliser, clean


@dataclass(frozen=True)
class Found:
    """A finding, topic hint or item at a place of the message.

    Attributes:
        id: its id in the lexicon.
        status: how it is meant.
        start, end: its place in `guide.text.clean(text)`, in characters.
        sentence: the number of its sentence, from 0.
    """

    id: str
    status: Status
    start: int
    end: int
    sentence: int = 0


@dataclass(frozen=True)
class Recognition:
    """All that was recognised in one message."""

    text: str
    doc: Doc
    context: Context
    lexicon: Lexicon
    findings: tuple[Found, ...] = ()
    items: tuple[Found, ...] = ()
    facts: tuple[FactHit, ...] = ()
    foreign: Foreign | None = None
    course: tuple[Found, ...] = ()

    def with_status(self, *statuses: Status) -> set[str]:
        """Return the ids of the findings that are meant in one of `statuses`."""
        return {found.id for found in self.findings if found.status in statuses}

    def sentence_at(self, start: int) -> int:
        """Return the number of the sentence that character `start` stands in."""
        for index, (_, end) in enumerate(self.doc.user_data["offsets"]):
            if start < end:
                return self.context.sentence_of[index]
        return self.context.sentence_of[-1] if self.context.sentence_of else 0

    def status_at(self, start: int, end: int) -> Status:
        """Return how the words from character `start` to `end` are meant."""
        offsets = self.doc.user_data["offsets"]
        inside = [index for index, (a, b) in enumerate(offsets) if a < end and b > start]
        if not inside:
            return Status.PRESENT
        return self.context.status(Match("", inside[0], inside[-1] + 1))


class Recogniser:
    """Recognises findings, topics and items in messages; built once, safe to share.

    Args:
        lexicon: the lexicon.
        facts: wordings of conditions, feeding types and countries.
        items: names of foods, products and exposures by item id, in the phrase language.
        languages: other languages, by code.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        facts: FactLexicon,
        items: Mapping[str, Sequence[str]] = {},
        languages: Mapping[str, Mapping[str, Any]] = {},
    ) -> None:
        self.lexicon = lexicon
        self._languages = Languages(languages)
        names = " ".join(name for names in items.values() for name in names)
        known = lexicon.known_words() | facts.known_words() | set(re.findall(r"[a-z]{3,}", names))
        self.normaliser = Normaliser(lexicon.expansions, lexicon.irregular, known)
        self._facts = FactReader(facts, self.normaliser, lexicon.vocabulary)
        self._cues = self.phrase_set()
        for name, cue in lexicon.cues.items():
            self._cues.add(name, cue.phrases)
        self._findings = self.phrase_set()
        for name, finding in lexicon.findings.items():
            self._findings.add(name, finding.phrases, finding.unless)
        self._course = self.phrase_set()
        for name, words in lexicon.course.items():
            for kind, wordings in words.kinds().items():
                self._course.add(f"{name} {kind}", wordings, words.unless)
        self._items = self.phrase_set()
        for name, phrases in items.items():
            # A key of its own for each name: the longest name counts, not the shortest.
            for index, phrase in enumerate(phrases):
                self._items.add(f"{name} {index}", [phrase])

    def phrase_set(self) -> PhraseSet:
        """Return an empty phrase set over this recogniser's vocabulary."""
        return PhraseSet(self.normaliser, self.lexicon.vocabulary)

    def __call__(self, text: str) -> Recognition:
        """Recognise `text` as the parent typed it."""
        text = clean(text)
        doc = self.normaliser(text)
        context = Context(doc, self._cues.matches(doc))
        return Recognition(
            text=text,
            doc=doc,
            context=context,
            lexicon=self.lexicon,
            findings=self._found_findings(text, doc, context),
            items=self._found_items(doc, context),
            facts=self._facts(doc),
            foreign=self._languages(text),
            course=tuple(
                _found(match, doc, context, who="anyone") for match in self._course.matches(doc)
            ),
        )

    def facts_in(self, text: str) -> tuple[FactHit, ...]:
        """Return the facts named in `text`, and nothing else of it."""
        return self._facts(self.normaliser(clean(text)))

    def _found_findings(self, text: str, doc: Doc, context: Context) -> tuple[Found, ...]:
        found = [
            _found(match, doc, context, who=self.lexicon.findings[match.key].who)
            for match in self._findings.matches(doc)
        ]
        found += self._found_falls(text, doc, context)
        return tuple(self._with_implied(found))

    def _found_falls(self, text: str, doc: Doc, context: Context) -> Iterator[Found]:
        offsets = doc.user_data["offsets"]
        for fall in falls(text):
            inside = [i for i, (a, b) in enumerate(offsets) if a < fall.end and b > fall.start]
            if inside and fall.finding in self.lexicon.findings:
                yield _found(Match(fall.finding, inside[0], inside[-1] + 1), doc, context)

    def _found_items(self, doc: Doc, context: Context) -> tuple[Found, ...]:
        longest = _longest(self._items.matches(doc))
        named = dict.fromkeys(match._replace(key=match.key.split(" ")[0]) for match in longest)
        return tuple(_found(match, doc, context) for match in named)

    def _with_implied(self, found: list[Found]) -> list[Found]:
        seen = {(one.id, one.status) for one in found}
        queue = list(found)
        while queue:
            one = queue.pop()
            for name in self.lexicon.findings[one.id].implies:
                if (name, one.status) not in seen:
                    seen.add((name, one.status))
                    implied = Found(name, one.status, one.start, one.end, one.sentence)
                    found.append(implied)
                    queue.append(implied)
        return sorted(found, key=lambda one: one.start)


def _found(match: Match, doc: Doc, context: Context, who: str = "baby") -> Found:
    offsets = doc.user_data["offsets"]
    status = context.status(match) if who == "baby" else context.status_of_anyone(match)
    return Found(
        match.key,
        status,
        offsets[match.start][0],
        offsets[match.end - 1][1],
        context.sentence_of[match.start],
    )


def _longest(matches: list[Match]) -> list[Match]:
    """Return the matches that are not the start or the end of a longer one.

    "kefir" is the end of "water kefir" and drops out. What stands in the gap of a longer match is
    a name of its own ("eat egg and chicken") and stays.
    """
    return [
        match
        for match in matches
        if not any(
            other.start <= match.start
            and match.end <= other.end
            and (other.start == match.start or other.end == match.end)
            and (other.end - other.start) > (match.end - match.start)
            for other in matches
        )
    ]
