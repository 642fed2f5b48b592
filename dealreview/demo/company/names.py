"""Names of projects, products and people; titles of contacts; words of notes."""

# One line a row reads as the table it is.
# ruff: noqa: E501

from __future__ import annotations

STAGES = ("Qualification", "Discovery", "Evaluation", "Proposal", "Negotiation", "Verbal yes")
"""The open stages in order."""

PACE = (0.15, 0.20, 0.25, 0.22, 0.13, 0.05)
"""Share of a won deal's life that it spends in each."""

FORECAST = {
    "Evaluation": "Pipeline",
    "Proposal": "Best case",
    "Negotiation": "Commit",
    "Verbal yes": "Commit",
}
"""Forecast category by stage; earlier stages are pipeline."""

PLACES = (
    "Hall 1", "Hall 2", "Hall 3", "Line 2", "Line 3", "Line 6", "Depot", "Tank farm", "East wing", "Yard",
    "Plant 2", "Quay 4", "Mixing room", "Packing", "Boiler house", "Cold store", "Workshop", "Silo block",
)  # fmt: skip
PROJECTS = (
    "feeder drive", "lighting control", "palletiser upgrade", "pump station", "safety gates", "weighing cell",
    "burner control", "compressor room", "dust extraction", "labelling line", "transfer table", "cooling loop",
    "gate control", "level monitoring", "energy meters", "lift overhaul", "spare controls", "winder drive",
    "press guard", "batch recorder", "water treatment", "emergency stop ring", "scanner tunnel", "door control",
)  # fmt: skip
PRODUCTS = (
    "Control cabinet", "Drive unit 4 kW", "Drive unit 22 kW", "Sensor package", "Commissioning", "Safety module",
    "Operator panel", "Gateway", "Motor starter", "Spare parts set",
)  # fmt: skip
FIRST_NAMES = (
    "Anja", "Bruno", "Carla", "Derek", "Edith", "Farid", "Greta", "Henk", "Irene", "Jörg",
    "Karin", "Lars", "Maud", "Nadia", "Oskar", "Pilar", "Rosa", "Stefan", "Tilda", "Urs",
)  # fmt: skip
LAST_NAMES = (
    "Albers", "Berg", "Castell", "Dahlke", "Engel", "Fiala", "Groth", "Hummel", "Ibsen", "Jansky",
    "Kolb", "Lindner", "Moser", "Nagy", "Ortiz", "Pohl", "Quint", "Rasche", "Sommer", "Thaler",
)  # fmt: skip

CONTACTS = (
    ("Maintenance lead", "operations", "evaluator", 2),
    ("Managing director", "executive", "decision_maker", 3),
    ("Head of production", "production", "user", 1),
    ("Finance director", "finance", "finance", 2),
    ("Purchasing manager", "purchasing", "approver", 3),
    ("Automation engineer", "it", "technical", 1),
    ("General counsel", "legal", "legal", 1),
)
"""Job title, function, role and influence of contacts, in the order in which a good deal wins them;
only enterprises have a counsel, and the smallest customers only the first two."""

BENEFITS = (
    "Less energy", "Fewer stops", "Shorter set-up", "Less scrap", "One operator less a shift",
    "Lower stock of spares", "Higher throughput", "Fewer complaints",
)  # fmt: skip
BURDENS = ("Training of the shifts", "Second system beside the old one", "Narrower range")

CRITERIA = (
    "size", "industry", "region", "need", "budget", "access to the decision maker", "serviceable",
)  # fmt: skip
"""What this company asks of a good fit."""

LOSS_REASONS = ("price", "competitor", "no_decision", "timing", "product", "relationship")
