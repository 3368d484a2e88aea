"""What a run left in a study's folder, so that it can be listed with its digests, and the files that people read."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Run:
    """The files of a run by their names inside the study's folder, and the day on which the last was made."""

    contents: Mapping[str, bytes]
    made_on: str


def read(paths: Iterable[str | Path], folder: str | Path) -> Run:
    """Every named file, and every file in a named folder, that lies inside the study's folder."""
    root = Path(folder).resolve()
    named = [Path(path).resolve() for path in paths]
    files = [file for path in named for file in ([path] if path.is_file() else sorted(path.glob("[!.]*")))]
    inside = sorted({file for file in files if file.is_file() and root in file.parents})
    newest = max((file.stat().st_mtime for file in inside), default=0.0)
    day = datetime.datetime.fromtimestamp(newest, datetime.UTC).date().isoformat()
    return Run({file.relative_to(root).as_posix(): file.read_bytes() for file in inside}, day)


def write(made: Mapping[str, bytes], paths: Any) -> None:
    """Each of them to the path of its name; one without a path, or the reverse, is a KeyError."""
    named = dict(paths.items())
    for name in sorted(set(made) | set(named)):
        Path(named[name]).write_bytes(made[name])
