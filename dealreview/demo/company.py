"""The demo company as it is meant to be: who, what, and what a review should find there.

Everything here is invented. Sums are in euros, shares are of one, days are counted from the day of
the review.
"""

from __future__ import annotations

import datetime as dt

from attrs import frozen

SEED = 20261113
AS_OF = dt.date(2026, 11, 13)
"""A Friday: the last four complete weeks are those from 12 October to 8 November."""

SEEN_FROM = dt.date(2023, 11, 1)
"""First month in the files of the finance department: won deals are judged by the year before them."""

DIVERTED = (dt.date(2026, 10, 19), dt.date(2026, 10, 30))
"""Two weeks in which team South helped to clear a backlog of orders."""


@frozen
class Person:
    """Somebody of ours.

    Attributes:
        login: Key in every system.
        name: Name, by which the CRM knows them.
        role: Role as the directory writes it.
        team: Team.
        operations: Share of a usual week that goes into operations and service.
        diverted: Hours a day during the diversion.
        recorded: Share of days with a time sheet.
    """

    login: str
    name: str
    role: str
    team: str
    operations: float = 0.0
    diverted: float = 0.0
    recorded: float = 1.0


@frozen
class Customer:
    """An account with its money.

    Attributes:
        number: Key, with the zeros in front that spreadsheets like to drop.
        name: Name.
        segment: Segment.
        employees: Number of employees.
        revenue: Revenue of the last 12 months in euros.
        off_invoice: Rebates and freight as a share of revenue.
        goods: Cost of goods as a share of revenue.
        service: Cost to serve as a share of revenue.
        is_key: Whether it is run as a key account.
        months_without_cost: Latest months for which finance has not booked the cost of goods.
    """

    number: str
    name: str
    segment: str
    employees: int
    revenue: int
    off_invoice: float
    goods: float
    service: float
    is_key: bool = False
    months_without_cost: int = 0


@frozen
class Plan:
    """An open deal.

    Attributes:
        name: Name.
        customer: Number of the account.
        owner: Login of the owner.
        stage: Stage.
        list_price: List price in euros.
        age: Days since it was created.
        closes_in: Days to the expected close; negative has passed, None is the CRM's 31.12.9999.
        engaged: People of the customer who talked with us in the last 45 days.
        discount: Share of the list price.
        margin: Contribution as a share of the pocket price; None where the cost was never entered.
        quoted: Whether the quoting tool has lines.
        nameless: Whether a meeting was recorded without its participants.
    """

    name: str
    customer: str
    owner: str
    stage: str
    list_price: int
    age: int
    closes_in: int | None
    engaged: int
    discount: float = 0.0
    margin: float | None = 0.0
    quoted: bool = True
    nameless: bool = False


PEOPLE = (
    Person("r.meier", "Ruth Meier", "Team lead", "North"),
    Person("m.aalto", "Mira Aalto", "Sales", "North", operations=0.02),
    Person("j.petri", "Jonas Petri", "Sales", "North", operations=0.08),
    Person("l.haddad", "Leila Haddad", "Sales", "North", operations=0.06, recorded=0.4),
    Person("p.conti", "Paolo Conti", "Team lead", "South"),
    Person("t.okafor", "Tom Okafor", "Sales", "South", operations=0.05, diverted=5.5),
    Person("e.brandt", "Elsa Brandt", "Sales", "South", operations=0.10, diverted=7.5),
    Person("n.varga", "Nico Varga", "Sales", "South", operations=0.04, diverted=2.5),
)

CUSTOMERS = (
    Customer("001001", "Ostmark Presses", "Mid-market", 240, 420_000, 0.03, 0.46, 0.08),
    Customer("001002", "Brinkfeld Dairy", "Enterprise", 1900, 640_000, 0.09, 0.60, 0.52, True),
    Customer("001003", "Calder Ports", "Enterprise", 3200, 820_000, 0.04, 0.50, 0.08, True),
    Customer("001004", "Vesterholm Paper", "Enterprise", 1400, 340_000, 0.06, 0.58, 0.19, True),
    Customer("001005", "Quillon Foods", "Mid-market", 410, 380_000, 0.03, 0.49, 0.08),
    Customer("001006", "Marienwerk Castings", "Mid-market", 320, 310_000, 0.03, 0.50, 0.08),
    Customer("001007", "Sundby Logistics", "Enterprise", 2100, 360_000, 0.05, 0.52, 0.14, True, 3),
    Customer("001008", "Aldous Brewing", "Mid-market", 150, 260_000, 0.03, 0.52, 0.08),
    Customer("001009", "Ferrand Glass", "Mid-market", 190, 210_000, 0.03, 0.50, 0.09),
    Customer("001010", "Kestrel Mills", "Mid-market", 130, 190_000, 0.03, 0.52, 0.09),
    Customer("001011", "Tarnow Chemicals", "Mid-market", 520, 230_000, 0.08, 0.74, 0.56),
    Customer("001012", "Pikes Bakery", "Mid-market", 3, 18_000, 0.02, 0.55, 0.10),
)  # fmt: skip

STAGES = ("Qualification", "Discovery", "Evaluation", "Proposal", "Negotiation", "Verbal yes")

# fmt: off
PLANS = (
    Plan("Packing hall 2", "001011", "e.brandt", "Proposal", 148_000, 121, -4, 1, 0.27, 0.11),
    Plan("Sorting hall", "001003", "m.aalto", "Negotiation", 520_000, 110, 21, 6, 0.06, 0.55),
    Plan("Line 4 controls", "001001", "t.okafor", "Proposal", 286_000, 96, -9, 1, 0.14, 0.43),
    Plan("Cold store retrofit", "001002", "e.brandt", "Negotiation", 412_000, 140, 12, 2, 0.22, -0.08),
    Plan("Service renewal", "001002", "e.brandt", "Proposal", 190_000, 55, 33, 3, 0.18, 0.03),
    Plan("Crane drives", "001003", "m.aalto", "Evaluation", 175_000, 60, 70, 3, quoted=False),
    Plan("Conveyor spares", "001007", "m.aalto", "Verbal yes", 58_000, 45, 6, 3, 0.07, 0.44),
    Plan("Furnace fans", "001006", "j.petri", "Proposal", 96_000, 75, 30, 3, 0.10, 0.33),
    Plan("Filling line upgrade", "001005", "j.petri", "Proposal", 132_000, 82, 18, 5, 0.09, 0.46),
    Plan("Mixer control", "001005", "j.petri", "Discovery", 110_000, 30, 90, 2, quoted=False),
    Plan("Bottle washer", "001008", "l.haddad", "Negotiation", 88_000, 66, 9, 2, 0.12, 0.41),
    Plan("Glass cooling", "001009", "l.haddad", "Proposal", 121_000, 58, -3, 3, 0.11, None),
    Plan("Hall ventilation", "001001", "l.haddad", "Discovery", 150_000, 25, 120, 1, quoted=False),
    Plan("Roller mill drives", "001010", "n.varga", "Proposal", 74_000, 90, 14, 1, 0.13, 0.36, nameless=True),
    Plan("Paper machine 3", "001004", "n.varga", "Evaluation", 340_000, 50, 110, 1, quoted=False),
    Plan("Dosing pumps", "001011", "n.varga", "Proposal", 67_000, 70, -8, 2, 0.19, 0.20),
    Plan("Oven line", "001012", "t.okafor", "Proposal", 22_000, 40, 20, 1, 0.05, 0.34),
    Plan("Yard sensors", "001007", "t.okafor", "Qualification", 64_000, 20, None, 1, quoted=False),
    Plan("Press monitoring", "001001", "r.meier", "Evaluation", 205_000, 231, 45, 3, quoted=False),
)
# fmt: on

WON_MARGINS = (
    0.18, 0.22, 0.27, 0.29, 0.31, 0.33, 0.34, 0.36, 0.37, 0.38, 0.39,
    0.40, 0.41, 0.42, 0.43, 0.44, 0.45, 0.47, 0.49, 0.51, 0.53, 0.56,
)  # fmt: skip
"""Contribution of the deals won in two years, one each: enough for an own 75th percentile."""

LOST = 6
WON_FROM = ("001001", "001003", "001005", "001006", "001008", "001009", "001010")
"""Accounts that the closed deals are spread over."""

PROJECTS = (
    "Feeder drive", "Hall 3 lighting control", "Palletiser upgrade", "Pump station", "Safety gates",
    "Weighing cell", "Oven burner control", "Compressor room", "Dust extraction", "Labelling line",
    "Transfer table", "Cooling loop", "Gate control", "Silo monitoring", "Energy meters",
    "Tank farm sensors", "Lift overhaul", "Spare controls", "Winder drive", "Press guard",
    "Conveyor bend", "Batch recorder", "Water treatment", "Emergency stop ring", "Line 2 controls",
    "Scanner tunnel", "Depot doors", "Boiler control",
)  # fmt: skip

PRODUCTS = (
    "Control cabinet",
    "Drive unit 4 kW",
    "Sensor package",
    "Commissioning",
    "Safety module",
)

FIRST_NAMES = (
    "Anja", "Bruno", "Carla", "Derek", "Edith", "Farid", "Greta", "Henk", "Irene", "Jörg",
    "Karin", "Lars", "Maud", "Nadia", "Oskar", "Pilar", "Rosa", "Stefan", "Tilda", "Urs",
)  # fmt: skip
LAST_NAMES = (
    "Albers", "Berg", "Castell", "Dahlke", "Engel", "Fiala", "Groth", "Hummel", "Ibsen", "Jansky",
    "Kolb", "Lindner", "Moser", "Nagy", "Ortiz", "Pohl", "Quint", "Rasche", "Sommer", "Thaler",
)  # fmt: skip

FUNCTIONS = (
    ("Head of production", "production", "user"),
    ("Purchasing manager", "purchasing", "approver"),
    ("Maintenance lead", "operations", "evaluator"),
    ("Finance director", "finance", "finance"),
    ("Automation engineer", "it", "technical"),
    ("Managing director", "executive", "decision_maker"),
)
"""Job title, function and role of the contacts that every customer has."""
