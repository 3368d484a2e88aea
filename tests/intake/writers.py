"""Writers of file formats for round trips that the package itself has no use for: old xls, and Prism's XML."""

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
        for place, title in enumerate(titles):
            cells = [row[place] if place < len(row) else "" for row in rows]
            data = "".join(f"<d>{escape(str(cell))}</d>" if cell != "" else "<d/>" for cell in cells)
            columns.append(
                f"<YColumn Subcolumns='1'><Title>{escape(str(title))}</Title><Subcolumn>{data}</Subcolumn></YColumn>"
            )
        tables.append(
            f"<Table XFormat='none' TableType='OneWay'><Title>{escape(name)}</Title>{''.join(columns)}</Table>"
        )
    return f"<?xml version='1.0' encoding='UTF-8'?><GraphPadPrismFile>{''.join(tables)}</GraphPadPrismFile>".encode()
