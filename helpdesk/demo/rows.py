"""Rows ready to be inserted, with their identifiers."""

from dataclasses import dataclass, field

from helpdesk.demo.history import History, Row


@dataclass
class Rows:
    """What is ready to be inserted, table by table, with the next free identifiers."""

    tables: dict[str, list[Row]] = field(default_factory=dict)
    next_message_id: int = 1
    next_event_id: int = 1
    next_attachment_id: int = 1

    def add(self, history: History) -> None:
        """Take the rows of a finished life over; messages and events get their identifiers here, in order."""
        self._to("ticket", [history.ticket])
        for message in history.messages:
            message["id"] = self.next_message_id
            message["ticket_id"] = history.id
            replaced = message.pop("replaces")
            message["replaces_id"] = replaced["id"] if replaced else None
            self.next_message_id += 1
        self._to("message", history.messages)
        for document in history.documents:
            document["id"] = self.next_attachment_id
            link = {"message_id": history.messages[0]["id"], "attachment_id": document["id"]}
            self._to("message_attachment", [link])
            self.next_attachment_id += 1
        self._to("attachment", history.documents)
        for event in history.events:
            event["id"] = self.next_event_id
            message = event["data"].pop("message", None)
            if message is not None:
                event["data"]["message_id"] = message["id"]
            self.next_event_id += 1
        self._to("ticket_event", history.events)
        for feedback in history.feedbacks:
            feedback["message_id"] = feedback.pop("message")["id"]
        for name in ("feedbacks", "clocks", "copies", "conflicts", "drafts"):
            self._to(_TABLES[name], getattr(history, name))

    def _to(self, table: str, rows: list[Row]) -> None:
        self.tables.setdefault(table, []).extend(rows)


_TABLES = {
    "feedbacks": "feedback",
    "clocks": "response_clock",
    "copies": "ticket_copy",
    "conflicts": "conflict_of_interest",
    "drafts": "draft",
}
