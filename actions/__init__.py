"""Rasa SDK actions: slots in, `guide`'s words out. Each file holds one action."""


def warm_up() -> None:
    """Load what the actions read before the first question comes."""
    from actions import records
    from actions.base import guide
    from guide.results import read_results

    guide()
    for load in (
        records.planner,
        records.diary,
        records.note_writer,
        records.skin_quotes,
        records.skin_check,
        records.about,
        records.acknowledger,
    ):
        load()
    read_results("")
