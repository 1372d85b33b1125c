"""How a finding is meant: present, denied, over, imagined, or somebody else's.

A narrow kin of NegEx and ConText. Scopes end at clause breaks; a negative word inside a finding's
own phrase ("not breathing") belongs to the finding; what is uncertain counts as worrying.
The cues are data (`cues` in `data/lexicon/context.yml`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import Enum

from spacy.tokens import Doc

from guide.patterns import Match
from guide.text import SENTENCE_END

_PAUSES = frozenset([",", ":", "-", "(", ")", "/", "–", "—"])
_BREAKS = frozenset(
    "but however although though because bc cos cuz coz yet except whereas plus also".split()
)
_LINKS = frozenset(["and", "so", "then", "&", "+"])
_SUBJECTS = frozenset(
    "he she it they baby bub bubs lo babe son daughter ds dd his her my our i we the there now "
    "today tonight then just since this".split()
)
_AFTER_PAUSE = _SUBJECTS | frozenset("no not and is can what how".split())
_PRONOUNS = frozenset("he she it they baby bub lo".split())
_VERBS = frozenset(
    "is has was will can keeps keep had does did looks seems feels got went started cries wants "
    "have would".split()
)
_NO_CLAUSE_AFTER = frozenset(
    "that if when because think says said what how where is was does did could can should do has "
    "had while until since before after once whether and but so like where as unless".split()
)
_DISJUNCTIONS = frozenset(["or", "nor", "/"])
_LIST_LINKS = _DISJUNCTIONS | {","}
_ITEM_TOKENS = 3
_LISTED_ITEM_TOKENS = 5
_DETERMINERS = frozenset("a an the my our his her your their this that".split())
_AUXILIARIES = frozenset("has have had just also already now is was the who".split())
_PREPOSITIONS = frozenset(
    "in on at to from with by near of after off over into under onto behind beside against for "
    "round around through past inside outside like".split()
)
_TELLING = frozenset(
    "say says said saying think thinks thought notice noticed reckon reckons saw sees tell tells "
    "told find found call called ring rang phone phoned text texted give gave given feed fed let "
    "put left take took pick picked drop dropped shake shook bring brought swears worried asked "
    "wants spotted heard caught accidentally confessed admits admitted tried".split()
)
_UNTIL_NOW = frozenset(["since", "from"])
_COMPARED = 2  # "like [a little] cat": tokens between the comparing word and what it names
_QUOTE = '"'
_QUOTE_TOKENS = 40


class Status(str, Enum):
    """How a finding is meant."""

    PRESENT = "present"
    UNCERTAIN = "uncertain"
    RECENT = "recent"
    PAST = "past"
    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    CLEARED = "cleared"
    OTHER = "other"


class Context:
    """The cues of one Doc, asked about one match at a time.

    Args:
        doc: the message.
        cues: matches of the cue phrases, keyed by cue name.
    """

    def __init__(self, doc: Doc, cues: Sequence[Match]) -> None:
        self._words = [token.text for token in doc]
        self._cues: dict[str, list[Match]] = defaultdict(list)
        for cue in cues:
            self._cues[cue.key].append(cue)
        self._light = {index for cue in self._cues["light"] for index in range(cue.start, cue.end)}
        self.sentence_of, self.clause_of = self._segment()
        self._denied = self._denied_tokens()
        self._quoted = self._quoted_tokens()

    def status(self, match: Match) -> Status:
        """Return how the finding at `match` is meant, if it is a finding of the baby."""
        if not self._is_denied(match) and self._is_somebody_else(match):
            return Status.OTHER
        return self.status_of_anyone(match)

    def status_of_anyone(self, match: Match) -> Status:
        """Return how the finding at `match` is meant, whoever has it."""
        if self._is_denied(match):
            return Status.NEGATED
        if self._is_cleared(match):
            return Status.CLEARED
        if self._opened_by("uncertain", match):
            return Status.UNCERTAIN
        if self._is_hypothetical(match):
            return Status.HYPOTHETICAL
        if self._is_past(match):
            return Status.PAST
        return Status.RECENT if self._is_over(match) else Status.PRESENT

    def _segment(self) -> tuple[list[int], list[int]]:
        sentences: list[int] = []
        clauses: list[int] = []
        sentence = clause = 0
        for index, word in enumerate(self._words):
            if index and self._words[index - 1] in SENTENCE_END and word not in SENTENCE_END:
                sentence += 1
                clause += 1
            elif index and self._starts_clause(index):
                clause += 1
            sentences.append(sentence)
            clauses.append(clause)
        return sentences, clauses

    def _starts_clause(self, index: int) -> bool:
        word, before = self._words[index], self._words[index - 1]
        after = self._words[index + 1] if index + 1 < len(self._words) else ""
        if word in _BREAKS:
            return True
        if word in _LINKS and after in _SUBJECTS:
            return True
        if before in _PAUSES and word in _AFTER_PAUSE:
            return True
        return word in _PRONOUNS and after in _VERBS and before not in _NO_CLAUSE_AFTER

    def _denied_tokens(self) -> list[tuple[int, set[int]]]:
        """Return, for each negation cue, where it ends and which tokens it denies."""
        undone = {
            index for cue in self._cues["not_negation"] for index in range(cue.start, cue.end)
        }
        return [
            (cue.end, self._denied_by(cue))
            for cue in self._cues["negation"]
            if cue.start not in undone
        ]

    def _denied_by(self, cue: Match) -> set[int]:
        """Walk the list that a negation opens: "no [blood], [mucus] or [fever]"."""
        denied: set[int] = set()
        item: list[int] = []
        clause = self.clause_of[cue.end - 1]
        listed = self._is_list(cue)
        longest = _LISTED_ITEM_TOKENS if listed else _ITEM_TOKENS
        for index in range(cue.end, len(self._words)):
            word = self._words[index]
            if self.clause_of[index] != clause or word in SENTENCE_END:
                break
            if word in _LIST_LINKS:
                if not listed:
                    break
                item = []
            elif index in self._light:
                denied.update([index] if listed and item else [])
            else:
                item.append(index)
                if len(item) > longest:
                    break
                if len(item) == 1 or listed:
                    denied.add(index)
        return denied

    def _is_list(self, cue: Match) -> bool:
        """Tell whether "or", "nor" or "/" follows in the clause, so that commas continue a list."""
        clause = self.clause_of[cue.end - 1]
        for index in range(cue.end, len(self._words)):
            if self.clause_of[index] != clause:
                return False
            if self._words[index] in _DISJUNCTIONS:
                return True
        return False

    def _quoted_tokens(self) -> set[int]:
        """Return the tokens between quotation marks where somebody's words are quoted."""
        quoted: set[int] = set()
        marks = [index for index, word in enumerate(self._words) if word == _QUOTE]
        for start, end in zip(marks[::2], marks[1::2], strict=False):
            near = {self.sentence_of[start], max(0, self.sentence_of[start] - 1)}
            cited = any(self.sentence_of[cue.start] in near for cue in self._cues["quoting"])
            if cited and end - start <= _QUOTE_TOKENS:
                quoted.update(range(start, end))
        return quoted

    def _is_denied(self, match: Match) -> bool:
        if any(match.start in tokens and end <= match.start for end, tokens in self._denied):
            return True
        if any(
            match.start < cue.start <= match.end + 2
            and not self._is_own_not(cue, match)
            and self.clause_of[cue.start] == self.clause_of[match.end - 1]
            for cue in self._cues["negation_after"]
        ):
            return True
        return self._followed_by("none_of_it", match)

    def _is_own_not(self, cue: Match, match: Match) -> bool:
        """Tell whether the cue's "not" is a word of the finding itself ("sleep and not wake")."""
        return self._words[cue.start] == "not" and cue.end < match.end

    def _followed_by(self, name: str, match: Match, sentences: int = 1) -> bool:
        """Tell whether a cue stands after the match, in its sentence or the next ones."""
        own = self.sentence_of[match.end - 1]
        return any(
            cue.start >= match.end and self.sentence_of[cue.start] - own <= sentences
            for cue in self._cues[name]
        )

    def _opened_by(self, name: str, match: Match, reach: int = 12) -> bool:
        """Tell whether a cue stands before the match in its clause, at most `reach` tokens off."""
        return any(
            cue.start <= match.start <= cue.end + reach
            and self.clause_of[cue.end - 1] == self.clause_of[match.start]
            for cue in self._cues[name]
        )

    def _in_clause(self, name: str, match: Match) -> bool:
        clauses = {self.clause_of[match.start], self.clause_of[match.end - 1]}
        return any(
            self.clause_of[cue.start] in clauses or self.clause_of[cue.end - 1] in clauses
            for cue in self._cues[name]
        )

    def _in_sentence(self, name: str, match: Match) -> bool:
        return any(
            self.sentence_of[cue.start] == self.sentence_of[match.start] for cue in self._cues[name]
        )

    def _is_now(self, match: Match) -> bool:
        return self._in_clause("present", match) or self._in_clause("happening", match)

    def _is_somebody_else(self, match: Match) -> bool:
        """The nearest subject before the end of the match, in its sentence, is no baby."""
        if self._is_fiction(match) or self._is_of_the_writer(match):
            return True
        if any(
            0 <= cue.start - match.end <= 2
            and self.sentence_of[cue.start] == self.sentence_of[match.start]
            for cue in self._cues["own_body"]
        ):
            return True
        subjects = list(self._subjects_before(match))
        return bool(subjects) and max(subjects)[1]

    def _is_of_the_writer(self, match: Match) -> bool:
        """Tell "i can not sleep" from "i can not wake him"."""
        has_object = any(
            match.start <= cue.start < match.end + 2
            and self.clause_of[cue.start] == self.clause_of[match.start]
            for cue in self._cues["baby_subject"]
        )
        return not has_object and self._opened_by("adult_self", match, reach=2)

    def _is_fiction(self, match: Match) -> bool:
        """The sentence names a film, a book, a toy before it."""
        return any(
            self.sentence_of[cue.start] == self.sentence_of[match.start]
            and cue.start <= match.start
            and not self._now_between(cue.end, match.start)
            for cue in self._cues["fiction"]
        )

    def _subjects_before(self, match: Match) -> Iterator[tuple[int, bool]]:
        """Yield (place, whether it is no baby) of each subject; the longer cue of a place wins."""
        sentence = self.sentence_of[match.start]
        compared = {cue.end + gap for cue in self._cues["like"] for gap in range(_COMPARED + 1)}
        for name in ("other_subject", "baby_subject"):
            for cue in self._cues[name]:
                last = match.start + 1 if name == "other_subject" else match.end
                inside = self.sentence_of[cue.start] == sentence and cue.start < last
                if not inside or cue.start in compared:
                    continue
                if name == "baby_subject" or self._acts_itself(cue):
                    yield cue.end - 1, name == "other_subject"

    def _acts_itself(self, cue: Match) -> bool:
        """Tell "the dog was sick" from "in the car" and from "my mum says"."""
        before = self._words[max(0, cue.start - 2) : cue.start]
        while before and before[-1] in _DETERMINERS:
            before.pop()
        after = [word for word in self._words[cue.end : cue.end + 3] if word not in _AUXILIARIES]
        return not (before and before[-1] in _PREPOSITIONS) and not (after and after[0] in _TELLING)

    def _is_cleared(self, match: Match) -> bool:
        """A clinician has seen it and named it harmless, or treats it."""
        if self._in_clause("cleared", match):
            return True
        if self._is_now(match):
            return False
        own = self.sentence_of[match.start]
        return any(
            0 <= self.sentence_of[cue.start] - own <= 1
            and not self._now_between(min(cue.end, match.end), max(cue.start, match.start))
            for cue in self._cues["cleared"]
        )

    def _now_between(self, start: int, end: int) -> bool:
        """Tell whether the parent speaks of now between two tokens."""
        return any(
            start <= cue.start < end
            for name in ("present", "happening")
            for cue in self._cues[name]
        )

    def _is_hypothetical(self, match: Match) -> bool:
        if match.start in self._quoted:
            return True
        if self._in_clause("happening", match):
            return False
        if self._cues["curious"] and not self._is_now(match):
            return True
        if self._is_supposed(match):
            return True
        return any(
            0 <= cue.start - match.end <= 4
            and self.sentence_of[cue.start] == self.sentence_of[match.start]
            for cue in self._cues["hypothetical_after"]
        )

    def _is_supposed(self, match: Match) -> bool:
        """Tell "what if she has a fit" from "what now? she has a fit"."""
        clause = self.clause_of[match.start]
        reports = [
            cue.start
            for cue in self._cues["report"]
            if self.clause_of[cue.end - 1] == clause and cue.start <= match.start <= cue.end + 8
        ]
        return any(
            self.clause_of[cue.end - 1] == clause
            and cue.start <= match.start <= cue.end + 12
            and not any(cue.end <= report for report in reports)
            for cue in self._cues["hypothetical"]
        )

    def _is_past(self, match: Match) -> bool:
        if self._is_now(match):
            return False
        if self._in_clause("past", match) or self._at_younger_age(match):
            return True
        if self._followed_by("resolved", match):
            return not self._in_sentence("yesterday", match)
        clause = self.clause_of[match.start]
        present = {self.clause_of[cue.start] for cue in self._cues["present"]}
        present |= {self.clause_of[cue.start] for cue in self._cues["happening"]}
        for cue in self._cues["past"]:
            if self.sentence_of[cue.start] != self.sentence_of[match.start]:
                continue
            told = self.clause_of[cue.start]
            if not present.intersection(range(min(told, clause) + 1, max(told, clause) + 1)):
                return True
        return False

    def _at_younger_age(self, match: Match) -> bool:
        """It is told of an age ("at 4 months"), and the message tells the age of today later."""
        sentence = self.sentence_of[match.start]
        ages = [cue for cue in self._cues["at_age"] if self.sentence_of[cue.start] == sentence]
        return any(
            later.start > max(age.end, match.end) - 1 for age in ages for later in self._cues["age"]
        )

    def _is_over(self, match: Match) -> bool:
        """It ended yesterday, and the parent says that the baby is well now."""
        own = self.sentence_of[match.start]
        ended = any(
            self.sentence_of[cue.start] == own and self._words[cue.start - 1] not in _UNTIL_NOW
            for cue in self._cues["yesterday"]
        )
        return ended and bool(self._cues["well_now"])
