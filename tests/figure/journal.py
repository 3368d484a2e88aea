"""A journal's rules for a figure that is drawn but not yet printed."""

from __future__ import annotations

import itertools


def texts(drawn):
    """Every text of a figure that is drawn, with the box it takes in pixels."""
    found = list(drawn.texts)
    legends = list(drawn.legends)
    for axes in drawn.axes:
        if axes.axison:
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                slack = 1e-9 * (abs(low) + abs(high))
                places = axis.get_majorticklocs()
                ticks = zip(places, axis.get_major_ticks(len(places)), strict=True)
                inside = [tick for place, tick in ticks if low - slack <= place <= high + slack]
                found += [label for tick in inside for label in (tick.label1, tick.label2)]
                found.append(axis.label)
        found += [axes.title, axes._left_title, *axes.texts]
        legends += [axes.get_legend()] if axes.get_legend() else []
    found += [text for legend in legends for text in [*legend.get_texts(), legend.get_title()]]
    shown = [text for text in found if text.get_visible() and text.get_text().strip()]
    return [(text, text.get_window_extent()) for text in shown]


def at_fault(drawn) -> list[str]:
    """What is wrong with a figure by a journal's rules."""
    found = [] if round(drawn.get_figwidth() * 25.4, 6) in (85, 120, 180) else ["width"]
    boxes = texts(drawn)
    for text, box in boxes:
        told = text.get_text()
        found += [f"{text.get_fontsize()} pt: {told}"] if not 7 <= text.get_fontsize() <= 8 else []
        inside = box.x0 > -1 and box.y0 > -1 and box.x1 < drawn.bbox.width + 1 and box.y1 < drawn.bbox.height + 1
        found += [] if inside else [f"cut: {told}"]
        found += [f"mathematics: {told}"] if text.get_parse_math() or "mathdefault" in told else []
    for (a, first), (b, second) in itertools.combinations(boxes, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        # A box holds room for accents and descenders that most lines do not use.
        if wide > 1 and high > 0.3 * min(first.height, second.height):
            found.append(f"overlap: {a.get_text()!r} and {b.get_text()!r}")
    return found
