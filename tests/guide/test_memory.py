"""Facts over turns: "|" stands between messages, "?" before an answer to "how old?".

Expectations: `age=` months, `asked=` an age asked about, `temp=` degrees Celsius, `feed=`, `early=`
months to correct by, `country=`, `asks=` a question owed, `contradicts`, a condition that holds,
and `-condition` for one ruled out. What isn't named must not be there.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest

from guide.memory import FactReader, FactUpdate, load_facts, update
from guide.model import CONDITIONS, Facts
from guide.text import Normaliser

TODAY = date(2026, 11, 22)
LEXICON = load_facts(Path(__file__).parents[2] / "data" / "lexicon" / "facts.yml")
READER = FactReader(
    LEXICON,
    Normaliser(
        {"cant": "can not", "hes": "he is", "shes": "she is", "isnt": "is not", "im": "i am",
         "ive": "i have", "its": "it is"},
        known=LEXICON.known_words(),
    ),
)  # fmt: skip

TALKS = [
    ("5 mo", "age=5"),
    ("my baby is 7 months|and the rash is back", "age=7"),
    ("she is 7 months|sorry, 7 weeks not months", "age=1.61"),
    ("he is 7 months|weeks, not months", "age=1.61"),
    ("he is 7 months|i meant 7 weeks", "age=1.61"),
    ("he is 7 months|I meant weeks", "age=1.61"),
    ("he is 7 months|weeks*", "age=1.61"),
    ("he is 7 months|* weeks", "age=1.61"),
    ("he is 7 months|typo, weeks", "age=1.61"),
    ("he is 7 months|oops should say weeks lol", "age=1.61"),
    ("he is 7 months|i wrote months but its weeks", "age=1.61"),
    ("he is 7 months|7 weeks*", "age=1.61"),
    ("he is 7 weeks|months i mean", "age=7"),
    ("he is 7 months|it's been weeks", "age=7"),
    ("he is 7 months|for weeks now", "age=7"),
    ("he is 10 months|his sister is 5 weeks|she is 5 weeks and has 38.4", "age=10"),
    ("he is 10 months|his sister is 5 weeks and has 38.4", "age=10"),
    ("39 for my 4 year old|the baby is 3 months and fine", "age=3 temp=none"),
    ("lo is 5 months|actually she's 9 months", "age=9"),
    ("lo is 5 months|no, 10 months", "age=10"),
    ("lo is 5 months|oops typo, 15 months", "age=15"),
    ("lo is 5 months|he's 11 months", "age=5 contradicts"),
    ("lo is 11 months|he's 5 months", "age=5 contradicts"),
    ("lo is 11 months|he's 5 months|?11", "age=11"),
    ("lo is 9 months|he's 9.5 months", "age=9.5"),
    ("lo is 9 months|nearly 10 months", "age=9.8"),
    ("lo is 6 months|what about when she's 8 months", "age=6 asked=8"),
    ("lo is 6 months|and at 12 months?", "age=6 asked=12"),
    ("lo is 6 months|my other one is 3", "age=6"),
    ("lo is 6 months|my older boy is three, can he have nuts", "age=6"),
    ("lo is 6 months|her brother (4) eats it", "age=6"),
    ("twins, 8 months", "age=8"),
    ("my baby is 5 months and my toddler is 2 years", "age=5"),
    ("after her first birthday is honey ok", "age=none asked=12"),
    ("?7", "age=7"),
    ("?about thirty weeks", "age=6.9"),
    ("?rather not say", "age=none"),
    ("29 weeker, 9 months", "age=9 preterm early=2.53"),
    ("born at 34 weeks, now 6 months", "age=6 preterm early=1.38"),
    ("born 10 days early, 3 months", "age=3"),
    ("9 months actual, 7 corrected", "age=9 preterm early=2"),
    ("9 months|7 corrected", "age=9 preterm early=2"),
    ("she is 5 months corrected", "age=5 preterm"),
    ("ex prem, doing great now", "preterm"),
    ("we did a gut test for our 10 month old with eczema", "age=10 eczema"),
    ("a test for egg allergy for my son with eczema", "eczema"),
    ("I want to avoid my baby getting eczema", ""),
    ("is there a test for milk allergy for my baby", ""),
    ("she is 8 months, no fever, vomiting or rash", "age=8 -ill_now"),
    ("born at 40 weeks, full term", "-preterm"),
    ("he is 6 months, size 9-12 months clothes", "age=6"),
    ("temp 38.4", "temp=38.4 ill_now"),
    ("temp 38.4|sorry, 37.4 not 38.4", "temp=37.4"),
    ("temp was 39 now 37.4", "temp=39 ill_now"),
    ("my husband has 39.5", ""),
    ("lo is 7 weeks|my 3 year old has 38.5", "age=1.61"),
    (
        "lo is 7 weeks|my 3 year old has 38.5 and now the baby is 38.2",
        "age=1.61 temp=38.5 ill_now contradicts",
    ),
    ("lo is 7 weeks|my 3 year old gave it to her, 38.6", "age=1.61 temp=38.6 ill_now contradicts"),
    ("38.5|that's me not the baby", "temp=none"),
    ("lo is 7 weeks|39.2, he only wants me not his dad", "age=1.61 temp=39.2 ill_now"),
    ("lo is 14 months|our newborn has 38.2", "age=0.5 temp=38.2 ill_now contradicts"),
    ("temp 35.4", "temp=35.4"),
    ("temp 38.4|temp is normal now", "temp=none"),
    ("temp of 60", "asks=temperature_c"),
    ("ebf", "feed=breast"),
    ("exclusively breastfed boy", "feed=breast"),
    ("I'm nursing her", "feed=breast"),
    ("breast milk only", "feed=breast"),
    ("ff baby", "feed=formula"),
    ("she is formula fed", "feed=formula"),
    ("on aptamil", "feed=formula"),
    ("he takes the bottle well", ""),
    ("combi fed", "feed=mixed"),
    ("mixed feeding", "feed=mixed"),
    ("breastfed and formula at night", "feed=mixed"),
    ("breastfeeding with formula top ups", "feed=mixed"),
    ("combi fed|no formula any more", "feed=breast"),
    ("combi fed|stopped breastfeeding", "feed=formula"),
    ("breastfed|stopped breastfeeding last week", "feed=none"),
    ("i work nursing shifts", ""),
    ("what if she is formula fed", ""),
    ("on amino acid formula", "feed=formula milk_allergy"),
    ("we think cmpa", "milk_allergy"),
    ("he has cmpa", "milk_allergy"),
    ("cows milk protein allergy diagnosed", "milk_allergy"),
    ("we think cmpa|turns out it is not a milk allergy", "-milk_allergy"),
    ("no milk allergy", "-milk_allergy"),
    ("cmpa was ruled out", "-milk_allergy"),
    ("he has outgrown his milk allergy", "-milk_allergy"),
    ("is cmpa common", ""),
    ("what is fpies", ""),
    ("she has fpies", "fpies"),
    ("fpies to oats", "fpies"),
    ("dad has egg allergy", ""),
    ("my husband is allergic to peanuts", ""),
    ("his brother has a peanut allergy", ""),
    ("family history of egg allergy", ""),
    ("egg allergy", "egg_allergy"),
    ("she is allergic to egg", "egg_allergy"),
    ("hives after eggs", "egg_allergy"),
    ("peanut allergy, 14 months", "peanut_allergy age=14"),
    ("how do i prevent peanut allergy", ""),
    ("worried about peanut allergy", ""),
    ("allergic to soya", "soy_allergy"),
    ("he is allergic to wheat", "other_food_allergy"),
    ("severe eczema", "severe_eczema eczema"),
    ("really bad eczema on his legs", "severe_eczema eczema"),
    ("severe eczema|no it's mild eczema", "-severe_eczema eczema"),
    ("under the dermatologist with potent steroid creams", "severe_eczema eczema"),
    ("his eczema gets infected again and again", "severe_eczema eczema"),
    ("awake every night with the eczema itch", "severe_eczema eczema"),
    ("mild eczema on his cheeks", "eczema -severe_eczema"),
    ("no eczema at all", "-eczema"),
    ("she is on antibiotics", "antibiotics"),
    ("I'm on antibiotics for mastitis", ""),
    ("finished the antibiotics last week", "-antibiotics"),
    ("on amoxicillin since monday", "antibiotics"),
    ("he is vomiting", "ill_now"),
    ("watery nappies today", "ill_now"),
    ("no vomiting, no fever", "-ill_now"),
    ("had his jabs yesterday", "vaccinated_48h"),
    ("jabs this morning", "vaccinated_48h"),
    ("not had any jabs", "unvaccinated"),
    ("she is unvaccinated", "unvaccinated"),
    ("all jabs up to date", "-unvaccinated"),
    ("hole in the heart", "heart_disease"),
    ("he has a heart condition", "heart_disease"),
    ("the price gave me a heart attack", ""),
    ("kidney problem", "kidney_disease"),
    ("kidney beans ok?", ""),
    ("fed through a tube", "tube_fed"),
    ("ng tube", "tube_fed"),
    ("hickman line", "central_line"),
    ("short gut after surgery", "short_bowel"),
    ("immune deficiency", "immune_problem"),
    ("boost her immune system", ""),
    ("he is immunosuppressed", "immune_problem"),
    ("not gaining any weight", "faltering_growth"),
    ("failure to thrive", "faltering_growth"),
    ("gaining weight well", "-faltering_growth"),
    ("low birth weight", "low_birth_weight"),
    ("we cut out dairy and egg", "exclusion_diet"),
    ("not sitting up yet", "not_ready_for_solids"),
    ("she is eating solids", "solids_started"),
    ("not started solids yet", "-solids_started"),
    ("we are in the uk", "country=GB"),
    ("I live in Canada", "country=CA"),
    ("here in Australia", "country=AU"),
    ("we live in the US", "country=US"),
    ("help us please", ""),
    (
        "he's 7 months|sorry, a long one: we tried it all, her skin is awful, now she's 10 months",
        "age=7 contradicts",
    ),
    ("not severe, just a small patch of eczema", "eczema -severe_eczema"),
    ("does she have cmpa?", "milk_allergy"),
    ("could it be cmpa?", "milk_allergy"),
    ("can babies with cmpa have kefir", ""),
    ("my baby has cmpa can he have kefir", "milk_allergy"),
    ("no fever but vomiting", "ill_now"),
    ("he isn't on antibiotics", "-antibiotics"),
    ("do probiotics help with eczema", ""),
    ("she was premature at 33 weeks", "preterm early=1.61"),
    ("i was premature too", ""),
    ("fever after jabs this morning, 10 weeks", "vaccinated_48h age=2.3"),
    ("the health visitor said mild eczema", "eczema -severe_eczema"),
    ("when can we start solids", ""),
    ("he is on solids and formula", "feed=formula solids_started"),
]


def talk(messages: str) -> FactUpdate:
    facts = Facts()
    for message in messages.split("|"):
        expecting = "age_months" if message.startswith("?") else None
        text = message.lstrip("?")
        changed = update(facts, text, TODAY, expecting=expecting, found=READER.read(text))
        facts = changed.facts
    return changed


def shown(number: float | None) -> str:
    return "none" if number is None else f"{round(number, 2):g}"


@pytest.mark.parametrize(("messages", "expected"), TALKS)
def test_facts(messages, expected):
    changed = talk(messages)
    facts = changed.facts
    wanted = dict(w.split("=") for w in expected.split() if "=" in w)
    words = {w for w in expected.split() if "=" not in w}
    assert shown(facts.age_months) == wanted.get("age", "none")
    assert shown(changed.asked_age_months) == wanted.get("asked", "none")
    assert shown(facts.temperature_c) == wanted.get("temp", "none")
    assert (facts.feeding_type or "none") == wanted.get("feed", "none")
    assert shown(facts.corrected_by_months) == wanted.get("early", "0")
    assert facts.country == wanted.get("country")
    assert ("temperature_c" in changed.questions) == (wanted.get("asks") == "temperature_c")
    assert ("age_months" in changed.contradictions) == ("contradicts" in words)
    ruled_out = {w[1:] for w in words if w.startswith("-")}
    assert facts.conditions == {w for w in words if w in CONDITIONS}
    assert ruled_out <= facts.cleared


def test_every_condition_has_words():
    assert set(LEXICON.facts) == set(CONDITIONS)


def test_an_age_told_once_keeps_growing():
    facts = talk("he is 5 months").facts
    later = TODAY + timedelta(days=61)
    assert facts.age_on(later) == pytest.approx(7.0, abs=0.02)
    assert update(facts, "he is 7 months now", later).contradictions == ()


def test_an_older_child_told_of_before_contradicts_no_baby():
    older = update(Facts(), "is my 8 year old allowed to swim", TODAY).facts
    told = update(older, "she's 10 months with a dry scalp", TODAY)
    assert told.facts.age_months == 10
    assert told.contradictions == ()


def test_changes_name_what_changed():
    changed = talk("8 months, formula fed, has cmpa")
    assert {"age_months", "feeding_type", "conditions", "milk_allergy"} <= set(changed.changes)


def test_nothing_told_changes_nothing():
    facts = talk("8 months, formula fed").facts
    assert update(facts, "thank you", TODAY, found=READER.read("thank you")).facts == facts
