"""Number to words: the only place that rounds.

Tables keep full precision; what a person reads passes through here.
"""

from __future__ import annotations

import math

MINUS = "−"
THIN = "\u202f"
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None, digits: int = 3) -> str:
    """A number to significant digits, plain up to a million.

    >>> number(0.012345), number(-1234.5), number(float("nan")), number(2.0)
    ('0.0123', '−1234', 'not estimated', '2')
    """
    if value is None or math.isnan(value):
        return "not estimated"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:.{places}f}" if abs(value) < 1e6 else f"{value:.{digits - 1}e}"
    plain = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return plain.replace("-", MINUS)


def p_value(p: float | None) -> str:
    """A p-value in APA style: no zero before the point, since it cannot exceed 1.

    >>> p_value(0.0312), p_value(0.00001), p_value(1.0), p_value(float("nan"))
    ('p = .031', 'p < .001', 'p = 1.00', 'p not estimated')
    """
    if p is None or math.isnan(p):
        return "p not estimated"
    return "p < .001" if p < 0.001 else f"p = {p:.{3 if p < 0.1995 else 2}f}".replace("= 0.", "= .")


def interval(lower: float | None, upper: float | None, digits: int = 3) -> str:
    """A 95 % confidence interval.

    >>> interval(1.234, 5.678)
    '95 % CI 1.23 to 5.68'
    """
    return f"95{THIN}% CI {number(lower, digits)} to {number(upper, digits)}".replace(THIN, " ")


def ratio(estimate: float | None, lower: float | None, upper: float | None) -> str:
    """A ratio of thresholds or concentrations with its interval.

    >>> ratio(2.5, 1.2, 5.1)
    '2.5 times (95 % CI 1.2 to 5.1)'
    """
    if estimate is None or math.isnan(estimate):
        return "not estimated"
    return f"{number(estimate)} times ({interval(lower, upper)})"


def f_test(F: float, num_df: float, den_df: float, p: float) -> str:
    """An F test in APA style.

    >>> f_test(7.123, 1, 9.87, 0.0241)
    'F(1, 9.9) = 7.12, p = .024'
    """
    if math.isnan(F) or math.isnan(den_df):
        return "not estimated"
    return f"F({number(num_df)}, {den_df:.1f}) = {F:.2f}, {p_value(p)}"


def t_test(t: float, df: float) -> str:
    """A t in APA style, without its p.

    >>> t_test(8.3221, 20.407), t_test(float("nan"), 3)
    ('t(20.4) = 8.32', 'not estimated')
    """
    if math.isnan(t) or math.isnan(df):
        return "not estimated"
    return f"t({df:.1f}) = {t:.2f}".replace("-", MINUS)


def order_of(difference: float) -> str:
    """A difference of which only the size matters, to one digit.

    >>> order_of(3.58e-9), order_of(0.0), order_of(0.31), order_of(9.97e-4)
    ('4×10⁻⁹', '0', '0.3', '1×10⁻³')
    """
    if math.isnan(difference) or not 0 < abs(difference) < 0.01:
        return number(difference, 1)
    digits, power = f"{difference:.0e}".replace("-", MINUS).split("e")
    return f"{digits}×10" + power[0].replace(MINUS, "⁻") + power[1:].lstrip("0").translate(SUPERSCRIPTS)


def row_of(table: str, place: int) -> str:
    """A row of a table as a spreadsheet counts it, with the names of the columns in row 1.

    >>> row_of("means", 0)
    'means.csv row 2'
    """
    return f"{table}.csv row {place + 2}"


def own_row(place: int) -> str:
    """A row of the numbers beside a figure, counted alike.

    >>> own_row(0)
    "row 2 of the figure's own CSV"
    """
    return f"row {place + 2} of the figure's own CSV"


def fixed(value: float, places: int = 1) -> str:
    """A number with as many decimals as its neighbours.

    >>> fixed(-0.06), fixed(2.0), fixed(-0.04)
    ('−0.1', '2.0', '0.0')
    """
    return f"{round(value, places) + 0.0:.{places}f}".replace("-", MINUS)


def listed(items: list[str]) -> str:
    """Several in a row as a sentence has them.

    >>> listed(["1"]), listed(["1", "2"]), listed(["1", "2", "3"])
    ('1', '1 and 2', '1, 2 and 3')
    """
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def count(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> count(1, "mouse", "mice"), count(3, "mouse", "mice"), count(0, "string")
    ('1 mouse', '3 mice', '0 strings')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def grams(value: float | None, digits: int = 2) -> str:
    """A force in g.

    >>> grams(0.0692)
    '0.069 g'
    """
    return "not estimated" if value is None or math.isnan(value) else f"{number(value, digits)} g"


def percent(share: float, digits: int = 2) -> str:
    """A share as a percentage.

    >>> percent(0.163)
    '16 %'
    """
    return f"{number(100 * share, digits)} %"
