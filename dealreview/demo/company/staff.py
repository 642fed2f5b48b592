"""The company's own people, teams, goals, and what kept teams from selling."""

# One line a row reads as the table it is.

from __future__ import annotations

import datetime as dt

from attrs import frozen


@frozen
class Person:
    """Somebody of ours.

    Attributes:
        login: Key in every system.
        name: Name, by which the CRM knows them.
        role: Role as the directory writes it.
        team: Team.
        operations: Share of a usual week that goes into operations and service.
        prospecting: Share of the remaining hours that goes into finding new business.
        recorded: Share of weeks with a time sheet.
        chores: Order chases, reports and invoices a week, the last of four weeks last.
        left: Last day with us.
    """

    login: str
    name: str
    role: str
    team: str
    operations: float = 0.05
    prospecting: float = 0.14
    recorded: float = 1.0
    chores: tuple[int, int, int, int] = (1, 0, 1, 1)
    left: dt.date | None = None


@frozen
class Team:
    """A team, and what its people are measured by."""

    key: str
    name: str
    lead: str
    goals: tuple[str, ...]
    lead_goals: tuple[str, ...]


@frozen
class Record:
    """What a rep won and lost.

    Attributes:
        login: The rep.
        before: Deals won from April to September 2025.
        now: Deals won from April to September 2026.
        other: Deals won in the months between.
        recent: Deals won since October 2026.
        size_before: Usual list price of those won before, in thousands.
        size_now: Usual list price of those won now.
        margin_before: Usual contribution of the deals won before.
        margin_now: Usual contribution of the deals won now.
        lost: Deals lost.
        excuses: How many of the latest of them "for operations".
        early: Every so many promises of delivery lay before what the plan allowed; 0 is none.
    """

    login: str
    before: int
    now: int
    other: int
    recent: int
    size_before: int
    size_now: int
    margin_before: float
    margin_now: float
    lost: int
    excuses: int = 0
    early: int = 0


@frozen
class Diversion:
    """Days on which a team's people were pulled out of selling."""

    key: str
    team: str
    first: dt.date
    last: dt.date
    hours: float
    cause: str
    cause_owner: str
    people: tuple[str, ...]


TEAMS = (
    Team("T1", "North", "r.meier", ("Bookings", "Contribution"), ("Revenue", "Contribution")),
    Team("T2", "South", "p.conti", ("Bookings", "New opportunities"), ("Revenue",)),
    Team("T3", "West", "d.moreau", ("Bookings",), ("Gross margin",)),
)

PEOPLE = (
    Person("r.meier", "Ruth Meier", "Team lead", "T1"),
    Person("m.aalto", "Mira Aalto", "Sales", "T1", operations=0.02, prospecting=0.18),
    Person("j.petri", "Jonas Petri", "Sales", "T1", operations=0.08),
    Person("l.haddad", "Leila Haddad", "Sales", "T1", operations=0.06, recorded=0.4),
    Person("s.kovac", "Sanja Kovač", "Sales", "T1", operations=0.03),
    Person("p.conti", "Paolo Conti", "Team lead", "T2"),
    Person("t.okafor", "Tom Okafor", "Sales", "T2", chores=(2, 3, 4, 6)),
    Person("e.brandt", "Elsa Brandt", "Sales", "T2", operations=0.07, prospecting=0.04, chores=(7, 5, 8, 6)),
    Person("n.varga", "Nico Varga", "Sales", "T2", prospecting=0.05),
    Person("h.lindt", "Hanna Lindt", "Sales", "T2", operations=0.04),
    Person("d.moreau", "Denise Moreau", "Team lead", "T3"),
    Person("a.novak", "Adam Novak", "Sales", "T3", operations=0.13),
    Person("c.weber", "Clara Weber", "Sales", "T3", operations=0.04, prospecting=0.16),
    Person("i.santos", "Inês Santos", "Sales", "T3", operations=0.06),
    Person("g.fischer", "Georg Fischer", "Sales", "T3", operations=0.09, prospecting=0.06),
    Person("b.jensen", "Bente Jensen", "Sales", "T3", left=dt.date(2026, 10, 30)),
    Person("k.ivers", "Karl Ivers", "Presales", "T1"),
    Person("y.tan", "Yi Tan", "Presales", "T3"),
    Person("f.otto", "Frieda Otto", "Delivery", "T2"),
    Person("v.marsh", "Victor Marsh", "Delivery", "T3"),
    Person("o.krause", "Olaf Krause", "Operations", "T2"),
    Person("u.beck", "Ute Beck", "Finance", "T1"),
)  # fmt: skip

RECORDS = (
    Record("m.aalto", 6, 6, 1, 2, 109, 132, 0.46, 0.52, 8),
    Record("j.petri", 5, 6, 1, 1, 112, 109, 0.44, 0.43, 9),
    Record("l.haddad", 4, 4, 1, 1, 98, 104, 0.42, 0.43, 8),
    Record("s.kovac", 3, 4, 1, 1, 123, 112, 0.47, 0.46, 7),
    Record("t.okafor", 5, 5, 1, 1, 118, 112, 0.44, 0.42, 9, early=4),
    Record("e.brandt", 6, 7, 1, 1, 101, 118, 0.47, 0.22, 10, early=2),
    Record("n.varga", 5, 5, 1, 1, 95, 98, 0.40, 0.27, 10, early=4),
    Record("h.lindt", 3, 4, 1, 1, 106, 101, 0.43, 0.42, 7),
    Record("a.novak", 4, 5, 1, 2, 115, 112, 0.42, 0.41, 9, early=5),
    Record("c.weber", 5, 5, 1, 2, 92, 115, 0.41, 0.43, 7),
    Record("i.santos", 4, 3, 1, 2, 104, 98, 0.43, 0.42, 13, excuses=4),
    Record("g.fischer", 3, 3, 1, 2, 90, 87, 0.39, 0.40, 8, early=6),
)
"""Elsa Brandt wins more and earns less; Mira Aalto wins more and earns more still."""

UNSIGNED = {"h.lindt": 3, "g.fischer": 14, "i.santos": 20}
"""Days ago of a win for which the signature is still missing, by rep."""

DIVERSIONS = (
    Diversion("D-2026-1", "T2", dt.date(2026, 2, 9), dt.date(2026, 2, 13), 6, "resources", "p.conti",
              ("t.okafor", "e.brandt", "n.varga", "h.lindt")),
    Diversion("D-2026-2", "T2", dt.date(2026, 8, 3), dt.date(2026, 8, 14), 5, "process", "o.krause",
              ("t.okafor", "e.brandt", "n.varga", "h.lindt")),
    Diversion("D-2026-3", "T2", dt.date(2026, 10, 19), dt.date(2026, 10, 30), 6, "", "",
              ("t.okafor", "e.brandt", "n.varga")),
    Diversion("D-2026-4", "T3", dt.date(2026, 3, 16), dt.date(2026, 3, 20), 4, "talent", "d.moreau",
              ("a.novak", "c.weber", "i.santos", "g.fischer")),
    Diversion("D-2026-5", "T3", dt.date(2026, 9, 7), dt.date(2026, 9, 8), 6, "process", "v.marsh",
              ("a.novak", "c.weber")),
)  # fmt: skip
"""South helped out three times in a year: with stocktaking, a move of the warehouse, and a backlog of
orders of which nobody has written down the cause. After the second it began few deals."""

TAKEN = {"e.brandt": 1.25, "t.okafor": 0.9, "n.varga": 0.45}
"""Hours that the helpers lost, as a share of those planned; one if not named."""

CHORES = ("order_chasing", "report", "invoice", "ticket")

REPS = tuple(person for person in PEOPLE if person.role == "Sales" and not person.left)
