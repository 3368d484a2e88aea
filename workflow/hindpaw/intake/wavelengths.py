"""Which of several reads of a plate is the signal, and what is taken off it: once, and said."""

from __future__ import annotations

import pandas as pd

from hindpaw.findings import Finding, StudyError, nearest, several
from hindpaw.intake.ledger import Book
from hindpaw.study import PlateFile

# TMB is read at 450 nm; kits name these for the plastic and the optics.
TMB, REFERENCES = "450", ("540", "570", "620", "630", "650", "655", "690")


def settled(readings: pd.DataFrame, plate: PlateFile, book: Book) -> pd.DataFrame:
    """One row a plate × well × analyte: the reading at the signal wavelength, less its reference where one is meant.

    Raises
    ------
    StudyError
        Where it is not clear which read is meant, a wavelength is not in the export, or the export took it off already.
    """
    channels = list(dict.fromkeys(readings["channel"]))
    signal, reference = _meant(channels, plate)
    if reference is not None and readings["subtracted"].ne("").any():
        already = next(text for text in readings["subtracted"] if text)
        raise _unclear(
            plate,
            f"The study file takes {reference} nm off, but the export did so already ({already}).",
            "Take wavelengths out of the study file, or export the raw reads.",
        )
    chosen = readings[readings["channel"] == signal].copy()
    if reference is not None:
        chosen = _less(chosen, readings[readings["channel"] == reference], reference)
        book.find(
            "wavelengths",
            "note",
            f"{plate.name}: the signal is the reading at {signal} nm less the one at {reference} nm.",
            "The reference takes out scratches and drops; taken off twice, it would bend the curve.",
            "Nothing, unless the plate was read otherwise: then write wavelengths in the study file.",
            [plate.file],
        )
    made = [text for text in dict.fromkeys(chosen["subtracted"]) if text] if reference is None else []
    if made:
        book.find(
            "wavelengths",
            "note",
            f"{plate.name}: the signal is what the export made of its reads ({several(made)}).",
            "Nothing is taken off it again.",
            "Nothing, if that is meant; else export the raw reads, and name the one that counts under wavelengths.",
            [plate.file],
        )
    unread = [channel for channel in channels if channel not in (signal, reference)]
    if unread:
        book.find(
            "wavelengths",
            "note",
            f"{plate.name}: the reads at {several(unread)} were not used.",
            "Only one read can be the signal.",
            "Nothing, if that is meant.",
            [plate.file],
        )
    return chosen


def _meant(channels: list[str], plate: PlateFile) -> tuple[str, str | None]:
    """The channel of the signal and that of the reference, if one is meant."""
    if plate.wavelengths is not None:
        wanted = {key: str(value) for key, value in plate.wavelengths.items()}
        for value in wanted.values():
            if value not in channels and not (channels == [""] and "reference" not in wanted):
                unit = " nm" if value.isdigit() else ""
                what = f"The study file names {value}{unit}, but the export was read at {several(channels)}."
                raise _unclear(plate, what, nearest(value, channels))
        return wanted["signal"] if wanted["signal"] in channels else "", wanted.get("reference")
    if len(channels) == 1:
        return channels[0], None
    if len(channels) == 2 and TMB in channels:
        other = next(channel for channel in channels if channel != TMB)
        if other in REFERENCES:
            return TMB, other
    what = f"The plate was read more than once: {several(channels)}."
    named = [channel for channel in channels if not channel.isdigit()]
    way = f'{{signal: "{named[0]}"}}, each read called as here' if named else "{signal: 450, reference: 570}"
    raise _unclear(plate, what, f"Say which read is the signal: wavelengths: {way}.")


def _less(signal: pd.DataFrame, reference: pd.DataFrame, name: str) -> pd.DataFrame:
    """The signal less the reference of the same plate, well and analyte; a flag of either stays."""
    key = ["plate", "well", "analyte"]
    other = reference.drop_duplicates(key).set_index(key)
    at = pd.MultiIndex.from_frame(signal[key])
    taken = other["signal"].reindex(at).to_numpy()
    flags = other["flag"].reindex(at).fillna(f"no reading at {name} nm").to_numpy()
    signal["signal"] = signal["signal"].to_numpy(dtype=float) - taken.astype(float)
    signal["flag"] = ["; ".join(dict.fromkeys(filter(None, pair))) for pair in zip(signal["flag"], flags, strict=True)]
    signal["subtracted"] = f"{name} nm"
    return signal


def _unclear(plate: PlateFile, what: str, advice: str) -> StudyError:
    """A plate of which it is not clear what its signal is."""
    why = "No concentration can be read off a signal that is not known."
    return StudyError([Finding("wavelengths", "error", "intake", f"{plate.name}: {what}", why, advice, plate.file)])
