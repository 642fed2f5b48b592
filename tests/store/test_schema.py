"""The schema is complete and hangs together."""

import pytest

from dealreview.model.errors import StoreError
from dealreview.store.schema import INTERNAL, OWNERS, SOURCES, TABLES, Column, Table, table

ALL = [*TABLES.values(), *INTERNAL.values()]


def test_there_are_thirty_one_data_tables() -> None:
    """The first wave has 31 tables, each with the trace back to its file."""
    assert len(TABLES) == 31
    assert all(t.names[-2:] == ("source_row", "gone_on") for t in TABLES.values())


@pytest.mark.parametrize("described", ALL, ids=lambda t: t.name)
def test_a_table_names_its_columns_once_and_its_key_first(described: Table) -> None:
    """Every table has distinct columns, the key first, and a description of each."""
    names = [column.name for column in described.columns]
    assert len(names) == len(set(names))
    assert tuple(names[: len(described.key)]) == described.key
    assert described.description.endswith(".")
    assert all(column.description for column in described.columns)


@pytest.mark.parametrize("described", ALL, ids=lambda t: t.name)
def test_what_a_table_points_at_exists(described: Table) -> None:
    """References, parents, dates and owners name things that there are."""
    everything = TABLES | INTERNAL
    for column in described.columns:
        if column.references:
            target, name = column.references.split(".")
            assert name in everything[target].names
        assert bool(column.values) == (column.type == "enum")
        assert set(column.recorded_from) <= set(SOURCES)
    assert all(everything[parent].key == (column,) for column, parent in described.parents.items())
    assert described.owner in OWNERS
    if described.dated_by:
        assert described.by_name[described.dated_by].type in ("date", "instant")
    for column_of in {
        "account": "account_id",
        "deal": "deal_id",
        "activity": "activity_id",
    }.items():
        assert described.owner != column_of[0] or column_of[1] in described.names


def test_money_has_a_currency() -> None:
    """A column of money is in the currency of its own row or of its deal."""
    for described in TABLES.values():
        for column in described.columns:
            if column.type == "money":
                assert column.name.endswith("_minor")
                own = "currency" in described.names
                assert column.unit == ("currency" if own else "deal currency")


def test_an_unknown_table_or_column_gets_a_proposal() -> None:
    """A typing error is answered with the nearest name."""
    with pytest.raises(StoreError, match="Did you mean 'deals'"):
        table("deal")
    with pytest.raises(StoreError, match="Did you mean 'owner_id'"):
        table("deals").column("ownerid")


def test_an_unknown_type_is_refused() -> None:
    """A column takes one of the documented types."""
    with pytest.raises(ValueError, match="type is one of"):
        Column("name", "string", "Name")
