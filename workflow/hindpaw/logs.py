"""A script's words: to its log file and to the terminal, and a user's mistake without a traceback."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hindpaw.findings import StudyError


@contextmanager
def speaking(path: object) -> Iterator[logging.Logger]:
    """A logger that writes each line to `path` and to stderr.

    A StudyError ends the process with its findings as the last words and exit code 1. Warnings of
    libraries go to the log, so that nothing a reader of it should know is printed past it.
    """
    logger = logging.getLogger("hindpaw")
    logger.setLevel(logging.INFO)
    logger.handlers.clear()
    for handler in (
        logging.FileHandler(str(path), mode="w", encoding="utf-8"),
        logging.StreamHandler(sys.stderr),
    ):
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").handlers = list(logger.handlers)
    try:
        yield logger
    except StudyError as error:
        logger.error("%s", error)
        sys.exit(1)
