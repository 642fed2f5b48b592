"""The customers with their money, what went wrong for them, and what was said about their losses."""

# One line a row reads as the table it is.
# ruff: noqa: E501

from __future__ import annotations

import datetime as dt

from attrs import frozen


@frozen
class Customer:
    """An account with its money.

    Attributes:
        number: Key, with the zeros in front that spreadsheets like to drop.
        name: Name.
        segment: Segment.
        industry: Industry.
        country: Country.
        employees: Number of employees.
        revenue: Revenue of the last 12 months, in thousands of euros.
        off_invoice: Rebates and freight as a share of revenue.
        goods: Cost of goods as a share of revenue.
        service: Cost to serve as a share of revenue.
        owner: Login of who looks after it.
        price_cut: Share of the list price that it does not pay.
        slide: By how much of revenue the cost of goods has grown, or fallen, a quarter for a year.
        last_service: Cost to serve of the last month beyond its share, in thousands of euros.
        fit: How many of the seven criteria of a good fit it meets.
        months_without_cost: Latest months for which finance has not booked the cost of goods.
        key_since: Since when it is run as a key account; None is not.
        reviewed: When that was last reviewed.
        kept: Whether that review kept it.
        parent: Number of the company that it belongs to.
        currency: Currency of its deals.
    """

    number: str
    name: str
    segment: str
    industry: str
    country: str
    employees: int
    revenue: int
    off_invoice: float
    goods: float
    service: float
    owner: str
    price_cut: float = 0.11
    slide: float = 0.0
    last_service: int = 0
    fit: int = 6
    months_without_cost: int = 0
    key_since: dt.date | None = None
    reviewed: dt.date | None = None
    kept: bool | None = None
    parent: str = ""
    currency: str = "EUR"

    @property
    def is_key(self) -> bool:
        """Whether it is run as a key account."""
        return self.key_since is not None

    @property
    def is_small(self) -> bool:
        """Whether two people are all that there are to talk to."""
        return self.employees < 10


@frozen
class Incident:
    """Something that went wrong for a customer, and what was done about it.

    Attributes:
        key: Number at the service desk.
        customer: Number of the account.
        kind: What went wrong.
        severity: 1 to 3.
        opened: Days ago.
        resolved: Days ago; None is still open.
        steps: What was said to the customer: topic and days ago.
    """

    key: str
    customer: str
    kind: str
    severity: int
    opened: int
    resolved: int | None = None
    steps: tuple[tuple[str, int], ...] = ()


@frozen
class Statement:
    """What somebody said a loss is for.

    Attributes:
        key: Number.
        subject: ``account`` or ``deal``.
        subject_id: Its number or id.
        reason: Reason.
        owner: Login of who answers for it.
        ends: Days ago on which it ends; negative lies ahead, None was never said.
    """

    key: str
    subject: str
    subject_id: str
    reason: str
    owner: str
    ends: int | None


MID, BIG, SMALL = "Mid-market", "Enterprise", "Small business"
# fmt: off
CUSTOMERS = (
    Customer("001001", "Ostmark Presses", MID, "Machinery", "DE", 240, 420, 0.03, 0.46, 0.08, "t.okafor"),
    Customer("001002", "Brinkfeld Dairy", BIG, "Food", "DE", 1900, 640, 0.09, 0.60, 0.52, "e.brandt", price_cut=0.19, fit=3,
             key_since=dt.date(2016, 3, 1)),
    Customer("001003", "Calder Ports", BIG, "Logistics", "NL", 3200, 820, 0.04, 0.44, 0.08, "m.aalto", fit=7,
             key_since=dt.date(2021, 5, 1), reviewed=dt.date(2026, 3, 12), kept=True),
    Customer("001004", "Vesterholm Paper", BIG, "Paper", "DK", 1400, 340, 0.06, 0.58, 0.19, "n.varga", fit=5,
             key_since=dt.date(2019, 9, 1), reviewed=dt.date(2025, 5, 20), kept=True),
    Customer("001005", "Quillon Foods", MID, "Food", "FR", 410, 380, 0.03, 0.45, 0.08, "j.petri", fit=7),
    Customer("001006", "Marienwerk Castings", MID, "Metal", "DE", 320, 310, 0.03, 0.50, 0.08, "j.petri"),
    Customer("001007", "Sundby Logistics", BIG, "Logistics", "DK", 2100, 360, 0.05, 0.52, 0.14, "m.aalto", months_without_cost=3,
             key_since=dt.date(2024, 2, 1), reviewed=dt.date(2026, 2, 3), kept=True),
    Customer("001008", "Aldous Brewing", MID, "Food", "IE", 150, 260, 0.03, 0.52, 0.08, "l.haddad"),
    Customer("001009", "Ferrand Glass", MID, "Glass", "FR", 190, 210, 0.03, 0.50, 0.09, "l.haddad"),
    Customer("001010", "Kestrel Mills", MID, "Textiles", "IE", 130, 290, 0.02, 0.41, 0.05, "n.varga", price_cut=0.07),
    Customer("001011", "Tarnow Chemicals", MID, "Chemicals", "PL", 520, 300, 0.08, 0.74, 0.56, "e.brandt", price_cut=0.21, fit=2),
    Customer("001012", "Pikes Bakery", SMALL, "Food", "IE", 3, 18, 0.02, 0.55, 0.10, "t.okafor"),
    Customer("001013", "Lohbruck Cement", BIG, "Building materials", "DE", 2600, 470, 0.05, 0.53, 0.11, "s.kovac",
             key_since=dt.date(2023, 1, 1), reviewed=dt.date(2024, 9, 10), kept=True),
    Customer("001014", "Hartwell Packaging", BIG, "Packaging", "GB", 980, 290, 0.04, 0.54, 0.12, "c.weber", currency="GBP"),
    Customer("001015", "Norrland Sawmills", MID, "Wood", "SE", 260, 240, 0.03, 0.47, 0.07, "s.kovac", slide=-0.02),
    Customer("001016", "Brenner Cableways", MID, "Transport", "AT", 180, 190, 0.03, 0.51, 0.10, "s.kovac"),
    Customer("001017", "Oderland Sugar", BIG, "Food", "DE", 890, 310, 0.05, 0.55, 0.12, "h.lindt", slide=0.022),
    Customer("001018", "Castellane Marble", MID, "Building materials", "IT", 140, 160, 0.03, 0.52, 0.09, "h.lindt"),
    Customer("001019", "Vidal Ceramics", MID, "Building materials", "ES", 330, 220, 0.04, 0.53, 0.10, "i.santos", slide=0.034),
    Customer("001020", "Portela Cork", MID, "Wood", "PT", 120, 150, 0.03, 0.49, 0.08, "i.santos"),
    Customer("001021", "Moravan Tools", MID, "Machinery", "CZ", 280, 200, 0.03, 0.54, 0.09, "a.novak"),
    Customer("001022", "Beskid Brakes", BIG, "Automotive", "CZ", 1250, 380, 0.06, 0.57, 0.15, "a.novak", price_cut=0.15, fit=4,
             key_since=dt.date(2022, 6, 1), reviewed=dt.date(2025, 2, 4), kept=False),
    Customer("001023", "Lindqvist Marine", MID, "Shipping", "SE", 210, 330, 0.02, 0.42, 0.05, "c.weber", price_cut=0.08, fit=7),
    Customer("001024", "Ravensburg Paints", MID, "Chemicals", "DE", 370, 180, 0.04, 0.55, 0.13, "c.weber", price_cut=0.13),
    Customer("001025", "Delmenhorst Cranes", MID, "Machinery", "DE", 290, 170, 0.03, 0.50, 0.09, "g.fischer"),
    Customer("001026", "Arlberg Springs", SMALL, "Food", "AT", 45, 60, 0.02, 0.54, 0.10, "g.fischer"),
    Customer("001027", "Tisza Poultry", BIG, "Food", "HU", 1600, 270, 0.08, 0.63, 0.287, "g.fischer", price_cut=0.18, fit=2,
             last_service=90),
    Customer("001028", "Calder Terminals Ireland", BIG, "Logistics", "IE", 420, 150, 0.03, 0.48, 0.09, "m.aalto", fit=7, parent="001003"),
    Customer("001029", "Whitcombe Water", BIG, "Utilities", "GB", 1150, 250, 0.04, 0.51, 0.10, "c.weber", currency="GBP"),
    Customer("001030", "Dakota Grain Systems", BIG, "Agriculture", "US", 760, 230, 0.03, 0.50, 0.11, "m.aalto", currency="USD"),
    Customer("001031", "Saarbruck Foundry", MID, "Metal", "DE", 450, 210, 0.05, 0.66, 0.62, "b.jensen", price_cut=0.16, fit=3),
    Customer("001032", "Leman Watches", MID, "Instruments", "CH", 170, 120, 0.02, 0.46, 0.07, "i.santos"),
    Customer("001033", "Gotland Fisheries", SMALL, "Food", "SE", 60, 50, 0.02, 0.53, 0.09, "s.kovac"),
    Customer("001034", "Emsland Starch", MID, "Food", "DE", 340, 200, 0.03, 0.51, 0.09, "h.lindt"),
    Customer("001035", "Rhone Bottling", MID, "Packaging", "FR", 230, 170, 0.03, 0.52, 0.10, "j.petri"),
    Customer("001036", "Silesia Mining Supply", BIG, "Mining", "PL", 2300, 480, 0.09, 0.66, 0.49, "e.brandt", price_cut=0.20, fit=3,
             key_since=dt.date(2026, 1, 1)),
    Customer("001037", "Brockhaus Bearings", MID, "Machinery", "DE", 160, 140, 0.03, 0.50, 0.08, "t.okafor"),
    Customer("001038", "Pannonia Plastics", MID, "Plastics", "HU", 380, 190, 0.06, 0.62, 0.58, "a.novak", price_cut=0.17, fit=4),
    Customer("001039", "Tamar Shipyard", BIG, "Shipping", "GB", 900, 260, 0.04, 0.52, 0.12, "t.okafor", currency="GBP"),
    Customer("001040", "Falster Greenhouses", SMALL, "Agriculture", "DK", 25, 45, 0.02, 0.56, 0.11, "n.varga"),
)
# fmt: on

INCIDENTS = (
    Incident("C-2291", "001002", "delivery", 3, 9, steps=(("incident_update", 6),)),
    Incident("C-2284", "001005", "quality", 2, 8, steps=(
        ("incident_update", 2), ("date_renegotiated", 5), ("mitigation", 4))),
    Incident("C-2276", "001022", "delivery", 2, 15, steps=(("incident_update", 1), ("incident_update", 12))),
    Incident("C-2288", "001013", "service", 1, 5, steps=(("incident_update", 3), ("date_renegotiated", 3))),
    Incident("C-2260", "001023", "delivery", 3, 31, resolved=17, steps=(
        ("incident_update", 30), ("mitigation", 27), ("incident_update", 20))),
    Incident("C-2263", "001034", "quality", 2, 29, resolved=10, steps=(("incident_update", 26),)),
    Incident("C-2198", "001011", "billing", 1, 130, resolved=110),
    Incident("C-2041", "001019", "delivery", 2, 410, resolved=392),
    Incident("C-2087", "001003", "quality", 1, 300, resolved=296),
    Incident("C-2133", "001031", "delivery", 3, 215, resolved=180),
)  # fmt: skip

STATEMENTS = (
    Statement("S1", "account", "001002", "Reference dairy for the cold chain", "", None),
    Statement(
        "S2", "account", "001027", "Entry into Hungary, three plants to follow", "d.moreau", -160
    ),
    Statement("S3", "account", "001036", "Framework tender of the mining group", "p.conti", 43),
    Statement(
        "S4", "deal", "a41c07d9", "First plant in Hungary, reference for two more", "d.moreau", -180
    ),
)
