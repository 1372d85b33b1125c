"""How findings are meant: a table of message, finding and status. All messages are invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.context import Status
from guide.lexicon import load_lexicon
from guide.memory import load_facts
from guide.recogniser import Recogniser

LEXICON = Path(__file__).parents[2] / "data" / "lexicon"

PRESENT, NEGATED, PAST = Status.PRESENT, Status.NEGATED, Status.PAST
HYPOTHETICAL, CLEARED, OTHER = Status.HYPOTHETICAL, Status.CLEARED, Status.OTHER
UNCERTAIN, RECENT = Status.UNCERTAIN, Status.RECENT

CASES = [
    # A negative word that is the sign itself.
    ("she is not breathing", "not_breathing", PRESENT),
    ("i can't wake him", "cannot_wake", PRESENT),
    ("he won't wake up for his feed", "cannot_wake", PRESENT),
    ("she isn't responding to me at all", "unresponsive", PRESENT),
    ("no wet nappy since last night", "no_wee_12h", PRESENT),
    ("he can't keep anything down", "nothing_stays_down", PRESENT),
    ("she won't stop jerking her arms", "seizure", PRESENT),
    ("he hasn't moved for ages and isn't responding", "unresponsive", PRESENT),
    ("she's floppy, isn't she?", "floppy", PRESENT),
    ("he's gone limp, that's not normal is it", "floppy", PRESENT),
    # True negation, alone and in lists.
    ("no fever", "fever", NEGATED),
    ("she has no fever, no rash and no cough", "rash", NEGATED),
    ("no blood, mucus or wheeze", "wheeze", NEGATED),
    ("he isn't floppy", "floppy", NEGATED),
    ("not wheezing", "wheeze", NEGATED),
    ("without any vomiting", "vomiting", NEGATED),
    ("she has never had a seizure", "seizure", NEGATED),
    ("neither drowsy nor feverish", "drowsy", NEGATED),
    ("neither drowsy nor feverish", "fever", NEGATED),
    ("free of fever since monday", "fever", NEGATED),
    ("wheeze free, all good", "wheeze", NEGATED),
    ("fever: none", "fever", NEGATED),
    ("fever not there, only dry skin", "fever", NEGATED),
    ("they ask about seizures and blue lips. he's had none", "seizure", NEGATED),
    ("they ask about seizures and blue lips. he's had none", "blue_colour", NEGATED),
    ("doctor ruled out seizures", "seizure", NEGATED),
    ("nobody has a fever here", "fever", NEGATED),
    # Negation ends at the clause.
    ("no fever but she is floppy", "floppy", PRESENT),
    ("no fever, she is floppy", "floppy", PRESENT),
    ("no rash. he is floppy", "floppy", PRESENT),
    ("no fever although his lips are blue", "blue_colour", PRESENT),
    ("not hungry and now his lips are blue", "blue_colour", PRESENT),
    ("no temperature, lips a bit blue", "blue_colour", PRESENT),
    ("i am not sure why but he is wheezing", "wheeze", PRESENT),
    ("no improvement, he is wheezing", "wheeze", PRESENT),
    ("not only drowsy, he vomits too", "drowsy", PRESENT),
    # Past.
    ("last year she had a seizure", "seizure", PAST),
    ("he had a fever when he was a newborn", "fever", PAST),
    ("she used to go floppy after feeds", "floppy", PAST),
    ("three months ago he had blood in his poo", "blood_in_stool", PAST),
    ("as a newborn she was jaundiced, jaundice gone", "jaundice", PAST),
    ("at 4 months he had a seizure, now he is 18 months", "seizure", PAST),
    ("one seizure at 13 months, never another. nearly 3 now", "seizure", PAST),
    ("over christmas he choked on a grape, now eats well", "choking", PAST),
    ("he had wheezing last winter", "wheeze", PAST),
    ("back in march she vomited for two days", "vomiting", PAST),
    ("she grew out of it, the wheezing, long gone", "wheeze", PAST),
    ("with my first baby there was a seizure", "seizure", PAST),
    ("he had a seizure in nicu", "seizure", PAST),
    ("in his first weeks he had a noise when breathing in", "noisy_breathing_in", PAST),
    ("wheezing went on until last month", "wheeze", PAST),
    # Recent counts as present.
    ("he went blue an hour ago but fine now", "blue_colour", PRESENT),
    ("she had a fit this morning", "seizure", PRESENT),
    ("he had a seizure last night", "seizure", PRESENT),
    ("he vomited since lunch", "vomiting", PRESENT),
    ("he has just gone limp", "floppy", PRESENT),
    ("still wheezing like last winter", "wheeze", PRESENT),
    ("went floppy", "floppy", PRESENT),
    # Ended yesterday, and well now.
    ("yesterday he went blue for a minute, fine today", "blue_colour", RECENT),
    ("she had a seizure yesterday. she is fine now", "seizure", RECENT),
    ("two days ago he went floppy, back to normal", "floppy", RECENT),
    ("vomiting since yesterday, but well now in himself", "vomiting", PRESENT),
    # Imagined or asked about.
    ("what do i do if he is choking", "choking", HYPOTHETICAL),
    ("what if he has a seizure", "seizure", HYPOTHETICAL),
    ("what does wheezing sound like", "wheeze", HYPOTHETICAL),
    ("could kefir cause a seizure", "seizure", HYPOTHETICAL),
    ("can too much salt give a baby seizures", "seizure", HYPOTHETICAL),
    ("how would i know if she has a fever", "fever", HYPOTHETICAL),
    ("i am scared of a seizure", "seizure", HYPOTHETICAL),
    ("scared that he might get a seizure", "seizure", HYPOTHETICAL),
    ("what are the signs of choking", "choking", HYPOTHETICAL),
    ("in case he gets a fever", "fever", HYPOTHETICAL),
    ("is choking likely with raw apple? how common is choking", "choking", HYPOTHETICAL),
    ("unless he starts wheezing we go on", "wheeze", HYPOTHETICAL),
    ("why do babies vomit", "vomiting", HYPOTHETICAL),
    ("could someone describe a seizure for me", "seizure", HYPOTHETICAL),
    ("just curious, is a seizure the same as a fit", "seizure", HYPOTHETICAL),
    ("only asking because of a podcast: seizures after brine?", "seizure", HYPOTHETICAL),
    ("difference between wheeze and stridor", "wheeze", HYPOTHETICAL),
    ("watch out for blue lips, said the leaflet", "blue_colour", HYPOTHETICAL),
    ("the article says vomiting can happen", "vomiting", HYPOTHETICAL),
    ('the poster says "floppy? drowsy? call". where can i buy it', "floppy", HYPOTHETICAL),
    ('you wrote "fever and seizures are common". source?', "seizure", HYPOTHETICAL),
    ("thinking of a fever plan", "fever", HYPOTHETICAL),
    # A question that reports.
    ("is it normal that she is wheezing", "wheeze", PRESENT),
    ("is it ok that he went floppy after egg?", "floppy", PRESENT),
    ("why is he wheezing", "wheeze", PRESENT),
    ("should i call, he is floppy", "floppy", PRESENT),
    ("is this a seizure", "seizure", PRESENT),
    # Uncertain.
    ("not sure if he had a seizure", "seizure", UNCERTAIN),
    ("i don't think he is wheezing", "wheeze", UNCERTAIN),
    ("wonder whether that was a seizure", "seizure", UNCERTAIN),
    ("i doubt it was a seizure", "seizure", UNCERTAIN),
    ("maybe a seizure", "seizure", PRESENT),
    ("possibly wheezing", "wheeze", PRESENT),
    # Somebody else.
    ("my husband has a fever", "fever", OTHER),
    ("the dog was vomiting on the mat", "vomiting", OTHER),
    ("i have a fever", "fever", OTHER),
    ("i was vomiting all day", "vomiting", OTHER),
    ("my mum is wheezing", "wheeze", OTHER),
    ("our cat had a seizure", "seizure", OTHER),
    ("teddy has a fever, she says", "fever", OTHER),
    ("flatmate is vomiting", "vomiting", OTHER),
    ("it's me with the fever", "fever", OTHER),
    ("on bluey the dad has a seizure", "seizure", OTHER),
    ("watching a film where a baby goes floppy", "floppy", OTHER),
    ("a rash on my hands", "rash", OTHER),
    # Somebody else's words or hands, the baby's sign.
    ("my husband says she is floppy", "floppy", PRESENT),
    ("my mum noticed wheezing", "wheeze", PRESENT),
    ("the dog is fine but he is vomiting", "vomiting", PRESENT),
    ("in the car she went floppy", "floppy", PRESENT),
    ("at my mum's he had a seizure", "seizure", PRESENT),
    ("my sister's baby is floppy", "floppy", PRESENT),
    ("wailing like a cat, a high pitched scream", "high_pitched_cry", PRESENT),
    ("he was sick on the dog", "vomiting", PRESENT),
    ("my mum gave him honey", "honey_given", PRESENT),
    # Seen and cleared.
    ("doctor checked the wheeze and said it is only viral", "wheeze", CLEARED),
    ("gp looked at the vomiting yesterday, nothing to worry about, normal", "vomiting", CLEARED),
    ("fever on sunday, er said viral and fine", "fever", CLEARED),
    ("nurse said the wheeze is mild, no concern", "wheeze", CLEARED),
    ("she gets seizures, is being treated for it", "seizure", CLEARED),
    ("doctor said viral but now he is wheezing", "wheeze", PRESENT),
    ("gp said it was fine on monday. now he is floppy", "floppy", PRESENT),
]


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    """Return the recogniser over the repository's own lexicon."""
    return Recogniser(load_lexicon(LEXICON), load_facts(LEXICON / "facts.yml"))


@pytest.mark.parametrize(("text", "finding", "status"), CASES)
def test_status(recogniser: Recogniser, text: str, finding: str, status: Status) -> None:
    """The finding is found in the text, with the status."""
    found = {one.status for one in recogniser(text).findings if one.id == finding}
    assert status in found, f"{finding} is {sorted(found) or 'not found'}"


def test_a_quote_without_a_source_is_a_report(recogniser: Recogniser) -> None:
    """Quotation marks alone do not make a report imaginary."""
    assert "floppy" in recogniser('she is "floppy" today').with_status(PRESENT)


def test_every_cue_has_its_place(recogniser: Recogniser) -> None:
    """No cue of the lexicon is unknown to the code that reads cues."""
    source = (Path(__file__).parents[2] / "guide" / "context.py").read_text(encoding="utf-8")
    assert [cue for cue in recogniser.lexicon.cues if f'"{cue}"' not in source] == []
