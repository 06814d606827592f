"""Everything that may be done with an entry: each function takes the actor first and decides alone."""

from helpdesk.kb.operations.reading import cite, deal_with_report, note_miss, note_visit, record_reading, report, vote

__all__ = ["cite", "deal_with_report", "note_miss", "note_visit", "record_reading", "report", "vote"]
