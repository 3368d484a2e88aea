"""Hair × trial grids: filaments down, trials across, a mark where a filament met a trial."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from hindpaw.findings import StudyError
from hindpaw.intake import layouts
from hindpaw.intake.cells import Sheet, as_number, as_text, letters
from hindpaw.intake.layouts import RAGGED, ROW, Part
from hindpaw.study import VonFreyFile

TRIAL = re.compile(
    r"(?:(?:trial|test|stim(?:ulus|ulation)?|response|appl(?:ication)?|nr|no|t|r|#)\.?\s*)?(\d{1,2})\.?", re.IGNORECASE
)


def grid(entry: VonFreyFile, sheet: Sheet, part: Part) -> pd.DataFrame:
    """The marks of one grid.

    Returns
    -------
    Chosen up and down: one row, its `responses` in the order of the trials, the filaments' names joined by a
    blank in `path`. Percent response: one row a filament, its marks as `responses`.

    Raises
    ------
    StudyError
        Where there is no header with the filament's title and trials beside it.
    """
    title = entry.columns["filament"]
    frame = layouts.rows_of(sheet, {"filament": title}, part)
    place, header = frame.attrs["places"]["filament"], frame.attrs["header"]
    trials = _trials(part, sheet.rows[header], place)
    if not trials:
        advice = "Number the trials in the header: 1, 2, 3 or Trial 1, Trial 2."
        raise StudyError([layouts.missing(sheet, f"No trial stands to the right of {title}.", advice)])
    rows = _hairs(sheet, part, header, place)
    marks = {row: [_mark(sheet.rows[row], column) for column in trials] for row in rows}
    if not rows:
        raise StudyError([layouts.missing(sheet, f"No filament stands below {title}.", "Write one in each row.")])
    spread = entry.chosen_by == "percent-response"
    found = (
        _by_filament(sheet, rows, place, trials, marks) if spread else [_in_order(sheet, rows, place, trials, marks)]
    )
    return pd.DataFrame(found).assign(**{RAGGED: False, "trial": 0, "header": "", "struck": False})


def _trials(part: Part, header: list[Any], place: int) -> list[int]:
    """The columns of the trials: numbered titles to the right of the filament's, up to the first that is not."""
    found: list[int] = []
    for column in range(place + 1, len(header)):
        title = as_text(header[column])
        if not part.holds(column) or not TRIAL.fullmatch(title):
            if found:
                break
            continue
        found.append(column)
    return found


def _hairs(sheet: Sheet, part: Part, header: int, place: int) -> list[int]:
    """The rows of the filaments: numbers below the title, up to the first cell that is none."""
    rows = []
    for row in range(header + 1, part.last):
        cells = sheet.rows[row]
        if place >= len(cells) or as_number(str(as_text(cells[place])).split(" ")[0] or None) is None:
            break
        rows.append(row)
    return rows


def _mark(cells: list[Any], column: int) -> str:
    """What stands where a filament met a trial."""
    return as_text(cells[column]) if column < len(cells) else ""


def _hair(sheet: Sheet, row: int, place: int) -> str:
    """The filament's name in a row, without a unit behind it."""
    return as_text(sheet.rows[row][place]).split(" ")[0]


def _in_order(
    sheet: Sheet, rows: list[int], place: int, trials: list[int], marks: dict[int, list[str]]
) -> dict[str, Any]:
    """The one series of a grid: trial by trial the mark and the filament it stands beside."""
    series, trouble = "", ""
    path: list[str] = []
    for number, _ in enumerate(trials):
        met = [row for row in rows if marks[row][number]]
        if len(met) > 1:
            trouble = trouble or f"trial {number + 1} has {len(met)} marks"
        elif met and len(path) < number:
            trouble = trouble or f"trial {number} has no mark, a later one has"
        if met:
            series += marks[met[0]][number]
            path.append(_hair(sheet, met[0], place))
    source = f"{sheet.place}!{letters(trials[0])}{rows[0] + 1}:{letters(trials[-1])}{rows[-1] + 1}"
    told = {"responses": series, "path": " ".join(path), "trouble": trouble}
    ends = {"last_filament": path[-1] if path else "", "first_filament": path[0] if path else ""}
    return told | ends | {"source": source, ROW: rows[0]}


def _by_filament(
    sheet: Sheet, rows: list[int], place: int, trials: list[int], marks: dict[int, list[str]]
) -> list[dict[str, Any]]:
    """The marks of each filament."""
    return [
        {
            "filament": _hair(sheet, row, place),
            "responses": "".join(marks[row]),
            "source": f"{sheet.place}!{letters(trials[0])}{row + 1}:{letters(trials[-1])}{row + 1}",
            ROW: row,
        }
        for row in rows
    ]
