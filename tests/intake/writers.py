"""Writers for round trips that the package itself has no use for: old xls, Prism's XML, xlsx with merged cells."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape


def xls(book):
    """The sheets as an old binary workbook."""
    import xlwt

    made = xlwt.Workbook()
    for name, rows in book.items():
        page = made.add_sheet(name)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write(place, column, cell)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def pzfx(book):
    """The sheets as tables of a Prism file, their first row as titles; numbers and texts alike are texts there."""
    tables = []
    for name, (titles, *rows) in book.items():
        columns = []
        width = max(map(len, [titles, *rows]))
        for place, title in enumerate([*titles, *[""] * (width - len(titles))]):
            cells = [row[place] if place < len(row) else "" for row in rows]
            data = "".join(f"<d>{escape(str(cell))}</d>" if cell != "" else "<d/>" for cell in cells)
            columns.append(
                f"<YColumn Subcolumns='1'><Title>{escape(str(title))}</Title><Subcolumn>{data}</Subcolumn></YColumn>"
            )
        tables.append(
            f"<Table XFormat='none' TableType='OneWay'><Title>{escape(name)}</Title>{''.join(columns)}</Table>"
        )
    return f"<?xml version='1.0' encoding='UTF-8'?><GraphPadPrismFile>{''.join(tables)}</GraphPadPrismFile>".encode()


def merged(book):
    """The sheets as xlsx in which an animal's id is one cell over its rows, and a title of two columns one over both."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        for name, rows in book.items():
            page = made.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell != "":
                        page.write(place, column, cell)
            if rows[0][0] == "simulated":
                for column, cell in enumerate(rows[1]):
                    if cell != "":
                        page.merge_range(1, column, 1, column + 1, cell)
            heads = [place for place, row in enumerate(rows) if row and row[0] == "Mouse"]
            ids = [row[0] if row else "" for row in rows]
            for start in range(heads[0] + 1 if len(heads) == 1 else len(rows), len(rows)):
                end = start
                while end + 1 < len(rows) and ids[start] != "" and ids[end + 1] in (ids[start], ""):
                    end += 1
                if end > start and ids[start] != ids[start - 1]:
                    page.merge_range(start, 0, end, 0, ids[start])
    return buffer.getvalue()
