"""Words of titles: one kind, or nobody knows."""

from __future__ import annotations

import polars as pl
import pytest

from dealreview.plugins.wordlists import (
    EVERYDAY,
    FUNCTIONS,
    MEETINGS,
    SIDE_TASKS,
    matched,
    plain,
)
from dealreview.store.schema import TABLES


def function_of(title: str | None, **more: list[str]) -> str | None:
    """Return what somebody of a title works in."""
    return matched(pl.Series([title], dtype=pl.String), FUNCTIONS, more).to_list()[0]


@pytest.mark.parametrize(
    ("title", "function"),
    [
        ("CFO", "finance"),
        ("Leiterin Finanzen und Controlling", "finance"),
        ("Directora financiera", "finance"),
        ("Responsable comptabilité", "finance"),
        ("Chefeinkäufer", "purchasing"),
        ("Directrice des achats", "purchasing"),
        ("Jefe de compras", "purchasing"),
        ("Head of IT", "it"),
        ("Responsable informatique", "it"),
        ("Geschäftsführerin", "executive"),
        ("Managing Director", "executive"),
        ("Rechtsanwältin", "legal"),
        ("Chief  Operating   Officer", "operations"),
        ("Plant Manager", "production"),
        ("Responsable RH", "hr"),
        ("Vertriebsleiter", "sales"),
        ("Digital Marketing Manager", "marketing"),
    ],
)
def test_titles_in_four_languages(title: str, function: str) -> None:
    """Case, accents and the end of a word make no difference."""
    assert function_of(title) == function
    assert function_of(title.upper()) == function


@pytest.mark.parametrize(
    ("title", "function"),
    [
        ("Account Executive", "sales"),
        ("Vice President Sales", "sales"),
        ("Product Owner", None),
        ("Quality Controller", None),
        ("Personal Assistant", None),
        ("Assistant to the CEO", None),
        ("Finance & HR", None),
        ("Itinerant", None),
        ("Steuerungstechnik", None),
        ("Project Manager", None),
        ("", None),
        (None, None),
    ],
)
def test_a_word_inside_another_thing_says_nothing(title: str | None, function: str | None) -> None:
    """What is of several words comes first; of two kinds, or of none, nobody knows which it is."""
    assert function_of(title) == function


def test_words_of_the_configuration_come_beside_the_others() -> None:
    """A company's own word counts like one that is built in, and can make a title ambiguous."""
    assert function_of("Chef de projet", operations=["chef de proj*"]) == "operations"
    assert function_of("CFO", operations=["CFO"]) is None
    assert function_of("Trésorerie", finance=[]) == "finance"


def test_the_longer_of_two_phrases_is_meant() -> None:
    """What a phrase of the company holds counts for nothing else, even after a shorter phrase."""
    assert function_of("Product Owner IT", operations=["product owner it"]) == "operations"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Angebotsbesprechung", "pricing"),
        ("Pricing review", "pricing"),
        ("Revue du contrat", "legal"),
        ("Weekly sync", "review"),
        ("Weekly training", None),
        ("Demo and contract", None),
        ("Demo, contract, weekly", None),
        ("With Anna", "none of them"),
        ("  ", None),
        (None, None),
    ],
)
def test_titles_of_meetings(title: str | None, kind: str | None) -> None:
    """An everyday word gives way to another; a title without any is told from one with several."""
    given = pl.Series([title], dtype=pl.String)
    assert matched(given, MEETINGS, {}, EVERYDAY, wordless="none of them").to_list() == [kind]


@pytest.mark.parametrize(
    ("title", "task"),
    [
        ("Order status Meyer", "order_chasing"),
        ("Suivi de commande", "order_chasing"),
        ("Monatsbericht", None),
        ("Bericht März", "report"),
        ("Factura 12", "invoice"),
        ("Reklamation", "ticket"),
        ("Report back to Anna", None),
    ],
)
def test_titles_of_tasks(title: str, task: str | None) -> None:
    """A task is a side task by what its title says."""
    assert matched(pl.Series([title]), SIDE_TASKS, {}).to_list() == [task]


def test_every_kind_is_one_of_the_column() -> None:
    """No list names what the table can't hold, and none leaves a kind out."""
    columns = {
        ("contacts", "function"): FUNCTIONS,
        ("activities", "meeting_kind"): MEETINGS,
        ("activities", "side_task"): SIDE_TASKS,
    }
    for (table, column), lists in columns.items():
        assert {kind for kind in lists if kind} == {*TABLES[table].by_name[column].values}


def test_plain_letters() -> None:
    """A text in the code and one in a column are compared in the same letters."""
    assert plain("Größe Éa") == "grosse ea"
