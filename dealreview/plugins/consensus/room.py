"""Whether those who are needed sit in the meetings that decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Param, Rules, at_most, check, facts
from dealreview.plugins.consensus.holders import READS
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    USES,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.standins import (
    MEETING_KIND,
    MEETING_WORDS,
    TITLE,
    meetings_by_title,
    with_kinds,
)
from dealreview.plugins.subjects import with_facts
from dealreview.plugins.tags import MIN_TAG_COVERAGE, needed
from dealreview.plugins.words import counted as words_counted

if TYPE_CHECKING:
    from collections.abc import Mapping

PRACTICE = "a rule of thumb of practitioners"
NEEDED: Mapping[str, tuple[str, ...]] = {
    "pricing": ("finance", "approver", "decision_maker"),
    "technical": ("technical",),
    "legal": ("legal",),
    "executive": ("decision_maker",),
    "demo": ("user", "evaluator"),
}
"""Roles of which a meeting of a kind needs one."""

MEETING = ["id", "activity_id", "on", "meeting_kind", "key"]


@facts(
    "deal",
    *(
        Fact(
            f"{name}_{end}",
            "int",
            f"{meaning}, as {side} as may be{unknown}.",
            "meetings",
            requires=(*ARE_RECORDED, (MEETING_KIND, TITLE), "stakeholder_roles"),
            origin=MEETING_KIND if end == "lo" else "activities",
        )
        for name, meaning in (
            (
                "key_meetings",
                "Meetings on price, technology, law, with executives or to demonstrate",
            ),
            ("meetings_missing_role", "Such meetings that nobody of a needed role is at"),
        )
        for end, side, unknown in (
            ("lo", "few", ""),
            ("hi", "many", "; unknown unless activities are recorded for the window"),
        )
    ),
    Fact("missing_role_meeting_ids", "set", "The meetings that surely lack a role."),
    Fact("missing_role_words", "text", "The earliest of them, in words."),
    Fact(
        "meeting_kinds_basis",
        "enum",
        "stated or titles: whether kinds of meetings are recorded, or read from titles for want of any.",
    ),
    Fact("meeting_kinds_told", "text", "What a message adds where they are read from titles."),
    Fact(
        "meeting_kinds_known",
        "text",
        "How many meetings in that time have a kind, and how many are needed, in words.",
    ),
    reads=reads("meeting_kind", "title", **READS),
    uses=USES,
    params={
        "key_ahead_days": (
            14,
            Param("Days ahead in which planned meetings are looked at", ge=0, le=60, unit="days"),
        ),
        "key_back_days": (
            30,
            Param("Days back in which held meetings are looked at", ge=0, le=180, unit="days"),
        ),
        **MIN_TAG_COVERAGE,
        **MEETING_WORDS,
    },
)
def rooms(inputs: Inputs) -> pl.DataFrame:
    """Look for meetings without those whom they need."""
    ahead, back = inputs.params["key_ahead_days"], inputs.params["key_back_days"]
    deals = with_facts(inputs).with_columns(
        since=pl.col("day") - pl.duration(days=back),
        until=pl.col("day") + pl.duration(days=ahead),
    )
    meetings = _meetings(inputs, deals)
    each = _attended(inputs, meetings.filter(pl.col("key").fill_null(value=True)))
    key, lacks = pl.col("key"), pl.col("key") & pl.col("lacks")
    words = pl.format(
        "{} meeting on {} without {}",
        pl.col("meeting_kind"),
        pl.col("on").dt.strftime("%-d %b %Y"),
        _needed_words(),
    )
    counted = (
        each.sort("id", "on", "activity_id")
        .group_by("id", maintain_order=True)
        .agg(
            key_meetings_lo=key.fill_null(value=False).sum(),
            key_meetings_hi=key.fill_null(value=True).sum(),
            meetings_missing_role_lo=lacks.fill_null(value=False).sum(),
            meetings_missing_role_hi=lacks.fill_null(value=True).sum(),
            missing_role_meeting_ids=pl.col("activity_id").filter(lacks),
            missing_role_words=words.filter(lacks).first(),
        )
    )
    whole = inputs.feeds.reaches("activities", pl.col("since"), pl.col("day"))
    frame = deals.join(counted, on="id", how="left")
    frame = frame.join(_kinds_known(inputs, meetings), on="id", how="left")
    numbers = [name for name in counted.columns if name.endswith(("_lo", "_hi"))]
    count = {name: pl.col(name).fill_null(0).cast(pl.Int64) for name in numbers}
    titles = meetings_by_title(inputs)
    return frame.select(
        "id",
        meeting_kinds_basis=pl.lit("titles" if titles else "stated"),
        meeting_kinds_told=pl.lit(" (kinds by their titles)" if titles else ""),
        meeting_kinds_known=pl.col("meeting_kinds_known").fill_null("; no meeting in that time"),
        **{k: pl.when(whole).then(v) if k.endswith("_hi") else v for k, v in count.items()},
        missing_role_meeting_ids=pl.col("missing_role_meeting_ids").fill_null(
            pl.lit([], dtype=pl.List(pl.String))
        ),
        missing_role_words=pl.col("missing_role_words").fill_null("none surely without them"),
    )


def _meetings(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return meetings in the window, and whether each is ``key``: ours, of a kind, planned or held."""
    on, status = pl.col("on"), pl.col("status")
    coming = (status == "planned") & (on > pl.col("day")) & (on <= pl.col("until"))
    held = on.is_between("since", "day") & status.ne_missing("planned")
    found = events(inputs, deals, coming | held)
    found = with_kinds(inputs, found.filter((pl.col("kind") == "meeting").fill_null(value=True)))
    took_place = pl.when(status == "planned").then(statement=True).otherwise(pl.col("answered"))
    of_kind = pl.col("meeting_kind").is_in(list(NEEDED))
    key = pl.col("ours") & (pl.col("kind") == "meeting") & took_place & of_kind
    looked_at = (pl.col("ours") & took_place).fill_null(value=True)
    return found.with_columns(key=key, looked_at=looked_at)


def _kinds_known(inputs: Inputs, meetings: pl.DataFrame) -> pl.DataFrame:
    """Return by deal how many meetings have a kind; any that lacks one may be among those looked for.

    Of titles so many must have one that another without means something; an empty title never does.
    """
    titles = meetings_by_title(inputs)
    held, tagged = pl.len().cast(pl.Int64), pl.col("meeting_kind").count().cast(pl.Int64)
    lacking = pl.when(tagged < held).then(pl.lit(", all needed")).otherwise(pl.lit(""))
    least = needed(inputs, held, tagged)
    by_title = pl.when(least == "").then(lacking).otherwise(least)
    words = pl.format(
        "; {} in that time, {} with a kind{}",
        words_counted(held, held, "meeting", "meetings"),
        tagged,
        by_title if titles else lacking,
    )
    looked_at = meetings.filter(pl.col("looked_at") | pl.lit(titles))
    return looked_at.group_by("id").agg(meeting_kinds_known=words)


def _attended(inputs: Inputs, found: pl.DataFrame) -> pl.DataFrame:
    """Return each meeting, and whether it ``lacks`` the roles that it needs.

    Somebody whose role nobody wrote down may have it, and so may whoever was at a meeting that names
    nobody.
    """
    needs = pl.DataFrame(
        [(kind, role) for kind, roles in NEEDED.items() for role in roles],
        schema={"meeting_kind": pl.String, "role": pl.String},
        orient="row",
    ).with_columns(fits=pl.lit(value=True))
    roles = inputs.table("stakeholder_roles").rename({"deal_id": "id"})
    people = with_people(inputs, found).join(roles, on=["id", "contact_id"], how="left")
    people = people.join(needs, on=["meeting_kind", "role"], how="left")
    invited = pl.when(pl.col("status") == "planned").then(pl.col("present").fill_null(value=True))
    known = pl.col("role").is_not_null() & pl.col("meeting_kind").is_not_null()
    fits = pl.when(known).then(pl.col("fits").fill_null(value=False))
    people = people.with_columns(fits=pl.col("buyer") & invited.otherwise("present") & fits)
    sure, maybe = pl.col("fits").fill_null(value=False), pl.col("fits").fill_null(value=True)
    lacks = pl.when(sure.any()).then(statement=False).when(~maybe.any()).then(statement=True)
    each = people.group_by(MEETING).agg(lacks=lacks)
    unnamed = nobody_named(found).select(*MEETING, lacks=pl.lit(None, dtype=pl.Boolean))
    only_ours = found.join(people.select("id", "activity_id"), on=["id", "activity_id"], how="anti")
    only_ours = only_ours.join(unnamed.select("activity_id"), on="activity_id", how="anti")
    ours = only_ours.select(*MEETING, lacks=pl.lit(value=True))
    return pl.concat([each, unnamed, ours])


def _needed_words() -> pl.Expr:
    words = {kind: _joined(roles) for kind, roles in NEEDED.items()}
    return pl.col("meeting_kind").replace_strict(words, default=None, return_dtype=pl.String)


def _joined(roles: tuple[str, ...]) -> str:
    names = [role.replace("_", " ") for role in roles]
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


@check.columns(
    "consensus/right-people-in-the-room",
    severity="minor",
    ask=["Who would you most regret not having there?"],
    sources=[f"who is needed where: {PRACTICE}", f"30 days back and 14 ahead: {JUDGEMENT}"],
)
def right_people_in_the_room(d: Columns) -> Rules:
    """The meetings that decide something have somebody who can decide it.

    A talk about the price needs finance, an approver or the decision maker; a technical one somebody
    technical; a legal one somebody of legal; a meeting of executives the decision maker; a
    demonstration a user or an evaluator. Looked at are such meetings held in the last 30 days or
    planned for the next 14. One that nobody of these roles attended, or is invited to, is a watch.

    Where no meeting has a kind, kinds are read from the titles of meetings by a list of words in four
    languages (more under `[words.meeting_kind]`), and the message says so. A title without any of the
    words is of another meeting if at least half of the deal's meetings in that time have such words.

    Needs the kind of meetings (`meeting_kind`, else `title`), who takes part, and their roles: a
    meeting without a kind may be such a one, and somebody of unknown role may be the one who is needed.
    """
    missing = d.interval("meetings_missing_role")
    said = "{missing_role_words}{meeting_kinds_told}{engaged_as_of}"
    return Rules(
        applies=d.is_open & (d.interval("key_meetings") >= 1),
        watch=missing >= 1,
        message={
            "watch": said,
            "pass": "key meetings: {key_meetings_lo:count}, none without those it needs"
            "{meeting_kinds_told}{engaged_as_of}",
            "insufficient_data": "key meetings seen: {key_meetings_lo:count}, surely without those "
            "they need: {meetings_missing_role_lo:count}{meeting_kinds_told}{meeting_kinds_known}"
            "{engaged_as_of}",
        },
        actual=d.meetings_missing_role_lo,
        expected=at_most(0, source=PRACTICE),
        evidence=[
            Cite("activities", "meeting_kind", ids=d.missing_role_meeting_ids),
            *cited(d, "key_meetings_lo", "meetings_missing_role_lo", "meetings_missing_role_hi"),
            *cited(d, "meeting_kinds_basis"),
        ],
    )
