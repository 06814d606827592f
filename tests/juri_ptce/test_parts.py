"""A question in two parts: who reads and writes which, what a visa is worth, and when the answer may be sent."""

import pytest
import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, InvalidTransition, NotAllowed, NotFound
from helpdesk.juri_ptce.enums import PartSide
from helpdesk.juri_ptce.models import QuestionPart
from helpdesk.juri_ptce.operations import parts
from helpdesk.juri_ptce.operations.parts import Brief
from helpdesk.juri_ptce.queries.parts import get_readable_part, parts_of, parts_page
from helpdesk.tickets import operations
from helpdesk.tickets.enums import DraftKind, EventKind, Status
from helpdesk.tickets.models import Ticket, TicketEvent
from helpdesk.tickets.operations.drafts import own_draft
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.juri_ptce import make_partner, make_ptce_question
from tests.factories.tickets import ANSWER
from tests.support.scenes import Keep

pytestmark = pytest.mark.usefixtures("app")

OURS, THEIRS = PartSide.FEDERATION, PartSide.RTES


def brief(question: str = "La convention de subvention tient-elle ?", answerer: Person | None = None) -> Brief:
    return Brief(question=question, answerer=answerer)


class Scene:
    """A question at the pole, in two parts."""

    def __init__(self) -> None:
        self.jurist, self.partner = PersonFactory(jurist=True), make_partner()
        self.ticket: Ticket = make_ptce_question(status=Status.STUDY, jurist=self.jurist)
        parts.bring_in(self.jurist, self.ticket, {OURS: brief("Le bail ?"), THEIRS: brief(answerer=self.partner)})

    def part(self, side: PartSide) -> QuestionPart:
        part = db.session.get(QuestionPart, (self.ticket.id, side))
        assert part is not None
        return part

    def write(self, side: PartSide, text: str = "Oui, sous conditions.") -> None:
        parts.write_part(self.author(side), self.part(side), text=text, seen_version=self.part(side).version)

    def approve(self, side: PartSide) -> None:
        parts.approve(self.author(side), self.part(side), seen_version=self.part(side).version)

    def author(self, side: PartSide) -> Person:
        return self.jurist if side is OURS else self.partner

    def finish(self) -> None:
        for side in PartSide:
            self.write(side, f"Le texte du volet {side.value}.")
        for side in PartSide:
            self.approve(side)


@pytest.fixture
def scene(kept: Keep) -> Scene:
    return kept(Scene)


def kinds(ticket: Ticket) -> list[str]:
    select = sa.select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    return list(db.session.scalars(select))


def test_a_question_gets_one_part_for_each_network(scene: Scene) -> None:
    assert [part.side for part in parts_of(scene.ticket)] == [OURS, THEIRS]
    assert EventKind.PART_GIVEN in kinds(scene.ticket)


def test_the_partner_is_brought_in_once(scene: Scene) -> None:
    with pytest.raises(InvalidTransition, match="intervient déjà"):
        parts.bring_in(scene.jurist, scene.ticket, {OURS: brief(), THEIRS: brief()})


@pytest.mark.parametrize("side", list(PartSide))
def test_a_part_without_a_question_is_refused_and_nothing_is_half_written(side: PartSide) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ptce_question(status=Status.STUDY, jurist=jurist)
    briefs = {one: brief("" if one is side else "Le bail ?") for one in PartSide}
    with pytest.raises(BadInput) as refused:
        parts.bring_in(jurist, ticket, briefs)
    assert refused.value.field == f"{side.value}_question"
    assert parts_of(ticket) == []


def test_a_part_is_answered_by_somebody_of_its_own_side(scene: Scene) -> None:
    with pytest.raises(BadInput):
        parts.change_brief(scene.jurist, scene.part(THEIRS), brief(answerer=scene.jurist), seen_version=None)
    with pytest.raises(BadInput):
        parts.change_brief(scene.jurist, scene.part(OURS), brief(answerer=scene.partner), seen_version=None)


def test_only_the_pole_brings_the_partner_in() -> None:
    ticket = make_ptce_question(status=Status.TRIAGE)
    for person in (PersonFactory(delegate=True, can_answer=True), ticket.asker, make_partner()):
        assert person is not None
        with pytest.raises(NotAllowed):
            parts.bring_in(person, ticket, {OURS: brief(), THEIRS: brief()})


def test_a_file_of_another_question_is_not_shared(scene: Scene) -> None:
    wrong = Brief(question="Le bail ?", attachment_ids=[999])
    with pytest.raises(NotFound):
        parts.change_brief(scene.jurist, scene.part(THEIRS), wrong, seen_version=None)


def test_each_side_writes_its_own_part_alone(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        parts.write_part(scene.partner, scene.part(OURS), text="Non.", seen_version=None)
    with pytest.raises(NotAllowed):
        parts.write_part(scene.jurist, scene.part(THEIRS), text="Non.", seen_version=None)
    with pytest.raises(NotAllowed):
        parts.write_part(make_partner(), scene.part(THEIRS), text="Non.", seen_version=None)


def test_whoever_writes_first_answers_a_part_that_nobody_held(scene: Scene) -> None:
    assert scene.part(OURS).answerer_id is None
    scene.write(OURS)
    assert scene.part(OURS).answerer_id == scene.jurist.id
    with pytest.raises(NotAllowed):
        parts.write_part(PersonFactory(jurist=True), scene.part(OURS), text="Non.", seen_version=None)


def test_a_part_is_approved_by_its_answerer_once_it_is_written(scene: Scene) -> None:
    with pytest.raises(BadInput, match="avant de l’approuver"):
        scene.approve(THEIRS)
    scene.write(THEIRS)
    with pytest.raises(NotAllowed):
        parts.approve(scene.jurist, scene.part(THEIRS), seen_version=None)
    scene.approve(THEIRS)
    assert scene.part(THEIRS).approved_at is not None


def test_a_change_of_either_text_withdraws_both_visas(scene: Scene) -> None:
    for side in PartSide:
        scene.finish()
        assert all(part.approved_at for part in parts_of(scene.ticket))
        scene.write(side, f"Autre texte, {side.value}.")
        assert not any(part.approved_at for part in parts_of(scene.ticket))


def test_the_same_text_saved_again_keeps_the_visas(scene: Scene) -> None:
    scene.finish()
    scene.write(OURS, scene.part(OURS).text)
    assert all(part.approved_at for part in parts_of(scene.ticket))


def test_a_part_written_for_the_first_time_leaves_the_visa_of_the_other(scene: Scene) -> None:
    scene.write(OURS)
    scene.approve(OURS)
    scene.write(THEIRS)
    assert scene.part(OURS).approved_at is not None
    scene.write(THEIRS, "Un autre texte.")
    assert scene.part(OURS).approved_at is None


def test_another_question_or_answerer_withdraws_both_visas(scene: Scene) -> None:
    scene.finish()
    changed = brief("Et le marché ?", scene.partner)
    parts.change_brief(scene.jurist, scene.part(THEIRS), changed, seen_version=None)
    assert not any(part.approved_at for part in parts_of(scene.ticket))


def test_a_visa_is_not_given_to_a_text_that_changed_meanwhile(scene: Scene) -> None:
    scene.write(THEIRS)
    seen = scene.part(THEIRS).version
    scene.write(THEIRS, "Autre chose.")
    with pytest.raises(Conflict):
        parts.approve(scene.partner, scene.part(THEIRS), seen_version=seen)


def test_the_answer_is_sent_once_both_have_approved(scene: Scene) -> None:
    scene.write(OURS)
    scene.approve(OURS)
    with pytest.raises(BadInput, match="deux visas"):
        operations.answer(scene.jurist, scene.ticket, ANSWER, seen_version=None)
    db.session.rollback()
    scene.write(THEIRS)
    scene.approve(THEIRS)
    assert EventKind.PARTS_APPROVED in kinds(scene.ticket)
    operations.answer(scene.jurist, scene.ticket, ANSWER, seen_version=None)
    assert scene.ticket.answered_at is not None


def test_the_answer_starts_from_both_parts_under_both_names(scene: Scene) -> None:
    operations.save_draft(scene.jurist, scene.ticket, DraftKind.ANSWER, {"explanation": "Bonjour."})
    with pytest.raises(BadInput):
        parts.start_answer(scene.jurist, scene.ticket)
    scene.finish()
    parts.start_answer(scene.jurist, scene.ticket)
    parts.start_answer(scene.jurist, scene.ticket)
    draft = own_draft(scene.jurist, scene.ticket, DraftKind.ANSWER)
    assert draft is not None
    words = draft.fields["explanation"]
    assert words.startswith("Bonjour.")
    assert words.count("Le texte du volet federation.") == words.count("Le texte du volet rtes.") == 1
    assert scene.jurist.full_name in words
    assert scene.partner.full_name in words


def test_the_second_visa_fills_the_answer_form_of_the_federations_jurist(scene: Scene) -> None:
    scene.finish()
    draft = own_draft(scene.jurist, scene.ticket, DraftKind.ANSWER)
    assert draft is not None
    assert "Le texte du volet rtes." in draft.fields["explanation"]


def test_without_the_partner_the_question_is_answered_as_any_other(scene: Scene) -> None:
    parts.give_up(scene.jurist, scene.ticket)
    assert parts_of(scene.ticket) == []
    operations.answer(scene.jurist, scene.ticket, ANSWER, seen_version=None)


def test_a_part_is_read_by_its_answerer_and_the_other_one_once_both_approved(scene: Scene) -> None:
    reference, other = scene.ticket.reference, make_partner()
    assert get_readable_part(scene.partner, reference, THEIRS).part is scene.part(THEIRS)
    for person, side in ((scene.partner, OURS), (other, THEIRS), (PersonFactory(delegate=True), THEIRS)):
        with pytest.raises(NotFound):
            get_readable_part(person, reference, side)
    scene.finish()
    assert get_readable_part(scene.partner, reference, OURS).is_approved
    with pytest.raises(NotFound):
        get_readable_part(other, reference, OURS)


def test_a_partner_finds_their_own_parts_and_those_that_nobody_holds(scene: Scene) -> None:
    free = Scene()
    parts.change_brief(free.jurist, free.part(THEIRS), brief(), seen_version=None)
    found = {row.reference for row in parts_page(scene.partner).rows}
    assert found == {scene.ticket.reference, free.ticket.reference}
    assert {row.reference for row in parts_page(make_partner()).rows} == {free.ticket.reference}
    assert parts_page(scene.jurist).rows == []


def test_a_question_given_to_a_structure_that_is_no_ptce_has_no_parts_and_is_answered_as_any_other(
    scene: Scene,
) -> None:
    operations.move_to_structure(scene.jurist, scene.ticket, OrganisationFactory())
    assert parts_of(scene.ticket) == []
    with pytest.raises(NotAllowed):
        parts.bring_in(scene.jurist, scene.ticket, {OURS: brief(), THEIRS: brief()})
    operations.answer(scene.jurist, scene.ticket, ANSWER, seen_version=None)
