"""A scorecard in a terminal: how it adds up, what is good, what could cost us, what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.model.money import format_money
from dealreview.model.outcome import Kind, Outcome
from dealreview.reports.gaps import unpaired
from dealreview.reports.layout import line, paragraph, shortened, sides, spaced, table, wrap
from dealreview.reports.marks import ASKED, BAND_MARKS, KEPT, LOST, MINUS, OUTCOME_MARKS
from dealreview.reports.quantities import (
    counted,
    long_day,
    spoken,
    spoken_limit,
    spoken_money,
    spoken_quantity,
    tenths,
    whole,
)
from dealreview.reports.text import FOR_COACHING, HEADING, subject_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.text import Text

    from dealreview.checks.facts import Fact
    from dealreview.engine.review import Review
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.reports.names import NameBook

COSTS = {
    Kind.DEAL: "WHAT COULD COST US THIS DEAL",
    Kind.ACCOUNT: "WHAT THIS ACCOUNT COULD COST US",
}
"""Title of the findings by kind."""
_BASE = frozenset({"id", "name", "day", "currency", "closed"})


@frozen
class CardPage:
    """What shapes a printed scorecard beside the card itself.

    Attributes:
        card: The scorecard.
        review: The review that it is from.
        names: Names and stages.
        width: Columns.
        everything: Whether passes, what does not apply and all facts are printed too.
    """

    card: Scorecard
    review: Review
    names: NameBook
    width: int = 80
    everything: bool = False

    @property
    def facts(self) -> Mapping[str, Fact]:
        """Descriptions of the subject's facts."""
        return self.review.kinds[self.card.kind].facts


def card_text(page: CardPage) -> Iterator[Text]:
    """Yield the lines of a scorecard."""
    sections = (_header, _sum, _strengths, _costs, _errors, _unknown, _not_reviewed, _quiet, _facts)
    yield from spaced(section(page) for section in (*sections, _next))


def _heading(page: CardPage, text: str, right: str = "") -> Iterator[Text]:
    yield from sides(line((text, HEADING)), line((right, "dim")), page.width)


# --- the header ----------------------------------------------------------------------------------


def _header(page: CardPage) -> Iterator[Text]:
    card = page.card
    right = _rating(page)
    left = line((card.name or card.id, "bold"))
    yield from sides(shortened(left, page.width - right.cell_len - 2), right, page.width)
    bounds = line((bounds_text(page), "dim"))
    about = shortened(line(" · ".join(about_subject(page))), page.width)
    yield from sides(about, bounds, page.width)
    yield from paragraph(" · ".join(particulars(page)), page.width)


def _rating(page: CardPage) -> Text:
    card = page.card
    if not card.kind.has_score:
        return line(("for coaching", "dim"))
    shape, style = BAND_MARKS[card.band]
    word = str(card.band) if card.band else "nothing applies"
    return line((f"{shape} {word}", style), (f"  {whole(card.score)}", "bold"))


def bounds_text(page: CardPage) -> str:
    """Return score bounds for people; nothing where there is no score."""
    card = page.card
    if not card.kind.has_score or card.lower is None:
        return ""
    if card.lower == card.upper:
        return "no gaps"
    return f"{whole(card.lower)}–{whole(card.upper)} if the gaps were filled"


def about_subject(page: CardPage) -> Iterator[str]:
    """Yield the subject as the command line names it and, for a deal, customer and owner."""
    yield subject_name(page.card)
    if page.card.kind is Kind.DEAL:
        deal = _deal(page)
        yield from filter(
            None, (page.names.account(deal["account_id"]), page.names.person(deal["owner_id"]))
        )


def _deal(page: CardPage) -> dict[str, Any]:
    rows = page.review.kinds[Kind.DEAL].rows
    return page.review.deals.row(rows[page.card.id], named=True)


def particulars(page: CardPage) -> Iterator[str]:
    """Yield amount, stage and dates of a deal, else the date of the review."""
    if page.card.kind is Kind.DEAL:
        yield from _of_deal(page)
    elif page.card.kind is Kind.REP:
        yield f"As of {long_day(page.review.header.as_of)}; {FOR_COACHING}."
    else:
        yield f"as of {long_day(page.review.header.as_of)}"


def _of_deal(page: CardPage) -> Iterator[str]:
    deal = _deal(page)
    yield from amount_text(page, deal)
    stage, _kind = page.names.stages.get(str(deal["stage_id"]), ("", None))
    yield from [stage] if stage else []
    if page.card.closed:
        yield f"closed, judged as of {long_day(deal['day'])}"
        return
    if deal["expected_close_on"] is not None:
        yield f"closes {spoken(deal['expected_close_on'])}"
    yield f"as of {long_day(page.review.header.as_of)}"


def amount_text(page: CardPage, deal: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the deal is worth; of a currency that nobody named the number alone."""
    facts, reporting = page.card.facts, page.review.header.reporting_currency
    amount = facts.get("amount", deal["amount_minor"])
    assumed = reporting if facts.get("amount_reporting", amount) is not None else None
    if amount is not None:
        yield format_money(amount, deal["currency"] or assumed)


# --- how it adds up ------------------------------------------------------------------------------


def _sum(page: CardPage) -> Iterator[Text]:
    card = page.card
    if card.score is None:
        return
    text = f"  {tenths(card.score)} kept, {tenths(round(100 - card.score, 1))} lost"
    room = max(page.width - len(text), 10)
    kept = round(room * card.score / 100)
    yield line((KEPT * kept, "green"), (LOST * (room - kept), "red"), text)
    yield from paragraph(by_pack(card), page.width, style="dim")


def by_pack(card: Scorecard) -> str:
    """Return the score of each pack and how much of the weight is decided."""
    parts = [
        f"{d.name} {whole(d.score)}" if d.score is not None else f"{d.name} not decided"
        for d in card.dimensions
        if d.lower is not None
    ]
    decided = (
        "" if card.coverage is None else f"; {spoken(card.coverage, 'share')} of the weight decided"
    )
    return ", ".join(parts) + decided


# --- verdicts ------------------------------------------------------------------------------------


def _strengths(page: CardPage) -> Iterator[Text]:
    found = page.card.with_outcome(Outcome.STRENGTH)
    if found:
        yield from _heading(page, "GOING WELL")
    for verdict in found:
        yield from _finding(page, verdict, "")


def _costs(page: CardPage) -> Iterator[Text]:
    found = page.card.with_outcome(Outcome.RISK, Outcome.WATCH)
    if not found:
        return
    has_score = page.card.kind.has_score
    title = COSTS.get(page.card.kind, "WHAT TO TALK ABOUT")
    yield from _heading(page, title, "points lost" if has_score else "")
    for family in families(found):
        yield from _finding(page, family[0], _minus(family[0].points_lost))
        yield from _question(page, family[0])
        for other in family[1:]:
            yield from _folded(page, other)


def families(verdicts: Iterable[Verdict]) -> list[list[Verdict]]:
    """Return verdicts grouped by family, the heaviest first; one without a family stands alone."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.family or verdict.check, []).append(verdict)
    return list(found.values())


def _minus(points: float | None) -> str:
    return f"{MINUS}{tenths(points)}" if points else ""


def _finding(page: CardPage, verdict: Verdict, points: str) -> Iterator[Text]:
    """Yield what a check says, with its points at the right end, then what was expected."""
    shape, style = OUTCOME_MARKS[verdict.outcome]
    first, *rest = wrap(verdict.message or verdict.check, page.width - 4 - len(points) - 2) or [""]
    left = line((f"{shape} ", style), (first, "bold"), indent=2)
    yield from sides(left, line((points, "bold")), page.width)
    yield from (line((part, "bold"), indent=4) for part in rest)
    yield from _with_check(page, held_against(verdict), verdict.check)


def held_against(verdict: Verdict) -> str:
    """Return actual against expected and the money at risk, as far as there is any."""
    parts = []
    if verdict.actual is not None and verdict.expected is not None:
        parts.append(f"{spoken_quantity(verdict.actual)}; {spoken_limit(verdict.expected)}")
    if verdict.money_at_risk is not None:
        parts.append(spoken_money(verdict.money_at_risk))
    return "; ".join(parts)


def _with_check(page: CardPage, text: str, check: str) -> Iterator[Text]:
    parts = wrap(text, page.width - 4)
    yield from (line(part, indent=4) for part in parts[:-1])
    if not parts:
        yield line((check, "dim"), indent=4)
        return
    left, right = line(parts[-1], indent=4), line((check, "dim"))
    if left.cell_len + right.cell_len + 2 <= page.width:
        yield from sides(left, right, page.width)
    else:
        yield left
        yield line((check, "dim"), indent=4)


def _question(page: CardPage, verdict: Verdict) -> Iterator[Text]:
    lead = (f"{ASKED} ", "")
    yield from paragraph(verdict.question, page.width, indent=4, hang=2, style="italic", lead=lead)


def _folded(page: CardPage, verdict: Verdict) -> Iterator[Text]:
    slug = verdict.check.partition("/")[2]
    text = f"with {slug}: {verdict.message}" if verdict.message else f"with {slug}"
    points = _minus(verdict.points_lost)
    first, *rest = wrap(text, page.width - 4 - len(points) - 2)
    yield from sides(line((first, "dim"), indent=4), line((points, "dim")), page.width)
    yield from (line((part, "dim"), indent=6) for part in rest)


def _errors(page: CardPage) -> Iterator[Text]:
    found = page.card.with_outcome(Outcome.ERROR)
    if found:
        yield from _heading(page, "WHAT WENT WRONG", "points open")
    for verdict in found:
        yield from _finding(page, verdict, tenths(verdict.points_open))


def _unknown(page: CardPage) -> Iterator[Text]:
    found = page.card.with_outcome(Outcome.INSUFFICIENT_DATA)
    if found:
        has_score = page.card.kind.has_score
        yield from _heading(page, "WHAT WE DO NOT KNOW", "points open" if has_score else "")
    shape, style = OUTCOME_MARKS[Outcome.INSUFFICIENT_DATA]
    for verdict in found:
        check = line((verdict.check, "dim"), (f"{tenths(verdict.points_open):>7}", "bold"))
        parts = wrap(what_lacks(verdict), page.width - 4)
        for number, part in enumerate(parts):
            left = line(" " if number else (shape, style), f" {part}", indent=2)
            last = number == len(parts) - 1
            yield from sides(left, check, page.width) if last else [left]


def what_lacks(verdict: Verdict) -> str:
    """Return what a verdict could not be decided for want of."""
    names = dict.fromkeys(map(unpaired, verdict.missing))
    missing = f"missing: {', '.join(names)}" if names else ""
    return "; ".join(filter(None, (verdict.message, missing))) or "not decided"


def _not_reviewed(page: CardPage) -> Iterator[Text]:
    found = page.card.not_reviewed
    if not found:
        return
    yield from _heading(page, "NOT REVIEWED")
    if page.everything:
        rows = [(missing.check, f"needs {', '.join(missing.needs)}") for missing in found]
        yield from table(rows, page.width, indent=2)
        return
    needs = dict.fromkeys(need for missing in found for need in missing.needs)
    verb = "needs" if len(found) == 1 else "need"
    text = f"{counted(len(found), 'check')} {verb} {', '.join(list(needs)[:4])}"
    more = f" and {len(needs) - 4} more" if len(needs) > 4 else ""
    yield from paragraph(text + more, page.width, indent=2, hang=2)


def _quiet(page: CardPage) -> Iterator[Text]:
    if not page.everything:
        return
    for outcome, title in ((Outcome.PASS, "PASSED"), (Outcome.NOT_APPLICABLE, "DOES NOT APPLY")):
        found = sorted(page.card.with_outcome(outcome), key=lambda verdict: verdict.check)
        if found:
            yield from _heading(page, title)
            rows = [(f"{OUTCOME_MARKS[outcome][0]} {v.check}", v.message) for v in found]
            yield from table(rows, page.width, indent=2)


def _facts(page: CardPage) -> Iterator[Text]:
    if not page.everything:
        return
    known = {k: v for k, v in page.card.facts.items() if k not in _BASE and k in page.facts}
    if known:
        yield from _heading(page, "FACTS")
        rows = [(name, fact_text(page, page.facts[name], known[name])) for name in sorted(known)]
        yield from table(rows, page.width, indent=2)


def fact_text(page: CardPage, fact: Fact, value: object) -> str:
    """Return a fact's value with its unit."""
    if fact.type != "money":
        return spoken(value, fact.unit)
    own = page.card.facts.get("currency") if fact.unit != "reporting currency" else None
    return spoken(value, f"{own or page.review.header.reporting_currency} minor units")


def _next(page: CardPage) -> Iterator[Text]:
    if page.everything:
        return
    found: Sequence[Verdict] = page.card.with_outcome(Outcome.RISK, Outcome.WATCH)
    yield from paragraph(
        f"dealreview show {subject_name(page.card)} --all",
        page.width,
        indent=2,
        lead=("next  ", "dim"),
    )
    if found:
        yield line(f"dealreview explain {found[0].check}", indent=8)
