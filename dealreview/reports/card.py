"""A scorecard in a terminal: how it adds up, what is good, what could cost us, what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.model.money import format_money
from dealreview.model.outcome import DECIDED, Band, Kind, Outcome
from dealreview.reports.card_findings import FOUND, could_be, explain_command, show_all
from dealreview.reports.gaps import unpaired
from dealreview.reports.layout import line, paragraph, shortened, sides, spaced, table
from dealreview.reports.marks import BAND_MARKS, KEPT, LOST, OUTCOME_MARKS
from dealreview.reports.quantities import counted, in_plain_words, long_day, spoken, tenths, whole
from dealreview.reports.text import (
    FOR_COACHING,
    heading,
    incomplete,
    problem_lines,
    subject_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.text import Text

    from dealreview.checks.facts import Fact
    from dealreview.engine.review import Review
    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Verdict
    from dealreview.reports.names import NameBook

_BASE = frozenset({"id", "name", "day", "currency", "closed"})
_SAID = ("_words", "_told", "_label", "_basis", "_as_of", "_unknown")
"""Ends of the names of texts that are made for messages."""
_YES_NO = ("is_", "has_", "maybe_")
"""Beginnings of the names of facts that are yes or no, be it as 1 or 0 to be counted with."""


@frozen
class CardPage:
    """What shapes a printed scorecard beside the card itself.

    Attributes:
        card: The scorecard.
        review: The review that it is from.
        names: Names and stages.
        width: Columns.
        everything: Whether passes, what does not apply and all facts are printed too.
        options: Options that the next command needs too, such as the database.
    """

    card: Scorecard
    review: Review
    names: NameBook
    width: int = 80
    everything: bool = False
    options: str = ""

    @property
    def facts(self) -> Mapping[str, Fact]:
        """Descriptions of the subject's facts."""
        return self.review.kinds[self.card.kind].facts


def card_text(page: CardPage) -> Iterator[Text]:
    """Yield the lines of a scorecard."""
    sections = (
        _header,
        _problems,
        _sum,
        *FOUND,
        _not_reviewed,
        _quiet,
        _facts,
        _unknown_facts,
        _next,
    )
    yield from spaced(section(page) for section in sections)


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
    yield from paragraph(benchmarks_told(page), page.width, style="dim")


def _problems(page: CardPage) -> Iterator[Text]:
    """Yield what the whole run lacks: it may be missing from this card."""
    yield from problem_lines(page.review.errors, page.width)
    yield from paragraph(incomplete(page.review), page.width, style="bold")


def _rating(page: CardPage) -> Text:
    card = page.card
    if not card.kind.has_score:
        return line(("for coaching", "dim"))
    mark = BAND_MARKS[card.band]
    score = "" if card.band is Band.UNRATED else f"  {whole(card.score)}"
    return line((f"{mark.shape} {mark.word}", mark.colour), (score, "bold"))


def bounds_text(page: CardPage) -> str:
    """Return score bounds for people; nothing where there is no score."""
    card = page.card
    if not card.kind.has_score or card.lower is None:
        return ""
    if card.lower == card.upper:
        return "no gaps"
    if card.band is Band.UNRATED:
        return f"{whole(card.lower)}–{whole(card.upper)}, too little is decided"
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


def benchmarks_told(page: CardPage) -> str:
    """Return whose benchmarks a subject that was judged alone is held against; nothing in a review."""
    source = page.review.benchmarks_from
    return "" if source is None else source.told


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
    text = f"  {kept_text(card)}"
    room = max(page.width - len(text), 10)
    kept = round(room * card.score / 100)
    yield line((KEPT * kept, "green"), (LOST * (room - kept), "red"), text)
    yield from paragraph(by_pack(card), page.width, style="dim")


def kept_text(card: Scorecard) -> str:
    """Return what is kept and lost, and of how little that is said where a card is unrated."""
    if card.score is None:
        return "Nothing is decided"
    text = f"{tenths(card.score)} kept, {tenths(round(100 - card.score, 1))} lost"
    return f"{text} of what is decided" if card.band is Band.UNRATED else text


def by_pack(card: Scorecard) -> str:
    """Return the score of each pack, how much of the weight is decided and by how many checks."""
    parts = [
        f"{d.name} {whole(d.score)}" if d.score is not None else f"{d.name} not decided"
        for d in card.dimensions
        if d.lower is not None
    ]
    return "; ".join(filter(None, (", ".join(parts), _decided(card))))


def _decided(card: Scorecard) -> str:
    """Return how much of the weight is decided and by how many checks: few make a hard number."""
    if card.coverage is None:
        return ""
    count = sum(bool(v.severity.weight) and v.outcome in DECIDED for v in card.verdicts)
    by_checks = f" by {counted(count, 'check')}" if count else ""
    return f"{_share(card.coverage)} of the weight decided{by_checks}"


def _share(coverage: float) -> str:
    """Return a share in whole percent; what is nearly all or nearly nothing is not called so."""
    percent = int(coverage * 100 + 0.5)
    return f"{min(max(percent, 1), 99) if 0 < coverage < 1 else percent}%"


# --- the rest -------------------------------------------------------------------------------------


def _not_reviewed(page: CardPage) -> Iterator[Text]:
    found = page.card.not_reviewed
    if not found:
        return
    yield from heading("NOT REVIEWED")
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
            yield from heading(title)
            rows = [(f"{OUTCOME_MARKS[outcome].shape} {v.check}", quiet_text(v)) for v in found]
            yield from table(rows, page.width, indent=2)


def quiet_text(verdict: Verdict) -> str:
    """Return what a check says that found nothing, and what would make a pass a strength."""
    return "; ".join(filter(None, (verdict.message, could_be(verdict))))


def _facts(page: CardPage) -> Iterator[Text]:
    known, _unknown = facts_of(page) if page.everything else ({}, [])
    if known:
        yield from heading("FACTS")
        yield from table(known.items(), page.width, indent=2)


def _unknown_facts(page: CardPage) -> Iterator[Text]:
    _known, unknown = facts_of(page) if page.everything else ({}, [])
    if unknown:
        yield from heading("FACTS THAT ARE UNKNOWN HERE")
        yield from paragraph(", ".join(unknown), page.width, indent=2)


def facts_of(page: CardPage) -> tuple[dict[str, str], list[str]]:
    """Return what is known of a subject, and what is not; both ends of an interval as one.

    Left out are texts made for messages, which the findings have said, and empty lists of ids.
    """
    known: dict[str, str] = {}
    unknown: list[str] = []
    for name in sorted(unpaired_names(page)):
        text = _fact_of(page, name)
        if text is None:
            unknown.append(name)
        elif text:
            known[name] = text
    return known, unknown


def unpaired_names(page: CardPage) -> set[str]:
    """Return the names of the facts of a card, ends of an interval by what they have in common."""
    names = {name for name in page.card.facts if name not in _BASE and name in page.facts}
    said = {name for name in names if name.endswith(_SAID) and page.facts[name].type == "text"}
    return {_interval(name, names) or name for name in names - said}


def _interval(name: str, names: set[str]) -> str:
    """Return what both ends of an interval are called; nothing for what has no other end."""
    shared = unpaired(name)
    return shared if {f"{shared}_lo", f"{shared}_hi"} <= names else ""


def _fact_of(page: CardPage, name: str) -> str | None:
    """Return a fact's value for people; None for unknown, nothing for an empty one."""
    facts = page.card.facts
    ends = [name] if name in facts else [f"{name}_lo", f"{name}_hi"]
    texts = [
        None if facts[end] is None else fact_text(page, page.facts[end], facts[end]) for end in ends
    ]
    if all(facts[end] in ((), [], "") or _is_half(page.facts[end], facts[end]) for end in ends):
        return ""
    if len(set(texts)) == 1:
        return texts[0]
    low, high = texts
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"{low} to {high}"


def _is_half(fact: Fact, value: object) -> bool:
    """Whether a text of ours begins in mid-sentence, as in ``; 1 meeting``: it is made for a message."""
    if fact.origin or not isinstance(value, str):
        return False
    return not value[:1].isalnum()


def fact_text(page: CardPage, fact: Fact, value: object) -> str:
    """Return a fact's value with its unit."""
    if isinstance(value, list | tuple):
        return ", ".join(_member(page, str(one)) for one in value) or "none"
    if fact.type == "text" and fact.name.endswith("_id") and value is not None:
        return page.names(str(value))
    if fact.type in {"enum", "text"} and isinstance(value, str):
        return in_plain_words(value)
    if fact.type != "money":
        is_flag = value in {0, 1} and not fact.unit and fact.name.startswith(_YES_NO)
        return spoken(bool(value) if is_flag else value, fact.unit)
    own = page.card.facts.get("currency") if fact.unit != "reporting currency" else None
    return spoken(value, f"{own or page.review.header.reporting_currency} minor units")


def _member(page: CardPage, text: str) -> str:
    """Return one of a list by its name; of days counted by stage, as in ``crm:s4: 31``, with them."""
    stage, _, days = text.rpartition(": ")
    if stage in page.names.stages:
        return f"{page.names.stages[stage][0]}: {days}"
    return in_plain_words(page.names(text))


def _next(page: CardPage) -> Iterator[Text]:
    """Yield what to type for more."""
    if page.everything:
        return
    card = page.card
    found = card.with_outcome(Outcome.RISK, Outcome.WATCH)
    found = found or card.with_outcome(Outcome.INSUFFICIENT_DATA)
    commands = [show_all(card), *map(explain_command, found[:1])]
    for number, text in enumerate(commands):
        lead = "" if number else ("next  ", "dim")
        indent = 8 if number else 2
        command = f"{text}{page.options}"
        yield from paragraph(command, page.width, indent=indent, hang=8 - indent, lead=lead)
