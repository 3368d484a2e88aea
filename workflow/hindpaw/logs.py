"""A script's words and progress, to its log file and to the terminal's error stream."""

from __future__ import annotations

import logging
import sys


def start(path: object) -> logging.Logger:
    """The logger a script speaks through: each line to `path` and to stderr.

    Warnings of libraries go to the same log, so that nothing a user should know is printed past it.
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
    return logger
