"""A drawing as people use it: SVG, PDF, PNG and the numbers in it, and where these lie on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Drawing:
    """One figure in its three formats, and the numbers drawn in it as CSV; all as bytes."""

    svg: bytes
    pdf: bytes
    png: bytes
    csv: bytes


def write(drawings: Mapping[str, Drawing], folder: str | Path) -> None:
    """Each drawing as `<name>.svg`, `.pdf`, `.png` and `.csv` in a folder, which is made."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, drawing in drawings.items():
        for kind in fields(Drawing):
            Path(folder, f"{name}.{kind.name}").write_bytes(getattr(drawing, kind.name))


def write_all(kinds: Mapping[str, Mapping[str, Drawing]], folders: Any) -> None:
    """Each kind's drawings to the folder of its name; a kind without a folder, or the reverse, is a KeyError."""
    named = dict(folders.items())
    for kind in sorted(set(kinds) | set(named)):
        write(kinds[kind], named[kind])


def read_svgs(folders: Iterable[str | Path]) -> dict[str, str]:
    """The SVG of every drawing in the folders, as `<folder>_<name>`, in order of name."""
    found = {f"{path.parent.name}_{path.stem}": path for folder in folders for path in Path(folder).glob("*.svg")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}
