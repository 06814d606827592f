"""Every figure of « Délais » and of the annual report, counted again by another path than the one that shows it.

Nothing here is shared with the pages: plain Python over rows, days by the calendar of Paris, means and shares as
fractions. What each figure is counted from:

- the questions (:mod:`.questions`, :mod:`.report`), their times, ends, rounds, corrections and opinions: their events,
  see :mod:`helpdesk.stats.histories`, which also says what no event tells;
- the entries published, revised and confirmed, and whether they can be read (:mod:`.library`): their events. Kind, and
  an audience that never changed: the entry's row. Readings, searches without a result and suggestions are counters and
  rows without a history: they are added up again from the rows themselves;
- the sessions of Juri-PTCE (:mod:`.permanence`), their day, held or cancelled: the audit trail, or the row of one that
  has no trail. The calls held and their time: the events of the question. That a question is one of Juri-PTCE, the
  medium of a call, its structure and the hour at which a session ends: the rows.
"""
