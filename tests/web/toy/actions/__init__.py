"""Actions of the stand-in bot: a full card, a note, and every way to fail."""

import time

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

CARD = {
    "title": "Kefir",
    "do": [
        "Offer your usual milk as before.",
        "Keep up moisturiser at least twice a day.",
    ],
    "guide": ["The guide suggests tiny tastes of plain kefir once solids are going well."],
    "gate": ["Kefir: wait until 6 months. Your baby is 5 months old."],
    "evidence": ["Weak: one small study in older children; nothing shows that it clears eczema."],
    "note": "General information from a chat program.",
    "answer": ["Not before 6 months, then a taste at a time."],
    "clinician": "Ask your doctor or health visitor first if your baby was born early.",
    "sources": [
        {"key": "A", "title": "Foods to avoid", "url": "https://example.org/foods", "year": 2024},
        {"key": "B", "title": "A leaflet", "url": "javascript:alert(1)", "year": 2021},
    ],
}


class ActionCard(Action):
    def name(self):
        return "action_card"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(
            text="Kefir: wait until 6 months.",
            buttons=[
                {"title": "Tell me more", "payload": "/ask_help"},
                {"title": "Why?", "payload": "/ask_plan"},
                {"title": "Probiotics", "payload": "/greet"},
            ],
            escalation="routine",
            topics=["kefir"],
            claims=["D3"],
            rules=["kefir_age"],
            verdicts={"kefir": "not_yet", "probiotics": "ask_clinician", "oats": "fine"},
            card=CARD,
        )
        return [SlotSet("age_months", 5)]


class ActionNote(Action):
    def name(self):
        return "action_note"

    def run(self, dispatcher, tracker, domain):
        note = "Note for the doctor\n22 November 2026\n\nAge: 5 months\nSkin: dry, red patches"
        dispatcher.utter_message(
            text=note,
            escalation="none",
            topics=["note"],
            card={"title": "A note for the doctor", "paper": note},
        )
        return []


class ActionSlow(Action):
    def name(self):
        return "action_slow"

    def run(self, dispatcher, tracker, domain):
        time.sleep(4)
        dispatcher.utter_message(text="Here is the slow answer.", escalation="routine")
        return []


class ActionCrash(Action):
    def name(self):
        return "action_crash"

    def run(self, dispatcher, tracker, domain):
        raise ValueError("broken on purpose: secret words")


class ActionInject(Action):
    def name(self):
        return "action_inject"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(
            text='<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> '
            "[a](javascript:window.hacked=1) https://example.org/ok javascript:alert(1)",
            buttons=[{"title": "<b>bold</b>", "payload": "/greet"}],
            escalation="routine",
            card={
                "title": "<script>window.hacked=1</script>",
                "do": ['<a href="javascript:window.hacked=1">x</a>'],
                "sources": [
                    {
                        "key": "X",
                        "title": "<i>t</i>",
                        "url": "javascript:window.hacked=1",
                        "year": 1,
                    }
                ],
            },
        )
        return []
