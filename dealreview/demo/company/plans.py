"""The open deals as they stand on the day of the review."""

# One line a row reads as the table it is.
# ruff: noqa: E501

from __future__ import annotations

from attrs import frozen


@frozen
class Plan:
    """An open deal.

    Attributes:
        deal_id: Key in the CRM.
        name: Name.
        customer: Number of the account.
        owner: Login of the owner; empty is nobody.
        stage: Stage.
        list_price: List price in thousands.
        age: Days since it was created.
        closes_in: Days to the expected close; negative has passed, None is the CRM's 31.12.9999.
        engaged: People of the customer who talked with us in the last 45 days.
        discount: Share of the list price.
        margin: Contribution as a share of the pocket price; None where the cost was never entered.
        quoted: Whether a quote is out; None where the stage says.
        stage_days: Days in the present stage; None is a usual time.
        silent: Days since the customer last answered; None is a few.
        sent: Mails of ours since then.
        meeting: Days to the next meeting; 0 is none, None is soon.
        nameless: Whether a meeting was recorded without its participants.
        who: Roles of those engaged, where they are not the usual ones.
        unnamed: Roles that nobody is known for.
        scope: How far the purchase reaches; empty goes by the price.
        fit: Criteria met; None is as the customer.
        terms: Days net from the invoice; None was never entered.
        forecast: Category, where it is not that of the stage.
        hours: Selling hours still needed; None was never estimated.
    """

    deal_id: str
    name: str
    customer: str
    owner: str
    stage: str
    list_price: int
    age: int
    closes_in: int | None
    engaged: int
    discount: float = 0.0
    margin: float | None = 0.43
    quoted: bool | None = None
    stage_days: int | None = None
    silent: int | None = None
    sent: int = 1
    meeting: int | None = None
    nameless: bool = False
    who: str = ""
    unnamed: str = ""
    scope: str = ""
    fit: int | None = None
    terms: int | None = 30
    forecast: str = ""
    hours: int | None = 48

    @property
    def has_lines(self) -> bool:
        """Whether somebody has worked out lines with their cost."""
        return self.stage != "Qualification"

    @property
    def has_quote(self) -> bool:
        """Whether a quote is out."""
        late = self.stage in {"Proposal", "Negotiation", "Verbal yes"}
        return late if self.quoted is None else self.quoted


# fmt: off
PLANS = (
    # North
    Plan("0d79de52", "Sorting hall", "001003", "m.aalto", "Negotiation", 520, 110, 21, 6, 0.06, 0.55, stage_days=9, silent=1, meeting=4, forecast="Commit", terms=0),
    Plan("34cd061b", "Crane drives", "001003", "m.aalto", "Evaluation", 175, 60, 70, 3, silent=3),
    Plan("75574561", "Conveyor spares", "001007", "m.aalto", "Verbal yes", 58, 45, 6, 3, 0.07, 0.44, stage_days=10, silent=3, meeting=0, who="evaluator decision_maker finance"),
    Plan("e6613f08", "Terminal gates", "001028", "m.aalto", "Proposal", 140, 58, 27, 4, 0.05, 0.48),
    Plan("2a9c5d3e", "Elevator legs", "001030", "m.aalto", "Evaluation", 165, 44, 66, 2),
    Plan("b228e7ed", "Furnace fans", "001006", "j.petri", "Proposal", 96, 75, 30, 3, 0.10, 0.33, stage_days=16),
    Plan("cc03f1d7", "Filling line upgrade", "001005", "j.petri", "Proposal", 132, 82, 18, 5, 0.09, 0.50, silent=2, forecast="Best case"),
    Plan("6f36bffa", "Mixer control", "001005", "j.petri", "Discovery", 110, 30, 90, 2),
    Plan("d7e1b046", "Bottling robots", "001035", "j.petri", "Negotiation", 205, 92, 11, 3, 0.12, 0.42, silent=5),
    Plan("4e58a9f2", "Caustic dosing", "001035", "j.petri", "Evaluation", 60, 39, 55, 2, silent=8, sent=2, meeting=0),
    Plan("dd2e2bd8", "Bottle washer", "001008", "l.haddad", "Negotiation", 88, 66, 9, 2, 0.12, 0.41, silent=4, sent=0, meeting=0, stage_days=14, who="evaluator approver"),
    Plan("fabd7f90", "Glass cooling", "001009", "l.haddad", "Proposal", 121, 58, -3, 3, 0.11, None, hours=None, terms=None),
    Plan("cb63b914", "Hall ventilation", "001001", "l.haddad", "Discovery", 150, 25, 120, 1, silent=11, sent=1, meeting=0),
    Plan("1f8a22c4", "Blast furnace cooling", "001013", "s.kovac", "Negotiation", 310, 95, 12, 5, 0.09, 0.49, silent=2),
    Plan("8c03de71", "Kiln drives", "001013", "s.kovac", "Evaluation", 180, 48, 60, 3, scope="enterprise"),
    Plan("52b7e90a", "Planer line", "001015", "s.kovac", "Proposal", 96, 66, 24, 4, 0.06, 0.45, meeting=3),
    Plan("b90d4417", "Cable tension control", "001016", "s.kovac", "Discovery", 70, 24, 75, 2),
    Plan("294f7ad3", "Press monitoring", "001001", "r.meier", "Evaluation", 205, 231, 45, 3, stage_days=88, silent=6, forecast="Best case"),
    # South
    Plan("605e2246", "Packing hall 2", "001011", "e.brandt", "Proposal", 148, 121, -4, 1, 0.27, 0.11, stage_days=62, silent=17, sent=1, meeting=0, who="user", unnamed="decision_maker", terms=75),
    Plan("3ee48323", "Cold store retrofit", "001002", "e.brandt", "Negotiation", 412, 140, 12, 2, 0.22, -0.08, stage_days=31, silent=9, sent=2, meeting=0, who="user approver", unnamed="finance", terms=60, hours=160),
    Plan("fdb8ace6", "Service renewal", "001002", "e.brandt", "Proposal", 190, 55, 33, 3, 0.18, 0.03, silent=6, terms=60, hours=70),
    Plan("a7720cf6", "Mine hoist brakes", "001036", "e.brandt", "Proposal", 260, 112, 40, 2, 0.20, 0.06, silent=8, sent=1, meeting=0, who="technical user", forecast="Commit"),
    Plan("07d972cc", "Line 4 controls", "001001", "t.okafor", "Proposal", 286, 96, -9, 1, 0.14, 0.43, stage_days=41, silent=24, sent=1, meeting=0, forecast="Commit"),
    Plan("00b6f9e5", "Oven line", "001012", "t.okafor", "Proposal", 22, 40, 20, 1, 0.05, 0.34, hours=64, scope="team"),
    Plan("5e7743ce", "Yard sensors", "001007", "t.okafor", "Qualification", 64, 20, None, 1, silent=5),
    Plan("f20a6b8c", "Bearing test bench", "001037", "t.okafor", "Proposal", 84, 62, 22, 3, 0.08, 0.43, silent=4),
    Plan("5be9d713", "Dry dock pumps", "001039", "t.okafor", "Negotiation", 210, 99, 19, 4, 0.13, 0.31, silent=9),
    Plan("d361b108", "Roller mill drives", "001010", "n.varga", "Proposal", 74, 90, 14, 1, 0.13, 0.36, silent=12, sent=5, meeting=0, nameless=True, terms=50),
    Plan("c7eee131", "Paper machine 3", "001004", "n.varga", "Evaluation", 340, 50, 110, 1, silent=19, sent=1, meeting=0, who="technical", scope="enterprise"),
    Plan("765dbe75", "Dosing pumps", "001011", "n.varga", "Proposal", 67, 96, -8, 2, 0.19, 0.20, silent=9, sent=4, meeting=0, who="evaluator user", terms=45, hours=90),
    Plan("38d1e5b4", "Greenhouse climate", "001040", "n.varga", "Qualification", 28, 12, 90, 1),
    Plan("93c2f7ab", "Evaporator controls", "001017", "h.lindt", "Proposal", 150, 98, 20, 3, 0.08, 0.43, who="evaluator user finance"),
    Plan("6d40e1c9", "Beet conveyors", "001017", "h.lindt", "Verbal yes", 118, 88, 4, 4, 0.07, 0.44, stage_days=3, silent=1),
    Plan("07b5c8d2", "Quarry saws", "001018", "h.lindt", "Evaluation", 90, 35, 70, 1, silent=15, sent=1, meeting=0),
    Plan("c14e7a55", "Starch dryers", "001034", "h.lindt", "Negotiation", 132, 101, 15, 3, 0.10, 0.41, silent=6, meeting=9),
    # West
    Plan("7a3b91e0", "Press line 5", "001021", "a.novak", "Proposal", 125, 58, 16, 3, 0.11, 0.38),
    Plan("bd5f2086", "Brake test rigs", "001022", "a.novak", "Negotiation", 240, 118, 8, 2, 0.17, 0.22, stage_days=24, silent=7, terms=60, hours=110),
    Plan("1c6e8d97", "Extruder controls", "001038", "a.novak", "Proposal", 98, 83, -2, 2, 0.16, 0.17, silent=6, terms=50, who="evaluator user", unnamed="decision_maker", stage_days=11),
    Plan("490fa2b3", "Case packers", "001014", "c.weber", "Proposal", 155, 60, 25, 5, 0.07, 0.47, silent=1, meeting=5),
    Plan("d83c60e5", "Pump house 3", "001029", "c.weber", "Evaluation", 190, 52, 80, 3, who="evaluator user finance"),
    Plan("2f97b1ac", "Colour mixing", "001024", "c.weber", "Negotiation", 105, 80, 10, 3, 0.09, 0.42, who="evaluator user finance"),
    Plan("65e4d07f", "Tile presses", "001019", "i.santos", "Proposal", 140, 79, 18, 3, 0.10, 0.41),
    Plan("0be8c3d1", "Cork sanding line", "001020", "i.santos", "Discovery", 75, 29, 85, 2, silent=16, sent=1, meeting=0),
    Plan("9f1d54a8", "Cleanroom cells", "001032", "i.santos", "Evaluation", 110, 46, 65, 2, forecast="Commit"),
    Plan("ce70a136", "Harbour cranes", "001025", "g.fischer", "Negotiation", 176, 104, 14, 3, 0.12, 0.34, silent=10, sent=0, meeting=0),
    Plan("a41c07d9", "Poultry line Szeged", "001027", "g.fischer", "Proposal", 220, 72, 35, 3, 0.15, -0.05, terms=45),
    Plan("314be9c0", "Spring water filler", "001026", "g.fischer", "Evaluation", 64, 41, 50, 2, silent=22, sent=5, meeting=0, forecast="Best case"),
    Plan("8fa3c71b", "Silo weighing", "001025", "g.fischer", "Qualification", 48, 9, 110, 1),
    Plan("70d2f6e8", "Foundry shakeout", "001031", "b.jensen", "Proposal", 118, 97, 9, 2, 0.15, 0.12, silent=16, sent=1, meeting=0, who="user finance", stage_days=33, terms=60),
    Plan("e95ab20c", "Core shop ventilation", "001031", "", "Qualification", 55, 17, 100, 1, silent=12, sent=0, meeting=0),
)
# fmt: on

BACKGROUND = (
    ("e.brandt", "001036"), ("n.varga", "001004"), ("a.novak", "001021"), ("a.novak", "001022"),
    ("c.weber", "001014"), ("c.weber", "001024"), ("l.haddad", "001009"), ("l.haddad", "001008"),
    ("i.santos", "001032"), ("s.kovac", "001033"), ("h.lindt", "001034"), ("m.aalto", "001003"),
)  # fmt: skip
"""Owner and customer of further open deals, which have nothing special."""
