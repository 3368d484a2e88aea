"""Published statements, as a reader transcribed them."""

from __future__ import annotations

import pandas as pd

from hindpaw import schema, tables
from hindpaw.findings import Finding, StudyError, nearest
from hindpaw.study import Study
from hindpaw.tables import Claims


def read(study: Study, text: str, name: str) -> pd.DataFrame:
    """The table `claims`.

    Raises
    ------
    StudyError
        With every mistake of the file, a question that the study does not ask among them.
    """
    document = schema.checked(schema.parse(text, name), "claims.schema.yaml", name)
    rows, found = [], []
    for claim, entry in document["claims"].items():
        question = entry.get("question")
        if question is not None and question not in study.questions:
            what = f'The study asks no question "{question}".'
            why = "The claim cannot be compared with an answer."
            place = f"{name}: claims.{claim}.question"
            found.append(Finding(schema.CHECK, "error", "intake", what, why, nearest(question, study.questions), place))
        rows.append({Claims.source: f"{name}: claims.{claim}", Claims.claim: str(claim), **entry})
    if found:
        raise StudyError(found)
    frame = pd.DataFrame(rows, columns=tables.columns(Claims))
    return tables.shaped(frame, Claims)
