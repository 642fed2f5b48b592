"""Whether price and value were talked about, and when."""

from __future__ import annotations

import polars as pl

from dealreview import Cite, Columns, Fact, Inputs, Limit, Rules, check, facts
from dealreview.plugins.conversations import (
    ARE_RECORDED,
    TALKS,
    USES,
    events,
    nobody_named,
    reads,
    with_people,
)
from dealreview.plugins.evidence import JUDGEMENT, cited
from dealreview.plugins.subjects import begun, with_facts, with_own_row
from dealreview.plugins.tags import MIN_TAG_COVERAGE, enough, needed
from dealreview.plugins.words import counted, late_clock, spoken

TOPICS = "activity_topics"
NEEDS = (*ARE_RECORDED, TOPICS)
PRICED = ("price", "value")
"""Topics that make a conversation one on what the deal should cost."""

_IDS = pl.List(pl.String)


@facts(
    "deal",
    Fact(
        "price_talk",
        "enum",
        "Held meetings and answered calls with a buyer person on price or value: before_quote (on or "
        "before the day of the first quote), after_quote, none; unknown where that may be missing: "
        "activities not recorded since the deal began, or topics on too few conversations "
        "(`min_tag_coverage`).",
        requires=NEEDS,
        origin=TOPICS,
    ),
    Fact(
        "price_discussed",
        "bool",
        "A held conversation with a buyer person has the topic price; unknown as above.",
        requires=NEEDS,
        origin=TOPICS,
    ),
    Fact(
        "price_talk_words", "text", "When it was talked about, against the first quote, in words."
    ),
    Fact("held_conversations", "int", "Held conversations with a buyer person.", requires=NEEDS),
    Fact("tagged_conversations", "int", "Those with any topic.", requires=NEEDS),
    Fact("conversations_words", "text", "Conversations and what they were about, in words."),
    Fact("price_talk_ids", "set", "The conversations on price or value.", requires=NEEDS),
    reads=reads(
        deals=("deal_id", "created_on", "first_quote_on"),
        activity_topics=("activity_id", "topic"),
    ),
    uses=USES,
    params=MIN_TAG_COVERAGE,
)
def talks(inputs: Inputs) -> pl.DataFrame:
    """Find the conversations on price and value of each deal."""
    deals = with_own_row(with_facts(inputs), inputs.table("deals"))
    spoken_about = _conversations(inputs, deals)
    sure = pl.col("sure")
    about = sure & pl.col("priced")
    quote = pl.col("first_quote_on")
    found = spoken_about.group_by("id").agg(
        held_conversations=sure.sum().cast(pl.Int64),
        tagged_conversations=(sure & pl.col("tagged")).sum().cast(pl.Int64),
        first_talk=pl.col("on").filter(about).min(),
        before=(about & (pl.col("on") <= quote).fill_null(value=True)).any(),
        discussed=(sure & pl.col("on_price")).any(),
        vague=(~sure & (pl.col("priced") | ~pl.col("tagged"))).any(),
        price_talk_ids=pl.col("activity_id").filter(about),
    )
    counts = pl.col("held_conversations", "tagged_conversations").fill_null(0)
    flags = pl.col("before", "discussed", "vague").fill_null(value=False)
    frame = deals.join(found, on="id", how="left").with_columns(counts, flags)
    return _told(inputs, frame)


def _conversations(inputs: Inputs, deals: pl.DataFrame) -> pl.DataFrame:
    """Return held conversations once: ``sure`` to be with a buyer, ``tagged``, ``priced``, ``on_price``.

    What may be one, by its kind, its status or the company of a person, is there too.
    """
    a_talk = pl.col("kind").is_in(TALKS)
    maybe = (a_talk & pl.col("answered")).fill_null(value=True)
    found = events(inputs, deals).filter(maybe)
    people = with_people(inputs, found)
    unnamed = nobody_named(found)
    columns = ["id", "activity_id", "on", "first_quote_on"]
    rows = pl.concat(
        [
            people.select(*columns, sure=a_talk & pl.col("talked")),
            unnamed.select(*columns, sure=pl.lit(None, dtype=pl.Boolean)),
        ]
    ).filter(pl.col("sure").fill_null(value=True))
    rows = rows.group_by(columns).agg(sure=pl.col("sure").fill_null(value=False).any())
    tags = inputs.table(TOPICS).drop_nulls("topic").group_by("activity_id")
    topic = pl.col("topic")
    topics = tags.agg(priced=topic.is_in(PRICED).any(), on_price=(topic == "price").any())
    rows = rows.join(topics, on="activity_id", how="left")
    return rows.with_columns(tagged=pl.col("priced").is_not_null()).with_columns(
        pl.col("priced", "on_price").fill_null(value=False)
    )


def _told(inputs: Inputs, frame: pl.DataFrame) -> pl.DataFrame:
    """Say what is known: what is missing means something only where topics are kept."""
    held, tagged = pl.col("held_conversations"), pl.col("tagged_conversations")
    start = begun(inputs)
    whole = inputs.feeds.reaches("activities", start, pl.col("day")).fill_null(value=False)
    absent = whole & enough(inputs, held, tagged) & ~pl.col("vague")
    talked = pl.col("first_talk").is_not_null()
    talk = (
        pl.when("before").then(pl.lit("before_quote"))
        .when(absent & talked).then(pl.lit("after_quote"))
        .when(absent).then(pl.lit("none"))
    )  # fmt: skip
    frame = frame.with_columns(price_talk=talk)
    return frame.select(
        "id",
        "price_talk",
        "held_conversations",
        "tagged_conversations",
        price_discussed=pl.when("discussed")
        .then(statement=True)
        .when(absent)
        .then(statement=False),
        price_talk_words=_talk_words(),
        conversations_words=_conversation_words(inputs),
        price_talk_ids=pl.col("price_talk_ids").fill_null(pl.lit([], dtype=_IDS)),
    )


def _talk_words() -> pl.Expr:
    """Return quote and talk with their days: ``quote on 3 May 2025, first value talk on 9 May 2025``."""
    first, quote = spoken(pl.col("first_talk")), spoken(pl.col("first_quote_on"))
    talked = pl.coalesce(
        pl.format("first talk on price or value on {}", first),
        pl.lit("no talk on price or value seen"),
    )
    return pl.coalesce(pl.format("quote on {}, {}", quote, talked), talked)


def _conversation_words(inputs: Inputs) -> pl.Expr:
    """Return what was talked, and how much of it says what about: ``2 conversations, 0 with a topic …``."""
    held, tagged = pl.col("held_conversations"), pl.col("tagged_conversations")
    late, least = late_clock(inputs, "activities"), needed(inputs, held, tagged)
    number = counted(held, held, "conversation", "conversations")
    some = pl.format("{}, {} with a topic noted{}{}", number, tagged, least, late)
    return pl.when(held == 0).then(pl.format("no conversation seen{}", late)).otherwise(some)


@check.columns(
    "pricing/jointly-set-price",
    severity="minor",
    ask=["How did the customer take part in deciding what this should cost?"],
    sources=[f"before the first quote, and half of the conversations with a topic: {JUDGEMENT}"],
)
def jointly_set_price(d: Columns) -> Rules:
    """The customer took part in deciding what it should cost.

    A price that follows from a value worked out together is easier to defend than one that arrives in
    a quote. Once a quote is out, a talk on price or value (a held meeting or an answered call with a
    buyer person, tagged with that topic) should lie on or before its day. With at least one value
    item that a contact wrote, that is a strength. Talks only after the quote are a watch; so is none
    at all, and from negotiation on that is a risk.

    That something is missing is only said where activities are recorded since the deal began and at
    least half of the conversations carry any topic.

    Needs the day of the first quote, activities with who took part, and their topics.
    """
    none = d.price_talk == "none"
    return Rules(
        applies=d.quote_out,
        risk=none & d.is_open & (d.milestone >= 5),
        watch=d.price_talk.is_in(["none", "after_quote"]),
        strength=d.value_items_by_customer >= 1,
        message={
            "risk": "{price_talk_words}; {conversations_words}",
            "watch": "{price_talk_words}; {conversations_words}",
            "pass": "{price_talk_words}",
            "strength": "{price_talk_words}; value items written by the customer: "
            "{value_items_by_customer:count}",
            "insufficient_data": "{price_talk_words}; {conversations_words}",
        },
        actual=d.price_talk,
        expected=dict.fromkeys(
            ("risk", "watch"),
            Limit("=", "a talk on price or value before the quote", source=JUDGEMENT),
        ),
        evidence=[
            *cited(d, "price_talk"),
            Cite("activities", "kind", ids=d.price_talk_ids),
            *cited(d, "held_conversations", "tagged_conversations"),
        ],
    )


@check.columns(
    "pricing/pricing-not-discussed",
    severity="minor",
    ask=["How does the customer talk about money when the subject comes up?"],
    sources=[f"by evaluation, and half of the conversations with a topic: {JUDGEMENT}"],
)
def pricing_not_discussed(d: Columns) -> Rules:
    """The price is talked about before it is written down.

    In evaluation or later, with no quote out, no held conversation with a buyer person has the topic
    price: a watch, and a risk from the proposal stage on. Once a quote is out, the check on a price
    set together takes over.

    That something is missing is only said where activities are recorded since the deal began and at
    least half of the conversations carry any topic. Needs activities with who took part, and topics.
    """
    silent = ~d.price_discussed
    return Rules(
        applies=d.evaluation_or_later & ~d.quote_out,
        risk=silent & (d.milestone >= 4),
        watch=silent,
        message={
            "risk": "{stage_name} and no quote out; {conversations_words}, none of them on the price",
            "watch": "{stage_name} and no quote out; {conversations_words}, none of them on the price",
            "pass": "the price was talked about; no quote is out yet",
            "insufficient_data": "{conversations_words}: not enough to say that the price was not "
            "talked about",
        },
        evidence=[
            Cite("activities", "kind", ids=d.price_talk_ids),
            *cited(d, "held_conversations", "tagged_conversations"),
        ],
    )
