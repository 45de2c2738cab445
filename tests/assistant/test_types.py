from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from assistant.types import CheckedDraft, Draft, Provenance, SourceLink, Statement
from ingestion.types import Span

LINK = {"document_id": "d", "document_name": "d.txt", "element_id": "e1", "quote": "damp", "score": 1.0}


def test_a_checked_draft_cannot_be_made_outside_the_pipeline() -> None:
    draft = Draft(task="ask", statements=(Statement(text="The roof leaks."),))
    provenance = Provenance(engine="embedded", started=datetime.now(UTC), seconds=0.0)
    with pytest.raises(ValidationError, match=r"only assistant\.pipeline\.run"):
        CheckedDraft(draft=draft, findings=(), provenance=provenance)
    with pytest.raises(ValidationError, match=r"only assistant\.pipeline\.run"):
        CheckedDraft[Draft].model_validate({"draft": draft, "findings": (), "provenance": provenance})


@pytest.mark.parametrize(("start", "end"), [(0, 3), (0, 5), (4, 0)])
def test_a_link_whose_quote_does_not_fill_its_span_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValidationError, match="characters and its span"):
        SourceLink.model_validate({**LINK, "span": Span(start=start, end=end)})


def test_a_link_whose_quote_fills_its_span_is_kept() -> None:
    assert SourceLink.model_validate({**LINK, "span": Span(start=3, end=7)}).quote == "damp"
