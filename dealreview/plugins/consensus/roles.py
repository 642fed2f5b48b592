"""Which roles of the customer's decision are filled, and by people who talk with us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_least, at_most, check, facts
from dealreview.plugins.consensus.holders import READS, ROLES, holders, in_words, without_role
from dealreview.plugins.consensus.outsiders import OUTSIDERS, cite_outsiders
from dealreview.plugins.conversations import ARE_RECORDED, USES, reads
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.subjects import with_deals, with_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

TEAM = ("decision_maker", "evaluator", "user")
DEPARTMENT = (*TEAM, "finance", "technical")
ENTERPRISE = (*DEPARTMENT, "approver", "legal")
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "team": TEAM,
    "department": DEPARTMENT,
    "enterprise": ENTERPRISE,
}
"""Roles that a purchase needs, by how far it reaches."""

ROLES_ARE_RECORDED = ("stakeholder_roles", "contacts.account_id")
ENGAGED = ("engaged_contact_ids", "maybe_engaged_contact_ids", "engaged_all_seen")


@facts(
    "deal",
    Fact(
        "purchase_scope",
        "enum",
        "How far the purchase reaches: team, department or enterprise; from the number of units "
        "where it is said of no deal (1, 2 to 4, 5 or more).",
        requires=(("deals.scope", "deals.units_affected"),),
        origin="deals.scope",
    ),
    reads={"deals": ("deal_id", "scope", "units_affected")},
)
def scope(inputs: Inputs) -> pl.DataFrame:
    """Read how far the purchase reaches."""
    units = pl.col("units_affected")
    by_units = (
        pl.when(units >= 5).then(pl.lit("enterprise")).when(units >= 2).then(pl.lit("department"))
        .when(units == 1).then(pl.lit("team"))
    )  # fmt: skip
    deals = with_deals(inputs)
    # Where others say it, the units could make a scope that was left out look smaller.
    said = inputs.feeds.is_recorded("deals.scope")
    return deals.select("id", purchase_scope=pl.col("scope") if said else by_units)


@facts(
    "deal",
    Fact(
        "named_roles",
        "set",
        "Roles held by a buyer person with a name.",
        requires=ROLES_ARE_RECORDED,
    ),
    Fact(
        "maybe_named_roles",
        "set",
        "The same with those held by people of whom nobody knows the company.",
        requires=ROLES_ARE_RECORDED,
    ),
    Fact(
        "engaged_roles",
        "set",
        "Roles held by an engaged buyer person.",
        requires=(*ROLES_ARE_RECORDED, *ARE_RECORDED),
    ),
    Fact(
        "maybe_engaged_roles",
        "set",
        "The same with those held by people who may be engaged.",
        requires=(*ROLES_ARE_RECORDED, *ARE_RECORDED),
    ),
    Fact(
        "roleless_contact_ids",
        "set",
        "People who are or may be engaged and whose role nobody wrote down.",
        "people",
        requires=(*ROLES_ARE_RECORDED, *ARE_RECORDED),
    ),
    Fact(
        "foreign_role_contact_ids",
        "set",
        "People with a role who belong to other companies and are not counted.",
        "people",
    ),
    Fact(
        "foreign_only_roles_lo",
        "int",
        "Roles held by people of other companies and nobody else.",
        "roles",
        origin="contacts.account_id",
    ),
    Fact(
        "foreign_only_roles_hi",
        "int",
        "The same with those that may be: nobody knows the company, or which role it is.",
        "roles",
        origin="contacts.account_id",
    ),
    Fact("foreign_only_words", "text", "What a message adds about them, else nothing."),
    Fact("named_role_words", "text", "The named roles in words."),
    Fact("foreign_role_words", "text", "What a message adds about them, else nothing."),
    reads=reads(**READS, contacts=("name",)),
    uses=(*USES, *ENGAGED),
)
def roles(inputs: Inputs) -> pl.DataFrame:
    """Find which roles are held by people with a name, and by people who talk with us."""
    deals = with_facts(inputs)
    held = _named(inputs, holders(inputs))
    held = _talking(held, deals)
    frame = deals.select("id").join(_by_deal(held), on="id", how="left")
    frame = frame.join(_roleless(inputs, deals), on="id", how="left")
    outside = held.filter(~pl.col("buyer")).group_by("id")
    foreign = outside.agg(
        foreign_role_contact_ids="contact_id", _foreign=pl.col("role").unique().sort()
    )
    frame = frame.join(foreign, on="id", how="left")
    frame = frame.with_columns(pl.col(pl.List).fill_null(pl.lit([], dtype=pl.List(pl.String))))
    said = pl.format("; held by another company: {}", in_words(pl.col("_foreign").list.join(", ")))
    only = pl.format(
        "; held by another company only: {}", in_words(pl.col("_only").list.join(", "))
    )
    return frame.select(
        "id",
        "named_roles",
        "maybe_named_roles",
        "engaged_roles",
        "maybe_engaged_roles",
        "roleless_contact_ids",
        "foreign_role_contact_ids",
        pl.col("foreign_only_roles_lo", "foreign_only_roles_hi").fill_null(0),
        foreign_only_words=pl.when(pl.col("_only").list.len() > 0).then(only).otherwise(pl.lit("")),
        named_role_words=_listed("named_roles"),
        foreign_role_words=pl.when(pl.col("_foreign").list.len() > 0)
        .then(said)
        .otherwise(pl.lit("")),
    )


def _by_deal(held: pl.DataFrame) -> pl.DataFrame:
    """Return the roles held in each deal, in order, and those that nobody of the customer holds.

    An outsider whose role nobody wrote down may hold any.
    """
    role, buyer, named, engaged = (pl.col(c) for c in ("role", "buyer", "named", "engaged"))
    theirs = buyer.fill_null(value=False)
    # Each role once, and sorted, before lists are made of them: a group keeps the order of its rows.
    by_role = held.group_by("id", "role").agg(
        named=named.fill_null(value=False).any(),
        maybe_named=named.fill_null(value=True).any(),
        engaged=engaged.fill_null(value=False).any(),
        maybe_engaged=engaged.fill_null(value=True).any(),
        surely=(~buyer).fill_null(value=False).all() & role.is_not_null().all(),
        maybe=(~theirs).all() | (role.is_null() & ~theirs).any(),
    )
    by_deal = by_role.sort("role").group_by("id")
    return by_deal.agg(
        named_roles=role.filter("named"),
        maybe_named_roles=role.filter("maybe_named"),
        engaged_roles=role.filter("engaged"),
        maybe_engaged_roles=role.filter("maybe_engaged"),
        foreign_only_roles_lo=pl.col("surely").sum().cast(pl.Int64),
        foreign_only_roles_hi=pl.col("maybe").sum().cast(pl.Int64),
        _only=role.filter("surely"),
    )


def _listed(name: str) -> pl.Expr:
    """Return a set of roles in words."""
    words = in_words(pl.col(name).list.join(", "))
    return pl.when(pl.col(name).list.len() > 0).then(words).otherwise(pl.lit("none"))


def _named(inputs: Inputs, held: pl.DataFrame) -> pl.DataFrame:
    """Add whether a role is held by a buyer person with a name, where names are recorded."""
    if not inputs.feeds.is_recorded("contacts.name"):
        return held.with_columns(named="buyer")
    contacts = inputs.table("contacts").filter(pl.col("name").str.strip_chars() != "")
    given = pl.col("contact_id").is_in(contacts["contact_id"].implode())
    return held.with_columns(named=pl.col("buyer") & given)


def _talking(held: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Add whether a role is held by an engaged person."""
    ids = deals.select("id", *ENGAGED)
    contact = pl.col("contact_id")
    held = held.join(ids, on="id")
    surely = contact.is_in(pl.col("engaged_contact_ids"))
    maybe = contact.is_in(pl.col("maybe_engaged_contact_ids"))
    unseen = ~pl.col("engaged_all_seen").fill_null(value=False) & pl.col("buyer").fill_null(
        value=True
    )
    engaged = pl.when(surely).then(statement=True).when(~maybe & ~unseen).then(statement=False)
    return held.with_columns(engaged=engaged)


def _roleless(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return, by deal, who may be engaged without a role that somebody wrote down."""
    engaged = deals.select("id", contact_id="maybe_engaged_contact_ids")
    alone = without_role(inputs, engaged.explode("contact_id").drop_nulls("contact_id"))
    return alone.group_by("id").agg(roleless_contact_ids="contact_id")


@facts(
    "deal",
    Fact(
        "required_roles",
        "set",
        "Roles that a purchase of this scope needs; unknown with the scope.",
        requires=(("deals.scope", "deals.units_affected"),),
        origin="deals.scope",
    ),
    Fact(
        "role_coverage_lo",
        "real",
        "Share of the required roles that engaged people hold, as far as seen.",
        "share",
        requires=(*ROLES_ARE_RECORDED, *ARE_RECORDED, ("deals.scope", "deals.units_affected")),
        origin="stakeholder_roles.role",
    ),
    Fact(
        "role_coverage_hi",
        "real",
        "The most that it may be: all where somebody of unknown role is engaged; unknown unless "
        "activities are recorded for the whole window and name who took part.",
        "share",
        requires=(*ROLES_ARE_RECORDED, *ARE_RECORDED, ("deals.scope", "deals.units_affected")),
        origin="activities",
    ),
    Fact("role_coverage_words", "text", "How many of the required roles are held, in words."),
    uses=(
        "purchase_scope",
        "engaged_roles",
        "maybe_engaged_roles",
        "roleless_contact_ids",
        "engaged_all_seen",
    ),
)
def coverage_of_roles(inputs: Inputs) -> pl.DataFrame:
    """Measure how many of the required roles engaged people hold."""
    needs = pl.DataFrame(
        {"purchase_scope": list(REQUIRED), "required_roles": list(REQUIRED.values())},
        schema_overrides={"required_roles": pl.List(pl.String)},
    )
    frame = inputs.facts().join(needs, on="purchase_scope", how="left")
    held = pl.col("engaged_roles").list.set_intersection("required_roles").list.sort()
    most = pl.col("maybe_engaged_roles").list.set_intersection("required_roles").list.len()
    needed = pl.col("required_roles").list.len()
    roleless = pl.col("roleless_contact_ids").list.len() > 0
    names = pl.when(held.list.len() > 0).then(pl.format(" ({})", in_words(held.list.join(", "))))
    return frame.select(
        "id",
        "required_roles",
        role_coverage_lo=held.list.len() / needed,
        role_coverage_hi=pl.when("engaged_all_seen").then(
            pl.when(roleless).then(needed).otherwise(most) / needed
        ),
        role_coverage_words=pl.format(
            "{} scope: {} of {} roles{}",
            "purchase_scope",
            held.list.len(),
            needed,
            names.otherwise(pl.lit("")),
        ).fill_null("scope unknown"),
    )


@check.columns(
    "consensus/coverage",
    severity="minor",
    ask=["Whose work changes most, and what have they told you so far?"],
    family="breadth",
    sources=[f"roles by scope and both limits: {JUDGEMENT}"],
)
def coverage(
    d: Columns,
    *,
    watch: Annotated[
        float, Param("Watch under this share of the required roles", ge=0, le=1, unit="share")
    ] = 0.6,
    risk: Annotated[
        float,
        Param(
            "Risk under this share, from the proposal on",
            ge=0,
            le=1,
            unit="share",
            at_most="watch",
        ),
    ] = 0.4,
) -> Rules:
    """The people who talk with us hold the roles that the decision needs.

    A purchase for one team needs a decision maker, an evaluator and a user; for a department also
    finance and technology; for the whole enterprise also an approver and legal. Counted are roles
    and not heads: one person may hold several. A role counts when somebody of the customer who
    holds it had a two-way event with us in the last 45 days. Under 60 % of the required roles is a
    watch, from the proposal on under 40 % a risk, all of them a strength.

    Needs how far the purchase reaches (its scope, or the number of units that it changes), the
    roles of the people who talk with us, and activities recorded over the window. Where somebody
    talks with us whose role nobody wrote down, any role may be covered. A role held by somebody of
    another company is not counted: the message names them, and while nobody else holds that role
    there is no strength.
    """
    share, proposed = d.interval("role_coverage"), d.proposal_reached
    said = "{role_coverage_words}{foreign_role_words}" + OUTSIDERS + "{engaged_as_of}"
    return Rules(
        applies=d.evaluation_or_later & d.purchase_scope.is_in(REQUIRED),
        risk=proposed & (share < risk),
        watch=share < watch,
        strength=(share >= 1) & (d.interval("foreign_only_roles") <= 0),
        message={
            **dict.fromkeys(("risk", "watch", "pass", "strength"), said),
            "insufficient_data": "seen so far: {role_coverage_words}{foreign_role_words}; role not "
            "written down: {roleless_contact_ids:people}" + OUTSIDERS + "{engaged_as_of}",
        },
        actual=d.role_coverage_lo,
        expected={
            "risk": at_least(risk, source=JUDGEMENT),
            "watch": at_least(watch, source=JUDGEMENT),
            "pass": at_least(watch, source=JUDGEMENT),
            "strength": at_least(1, source=JUDGEMENT),
        },
        evidence=[
            Cite("contacts", "name", ids=d.engaged_contact_ids),
            Cite("contacts", "name", ids=d.roleless_contact_ids),
            cite_outsiders(d),
            *cited(d, "purchase_scope", "role_coverage_lo", "role_coverage_hi"),
        ],
    )


@facts(
    "deal",
    Fact(
        "gate_missing_lo",
        "int",
        "Roles that can still say no (`gate_roles`) without a named person, as few as may be.",
        "roles",
        requires=ROLES_ARE_RECORDED,
        origin="contacts.account_id",
    ),
    Fact(
        "gate_missing_hi",
        "int",
        "The same, as many as may be: of some nobody knows the company, or the scope.",
        "roles",
        requires=ROLES_ARE_RECORDED,
        origin="deals.scope",
    ),
    Fact("gate_missing_words", "text", "Those roles in words."),
    Fact("gate_words", "text", "All roles that can still say no, in words."),
    Fact(
        "gate_silent_lo",
        "int",
        "Roles that can still say no and that no engaged person holds, as few as may be.",
        "roles",
        requires=(*ROLES_ARE_RECORDED, *ARE_RECORDED),
        origin="contacts.account_id",
    ),
    Fact(
        "gate_silent_hi",
        "int",
        "The same, as many as may be.",
        "roles",
        requires=(*ROLES_ARE_RECORDED, *ARE_RECORDED),
        origin="activities",
    ),
    Fact("gate_silent_words", "text", "Those roles in words."),
    Fact("gate_watch_words", "text", "They and the roles held by other companies only, in words."),
    Fact(
        "gate_open_lo",
        "int",
        "Roles that can still say no and surely lack a named person; where none does, those that no "
        "engaged person holds; where none is left, roles held by other companies only.",
        "roles",
        requires=(*ROLES_ARE_RECORDED, *ARE_RECORDED),
        origin="contacts.account_id",
    ),
    uses=(
        "purchase_scope",
        "named_roles",
        "maybe_named_roles",
        "engaged_roles",
        "maybe_engaged_roles",
        "foreign_only_roles_lo",
        "foreign_only_words",
        "engaged_days",
    ),
    params={
        "gate_roles": (
            "approver finance",
            Param("Roles that can still say no, one after the other"),
        ),
        "gate_roles_team": ("approver", Param("Of these, the roles in a purchase for one team")),
    },
)
def gates(inputs: Inputs) -> pl.DataFrame:
    """Find the roles that can still say no and that nobody named or nobody talks to."""
    everywhere, in_team = (_roles_of(inputs, name) for name in ("gate_roles", "gate_roles_team"))
    rows = inputs.facts().with_columns(role=pl.lit(everywhere)).explode("role")
    role, reach = pl.col("role"), pl.col("purchase_scope")
    needed = role.is_in(in_team) | (reach != "team")
    rows = rows.with_columns(
        missing=needed & ~_held("named_roles", "maybe_named_roles"),
        silent=needed & ~_held("engaged_roles", "maybe_engaged_roles"),
    )
    asked = in_words(role.filter(needed.fill_null(value=True)).sort().str.join(", "))
    counts = [
        asked.alias("gate_words"),
        *(
            expression
            for name in ("missing", "silent")
            for expression in (
                pl.col(name).fill_null(value=False).sum().cast(pl.Int64).alias(f"gate_{name}_lo"),
                pl.col(name).fill_null(value=True).sum().cast(pl.Int64).alias(f"gate_{name}_hi"),
                in_words(role.filter(name).sort().str.join(", ")).alias(f"gate_{name}_words"),
            )
        ),
    ]
    missing, silent = pl.col("gate_missing_lo"), pl.col("gate_silent_lo")
    foreign = pl.col("foreign_only_roles_lo")
    still_open = pl.when(missing > 0).then(missing).when(silent > 0).then(silent).otherwise(foreign)
    found = rows.group_by("id").agg(counts)
    found = found.join(inputs.facts(), on="id", maintain_order="left")
    return found.select(
        "id",
        *(column for column in found.columns if column.startswith("gate_")),
        gate_open_lo=still_open,
        gate_watch_words=_watched(),
    )


def _watched() -> pl.Expr:
    """Return what makes a watch: roles that nobody talks to, and those held from outside."""
    silent = pl.format(
        "named, but not in contact within {} d: {}", "engaged_days", "gate_silent_words"
    )
    quiet = pl.when(pl.col("gate_silent_lo") > 0).then(silent).otherwise(pl.lit("all named"))
    return pl.concat_str(quiet, "foreign_only_words")


def _roles_of(inputs: Inputs, name: str) -> list[str]:
    roles = str(inputs.params[name]).replace(",", " ").split()
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not roles:
        raise ValueError(f"{name} names '{' '.join(unknown)}': roles are {', '.join(ROLES)}")
    return roles


def _held(surely: str, maybe: str) -> pl.Expr:
    """Return whether the role of the row is among those that are held."""
    role = pl.col("role")
    return (
        pl.when(role.is_in(pl.col(surely))).then(statement=True)
        .when(~role.is_in(pl.col(maybe))).then(statement=False)
    )  # fmt: skip


@check.columns(
    "consensus/role-gaps",
    severity="minor",
    ask=["Who can still say no?"],
    family="who decides",
    sources=[f"roles that can stop a deal at the end: {JUDGEMENT}"],
)
def role_gaps(d: Columns) -> Rules:
    """Whoever can still say no is known by name before the negotiation ends.

    Late in a deal the approver and finance decide what the others have agreed; meeting them for the
    first time over the contract costs weeks. From the negotiation on, either of them without a
    named person of the customer is a risk; both named but one not in two-way contact within 45 days
    is a watch; both named and in contact a strength. A purchase for one team needs the approver
    only. Which roles are asked for can be changed (`gate_roles`).

    Needs the roles of contacts and their companies, and activities over the window for the contact.
    A role held by somebody of another company is not counted, and the message names them; any role
    that nobody else holds is a watch.
    """
    missing, silent = d.interval("gate_missing"), d.interval("gate_silent")
    foreign, within = d.interval("foreign_only_roles"), " and in contact within {engaged_days:days}"
    ending = OUTSIDERS + "{engaged_as_of}"
    return Rules(
        applies=d.is_open & (d.milestone >= 5),
        risk=missing >= 1,
        watch=(silent >= 1) | (foreign >= 1),
        strength=(silent <= 0) & (foreign <= 0),
        message={
            "risk": "without a named person: {gate_missing_words}{foreign_role_words}" + OUTSIDERS,
            "watch": "{gate_watch_words}" + ending,
            "strength": "{gate_words}: named" + within + "{foreign_role_words}" + ending,
            "insufficient_data": "roles with a named person: {named_role_words}"
            "{foreign_role_words}" + OUTSIDERS,
        },
        actual=d.gate_open_lo,
        expected=at_most(0, source=JUDGEMENT),
        evidence=[
            cite_outsiders(d),
            *cited(d, "named_roles", "engaged_roles"),
        ],
    )
