"""One row for every subject, made column by column: it stays quick for tens of thousands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.engine.scoring import Sums, figures
from dealreview.model.outcome import Band, Kind, Outcome
from dealreview.reports.agenda import standing, worst
from dealreview.reports.marks import BAND_MARKS, OUTCOME_MARKS, band_of
from dealreview.reports.quantities import bare_money, spoken
from dealreview.reports.text import score_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from dealreview.engine.review import KindReview
    from dealreview.reports.html.book import Book
    from dealreview.reports.marks import Mark

COUNTED = (Outcome.RISK, Outcome.WATCH, Outcome.STRENGTH, Outcome.INSUFFICIENT_DATA)
"""Outcomes that a row counts."""

RANKS = {Band.RISK: 0, Band.WATCH: 1, Band.UNRATED: 2, Band.HEALTHY: 3, None: 4}
"""Order of bands in a list, the worst first."""


Maker = Callable[[Mapping[str, Any]], "Row"]


@frozen
class Row:
    """A subject in a list.

    Attributes:
        name: Its name, else its id.
        href: Its card; empty where it has none.
        mark: Its band.
        rank: Place of the band in a list, the worst first.
        score: The score with its bounds.
        lower: The lower bound, for sorting.
        at_risk: The largest money at risk, and its kind.
        at_risk_minor: The same, for sorting.
        counts: How many verdicts have which outcome.
        cells: What else is in the row, by column.
    """

    name: str
    href: str
    mark: Mark
    rank: int
    score: str
    lower: str
    at_risk: tuple[str, str] | None
    at_risk_minor: int | str
    counts: tuple[tuple[Mark, int], ...]
    cells: Mapping[str, Any]


def deal_rows(book: Book, judged: pl.Series) -> Iterator[Row]:
    """Yield a row for each of the deals, the worst first."""
    deals, amounts = book.review.deals, book.agenda.amounts
    columns = {name: deals[name].to_list() for name in ("account_id", "owner_id", "stage_id")}
    closes = deals["expected_close_on"].to_list()
    closed = deals["closed_on"].to_list()
    is_closed = book.deals.base["closed"].to_list()
    for row, made in _rows(book, book.deals, _in_order(book.deals, judged)):
        day = closed[row] if is_closed[row] else closes[row]
        amount = amounts[row]
        account = columns["account_id"][row]
        cells = {
            "account": book.account(account),
            "account_href": book.href(Kind.ACCOUNT, account),
            "owner": book.person(columns["owner_id"][row]),
            "stage": book.stage(columns["stage_id"][row]),
            "amount": "" if amount is None else bare_money(amount, book.currency),
            "amount_minor": "" if amount is None else amount,
            "day": "" if day is None else spoken(day),
            "iso": "" if day is None else day.isoformat(),
        }
        yield made(cells)


def account_rows(book: Book) -> Iterator[Row]:
    """Yield a row for each account, the worst first."""
    review = book.review.kinds[Kind.ACCOUNT]
    money = {n: _column(review, n) for n in ("revenue_12m", "contribution_12m_hi")}
    least = _column(review, "contribution_12m_lo")
    for row, made in _rows(book, review, _in_order(review)):
        revenue, most = (money[name][row] for name in money)
        yield made(
            {
                "revenue": "" if revenue is None else bare_money(revenue, book.currency),
                "revenue_minor": "" if revenue is None else revenue,
                "contribution": "" if most is None else bare_money(most, book.currency),
                "contribution_minor": "" if most is None else most,
                "at_most": most is not None and most != least[row],
                "deals": len(book.deals_of.get(("account_id", review.base["id"][row]), ())),
            }
        )


def team_rows(book: Book) -> Iterator[Row]:
    """Yield a row for each team, by name."""
    review = book.review.kinds[Kind.TEAM]
    order = sorted(range(review.base.height), key=lambda row: (review.base["name"][row] or "", row))
    yield from (make({}) for _, make in _rows(book, review, order))


@frozen
class Person:
    """A rep in the list of reps: no number, no order but the name's."""

    name: str
    href: str
    team: str
    talk: bool


def rep_rows(book: Book) -> Iterator[Person]:
    """Yield the reps by name."""
    review = book.review.kinds[Kind.REP]
    found = set(worst(review))
    teams = _column(review, "team_id")
    base = review.base
    for row in sorted(range(base.height), key=lambda row: (base["name"][row] or "", row)):
        subject = base["id"][row]
        team = book.names(teams[row]) if teams[row] else ""
        href = book.href(Kind.REP, subject)
        yield Person(base["name"][row] or subject, href, team, row in found)


def _column(review: KindReview, name: str) -> Sequence[Any]:
    """Return the values of a fact; unknown ones where no check needed it."""
    if name in review.seen.columns:
        return review.seen.column(name).to_list()
    return [None] * review.base.height


def _in_order(review: KindReview, judged: pl.Series | None = None) -> list[int]:
    """Return rows by band, money at risk and lower bound, the worst first."""
    frame = standing(review)
    if judged is not None:
        frame = frame.filter(judged)
    order = frame.sort(
        "rank", "stake", "lower", "row", descending=[False, True, False, False], nulls_last=True
    )
    return order["row"].to_list()


def _rows(book: Book, review: KindReview, order: Sequence[int]) -> Iterator[tuple[int, Maker]]:
    """Yield each row's number, and what makes the row of its own cells."""
    bands = [band_of(name) for name in review.bands]
    scores, lowers = _scores(review, bands)
    names, ids = review.base["name"].to_list(), review.base["id"].to_list()
    counts, exposed = _counts(review), _exposed(review)
    for row in order:
        money = exposed[row]
        make = partial(
            Row,
            names[row] or ids[row],
            book.href(review.kind, ids[row]),
            BAND_MARKS[bands[row]],
            RANKS[bands[row]],
            scores[row],
            lowers[row],
            None if money is None else (bare_money(money[0], book.currency), money[1]),
            "" if money is None else money[0],
            counts[row],
        )
        yield row, make


def _scores(review: KindReview, bands: Sequence[Band | None]) -> tuple[list[str], list[str]]:
    """Return the score with its bounds as it is shown, and the lower bound to sort by."""
    found = [figures(Sums(*row)) for row in review.sums.iter_rows()]
    lowers = ["" if one.lower is None else f"{one.lower:.1f}" for one in found]
    texts = [score_text(one, band) or "–" for one, band in zip(found, bands, strict=True)]
    return texts, lowers


def _counts(review: KindReview) -> list[tuple[tuple[Mark, int], ...]]:
    """Return how many verdicts of each row have which outcome, without those that none has."""
    import polars as pl

    sums = []
    for outcome in COUNTED:
        said = [(result.codes == outcome.code).cast(pl.Int32) for result in review.results]
        none = pl.zeros(review.base.height, dtype=pl.Int32, eager=True)
        sums.append(sum(said, none).to_list())
    marks = [OUTCOME_MARKS[outcome] for outcome in COUNTED]
    return [
        tuple((mark, count) for mark, count in zip(marks, row, strict=True) if count)
        for row in zip(*sums, strict=True)
    ]


def _exposed(review: KindReview) -> list[tuple[int, str] | None]:
    """Return the largest money at risk of each row with its kind; kinds are never added up."""
    kinds = review.exposed.columns
    return [
        max(
            ((amount, kind) for amount, kind in zip(row, kinds, strict=True) if amount),
            default=None,
        )
        for row in review.exposed.iter_rows()
    ]
