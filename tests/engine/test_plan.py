"""What a run needs, and what it can't look at."""

from __future__ import annotations

from typing import Annotated, Any

from dealreview import Columns, Deal, Fact, Param, Rules, Verdict, check, facts
from dealreview.engine.config import Config, Override
from dealreview.engine.plan import Plan, make_plan
from dealreview.engine.selection import make_selection
from dealreview.model.outcome import Kind
from tests.support.packs import accepted

ASK = ["What changed?"]


@facts(
    "deal",
    Fact("acme_hours", "real", "Hours.", requires=["time_entries.hours"]),
    Fact("acme_cost", "money", "Cost.", requires=[("account_months", "deals.cost_to_serve_minor")]),
    Fact("acme_amount", "money", "Amount."),
    Fact("acme_big", "bool", "Big."),
    Fact("acme_owner", "text", "Owner."),
)
def given(inputs: Any) -> Any:
    """Facts of deals."""


@facts("account", Fact("acme_amount", "money", "Amount."))
def of_accounts(inputs: Any) -> Any:
    """Facts of accounts."""


def rule(check_id: str, make: Any, **options: Any) -> Any:
    """Return a check over columns that returns what ``make`` does."""

    def function(d: Columns) -> Any:
        """A deal is in order."""
        return make(d)

    return check.columns(check_id, **{"ask": ASK, **options})(function)


HOURS = rule("acme/hours", lambda d: Rules(watch=d.acme_hours > 9, message="x"))
COST = rule("acme/cost", lambda d: Rules(risk=d.acme_cost > d.acme_amount, message="x"))


def plan(*checks: Any, recorded: tuple[str, ...] = (), config: Config | None = None) -> Plan:
    """Return the plan of a run of the checks."""
    registry = accepted(given, of_accounts, *checks)
    return make_plan(registry, make_selection(registry, config or Config()), frozenset(recorded))


def reviewed(found: Plan, kind: Kind = Kind.DEAL) -> list[str]:
    """Return the checks that are asked."""
    return [c.id for c in found.checks[kind]]


def left_out(found: Plan, kind: Kind = Kind.DEAL) -> dict[str, tuple[str, ...]]:
    """Return what each check that is not reviewed would need."""
    return {one.check: one.needs for one in found.not_reviewed[kind]}


def test_a_check_over_what_is_not_recorded() -> None:
    """It is not asked; what would have to be recorded is said, and its facts are not computed."""
    found = plan(HOURS)
    assert (reviewed(found), left_out(found)) == ([], {"acme/hours": ("time_entries.hours",)})
    assert found.wanted == frozenset()
    assert reviewed(plan(HOURS, recorded=("time_entries.hours",))) == ["acme/hours"]
    assert left_out(plan(HOURS, recorded=("time_entries",))) != {}


def test_one_of_several_will_do() -> None:
    """Of alternatives one is enough; when none is there they are named together."""
    assert left_out(plan(COST)) == {"acme/cost": ("account_months or deals.cost_to_serve_minor",)}
    assert reviewed(plan(COST, recorded=("account_months",))) == ["acme/cost"]
    assert reviewed(plan(COST, recorded=("deals.cost_to_serve_minor",))) == ["acme/cost"]


def test_required_checks() -> None:
    """A required check is asked anyway; it will say that the data is insufficient."""
    config = Config(required_checks=("acme/hours",))
    found = plan(HOURS, COST, config=config)
    assert (reviewed(found), list(left_out(found))) == (["acme/hours"], ["acme/cost"])


def test_what_a_check_requires_itself() -> None:
    """A check may name what must be recorded beyond its facts."""
    amount = rule(
        "acme/amount",
        lambda d: Rules(watch=d.acme_amount > 5, message="x"),
        requires=["stakeholders", "time_entries.hours"],
    )
    assert left_out(plan(amount)) == {"acme/amount": ("stakeholders", "time_entries.hours")}


def test_a_fact_that_only_praises_or_is_only_printed_is_not_needed() -> None:
    """What decides a strength or a message may be missing; it is computed all the same."""
    praised = rule(
        "acme/praised",
        lambda d: Rules(
            watch=d.acme_amount > 5, strength=d.acme_hours < 1, message="{acme_cost:money}"
        ),
    )
    found = plan(praised)
    assert reviewed(found) == ["acme/praised"]
    assert {name for _, name in found.wanted} == {"acme_amount", "acme_hours", "acme_cost"}


def test_a_function_needs_what_it_needs() -> None:
    """What a function only reads may be unrecorded."""

    @check("acme/reads", needs=["acme_amount"], reads=["acme_hours"], ask=ASK)
    def reads(deal: Deal) -> Verdict:
        """A deal is in order."""
        return Verdict.passed()

    @check("acme/needs", needs=["acme_hours"], ask=ASK)
    def needs(deal: Deal) -> Verdict:
        """A deal is in order."""
        return Verdict.passed()

    found = plan(reads, needs)
    assert reviewed(found) == ["acme/reads"]
    assert left_out(found) == {"acme/needs": ("time_entries.hours",)}
    assert {name for _, name in found.wanted} == {"acme_amount", "acme_hours"}


def test_kinds_are_planned_on_their_own() -> None:
    """A check on two kinds may be reviewed on one, and facts of one are not those of the other."""
    amount = rule(
        "acme/amount", lambda d: Rules(watch=d.acme_amount > 5, message="x"), on=["deal", "account"]
    )
    found = plan(amount)
    assert found.wanted == {(Kind.DEAL, "acme_amount"), (Kind.ACCOUNT, "acme_amount")}
    assert reviewed(found, Kind.ACCOUNT) == ["acme/amount"]


def test_checks_that_go_on_after_closing() -> None:
    """Their facts are computed as of the review's date, on deals only."""
    amount = rule(
        "acme/amount",
        lambda d: Rules(watch=d.acme_amount > 5, message="x"),
        on=["deal", "account"],
        after_close=True,
    )
    found = plan(amount)
    assert found.live == {(Kind.DEAL, "acme_amount")}
    assert found.wanted == {(Kind.ACCOUNT, "acme_amount")}


def test_facts_of_overrides() -> None:
    """A condition of an override is computed for the frozen and for the live view."""
    amount = rule("acme/amount", lambda d: Rules(watch=d.acme_amount > 5, message="x"))
    late = rule(
        "acme/late", lambda d: Rules(watch=d.acme_amount > 5, message="x"), after_close=True
    )
    settings = {"acme/amount": {"severity": "info"}, "acme/late": {"severity": "info"}}
    config = Config(overrides=(Override("acme_big", Kind.DEAL, settings),))
    found = plan(amount, late, config=config)
    assert (Kind.DEAL, "acme_big") in found.wanted
    assert (Kind.DEAL, "acme_big") in found.live


def test_facts_under_other_parameters() -> None:
    """A check that reads other facts under the parameters of an override gets them too."""

    @check.columns("acme/turns", ask=ASK)
    def turns(
        d: Columns, *, strict: Annotated[int, Param("Look at the owner", ge=0, le=1)] = 0
    ) -> Rules:
        """A deal is in order."""
        return Rules(watch=d.acme_owner == "x" if strict else d.acme_big, message="x")

    settings = {"acme/turns": {"strict": 1}}
    config = Config(overrides=(Override("acme_amount > 3", Kind.DEAL, settings),))
    assert {name for _, name in plan(turns, config=config).wanted} == {
        "acme_big",
        "acme_owner",
        "acme_amount",
    }


def test_a_check_that_fails_under_its_parameters_is_asked() -> None:
    """Evaluation will name it; it must not disappear as not reviewed."""
    calls: list[int] = []

    def once(d: Columns) -> Rules:
        calls.append(1)
        if len(calls) > 1:
            raise SystemExit(3)
        return Rules(watch=d.acme_hours > 9, message="x")

    assert reviewed(plan(rule("acme/once", once))) == ["acme/once"]
