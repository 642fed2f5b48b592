"""The demo company as it happened."""

import datetime as dt
from collections import Counter

import pytest

from dealreview.demo.company.customers import CUSTOMERS, INCIDENTS
from dealreview.demo.company.days import AS_OF, ago
from dealreview.demo.company.plans import PLANS
from dealreview.demo.company.staff import DIVERSIONS, PEOPLE, REPS, TEAMS
from dealreview.demo.world import World, make_world
from dealreview.demo.world.groups import engaged, group
from dealreview.demo.world.prices import goods, invoice, pocket, steps

AWKWARD_ID = "605e2246"
"""An id that a spreadsheet would read as a number with an exponent."""


@pytest.fixture(scope="module", name="world")
def made_world() -> World:
    """The world, made once."""
    return make_world()


def test_the_world_is_the_same_each_time(world: World) -> None:
    """Nothing but the fixed seed decides what the company looks like."""
    assert make_world() == world


def test_the_company_has_the_promised_size(world: World) -> None:
    """Forty accounts, some 300 deals over two years, twelve reps in three teams with leaders."""
    assert len(CUSTOMERS) == 40
    assert 290 <= len(world.deals) <= 320
    assert 55 <= sum(1 for deal in world.deals if deal.plan) <= 70
    assert min(deal.closed for deal in world.deals if deal.closed) < ago(640)
    assert len(REPS) == 12
    assert Counter(rep.team for rep in REPS) == {"T1": 4, "T2": 4, "T3": 4}
    leads = {person.login for person in PEOPLE if person.role == "Team lead"}
    assert {team.lead for team in TEAMS} == leads


def test_sums_are_those_of_such_a_company(world: World) -> None:
    """About half of the deals are won, none is larger than a customer can be."""
    won = [deal for deal in world.deals if deal.is_won]
    lost = [deal for deal in world.deals if deal.loss]
    assert 0.4 < len(won) / (len(won) + len(lost)) < 0.65
    assert all(15_000_00 <= deal.list_price <= 550_000_00 for deal in world.deals)
    assert sum(customer.revenue for customer in CUSTOMERS) < 12_000


def test_deal_ids_and_names_are_distinct(world: World) -> None:
    """No two deals share an id or a name, and one id would become infinity in a spreadsheet."""
    ids = [deal.deal_id for deal in world.deals]
    assert len(set(ids)) == len(ids)
    assert len({deal.name for deal in world.deals}) == len(ids)
    assert AWKWARD_ID in ids
    assert float(AWKWARD_ID) == float("inf")


def test_nothing_happens_after_the_day_of_the_review(world: World) -> None:
    """Deals are created and closed on or before it; planned meetings alone lie ahead."""
    assert all(deal.created < AS_OF for deal in world.deals)
    assert all(deal.closed < AS_OF for deal in world.deals if deal.closed)
    assert all(event.status == "planned" for _, event in world.events if event.is_ahead)


def test_a_life_goes_from_creation_to_the_present_stage(world: World) -> None:
    """Stages are entered in order of time, the first with the deal, the last as planned."""
    for deal in world.deals:
        days = [day for _, day in deal.life.entries]
        assert days == sorted(days)
        assert days[0] == deal.created
        assert deal.life.stage_on(deal.end) == deal.life.stage
        assert deal.plan is None or deal.plan.stage == deal.life.stage


def test_what_a_deal_was_before_is_known(world: World) -> None:
    """An earlier day shows the date that the customer was expected to sign on then."""
    pushed = next(deal for deal in world.deals if deal.deal_id == AWKWARD_ID)
    now = pushed.life.expected
    assert now == ago(4)
    assert pushed.life.value_on("Close date", now, ago(30)) == now - dt.timedelta(days=21)
    assert pushed.life.value_on("Close date", now, ago(100)) == now - dt.timedelta(days=79)


def test_margins_are_those_of_the_plan(world: World) -> None:
    """What is left of a price after goods and service is the contribution that was planned."""
    for deal in world.deals:
        cost = goods(deal, 0.1) if deal.quoted_on else None
        if cost is not None and deal.margin is not None:
            left = 1 - cost / pocket(deal) - 0.1
            assert left == pytest.approx(deal.margin, abs=0.001)


def test_steps_lead_from_list_to_invoice_price(world: World) -> None:
    """What is on the invoice is the list price less the steps that it shows."""
    for deal in world.deals:
        shown = sum(step.cents for step in steps(deal) if step.place == "on_invoice")
        if deal.quoted_on:
            assert invoice(deal, AS_OF) == pytest.approx(deal.list_price - shown, abs=1)


def test_people_of_a_deal_are_people_of_its_customer(world: World) -> None:
    """Those engaged are in the group, and everybody works for the account."""
    for deal in world.deals:
        contacts = world.group_of(deal)
        assert set(engaged(deal, contacts)) <= set(group(deal, contacts)) <= set(contacts)


def test_plans_are_for_people_and_customers_that_exist() -> None:
    """Every name in a table stands for somebody."""
    logins, numbers = {person.login for person in PEOPLE} | {""}, {c.number for c in CUSTOMERS}
    assert {plan.owner for plan in PLANS} <= logins
    assert {plan.customer for plan in PLANS} | {one.customer for one in INCIDENTS} <= numbers
    assert {customer.owner for customer in CUSTOMERS} <= logins
    assert {login for diversion in DIVERSIONS for login in diversion.people} <= logins


def test_a_diverted_team_begins_fewer_deals(world: World) -> None:
    """In the weeks after the warehouse moved, team South created less than half of what it did before."""
    south = {person.login for person in PEOPLE if person.team == "T2"}
    days = [deal.created for deal in world.deals if deal.owner in south]
    before = sum(1 for day in days if dt.date(2026, 5, 11) <= day < dt.date(2026, 8, 3)) / 12
    after = sum(1 for day in days if dt.date(2026, 8, 17) <= day < dt.date(2026, 9, 14)) / 4
    assert after < before / 2


def test_weeks_have_forty_hours(world: World) -> None:
    """Whoever fills in a week fills in all of it, to a quarter of an hour a customer."""
    weeks: Counter[tuple[str, dt.date]] = Counter()
    for entry in world.hours:
        monday = entry.week - dt.timedelta(days=entry.week.weekday())
        weeks[entry.person, monday] += round(entry.hours * 4)
    assert all(156 <= quarters <= 162 for quarters in weeks.values())
    assert max(entry.hours for entry in world.hours) <= 24
