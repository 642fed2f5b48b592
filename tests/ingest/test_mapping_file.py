from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealreview.ingest.mapping_file import (
    BLOCK_KEYS,
    FIELD_KEYS,
    LOOKUP_KEYS,
    STAGE_KEYS,
    TOP_KEYS,
    is_secret,
    load_mapping,
    parse_mapping,
    preset_names,
)
from dealreview.ingest.suggest import toml, toml_key
from dealreview.model.errors import ConfigurationError
from tests.ingest.importing import DEALS

if TYPE_CHECKING:
    from pathlib import Path


def test_a_small_mapping_says_what_is_needed() -> None:
    """A source and one block with a key are enough; the rest has defaults."""
    mapping = parse_mapping(f'source = "crm"\n{DEALS}')
    (block,) = mapping.blocks
    assert (mapping.source, block.name, mapping.zone.key, mapping.currency) == (
        "crm",
        "deals.csv",
        "UTC",
        "",
    )
    assert block.targets[0].fields["deal_id"].columns == ("id",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source = ", "mapping is not valid TOML"),
        ("", "mapping needs source"),
        ('source = "a:b"', "needs source"),
        ('source = "a"\ncurency = "EUR"', "unknown key 'curency'. Did you mean 'currency'?"),
        ('source = "a"\ncurrency = "EURO"', "unknown currency 'EURO'"),
        ('source = "a"\ntime_zone = "Europe/Bern"', "unknown time_zone 'Europe/Bern'"),
        ('source = "a"\nencoding = "cp125"\n[[file]]\nmatch = "x"', "no text encoding 'cp125'"),
        ('source = "a"\nexported_on = "gestern"', "needs a day as exported_on"),
        ('source = "a"\nnumber = "xx"', "no number format 'xx'"),
        ('source = "a"\ndecimal = ","\nthousands = ","', "can't be told apart"),
        ('source = "a"\n[stages]\nX = {milestone = "propsal"}', "Did you mean 'proposal'?"),
        ('source = "a"\n[stages]\nX = {kind = "over"}', "Kinds: open, won, lost, closed."),
        ('source = "a"\n[feeds]\ndeal = {}', "Did you mean 'deals'?"),
        (
            'source = "a"\n[feeds]\ndeals = {from = 2025-02-01, to = 2025-01-01}',
            "ends before it starts",
        ),
        ('source = "a"\n[[file]]\ninto = "deals"', "needs match"),
        (
            'source = "a"\n[[file]]\nmatch = "d"\ninto = "deal"',
            "unknown table 'deal'. Did you mean 'deals'?",
        ),
        ('source = "a"\n[[file]]\nmatch = "d"\n[file.fields]\nx = "y"', "has fields and no into"),
        (
            'source = "a"\n[[file]]\nmatch = "d"\ninto = "deals"',
            "does not say what deal_id is made of",
        ),
        (
            'source = "a"\n[[file]]\nmatch = "d"\ndelimiter = "::"',
            "needs one character as delimiter",
        ),
        (
            'source = "a"\n[[file]]\nmatch = "d"\n[[file]]\nmatch = "d"',
            "is the second block named 'd'",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    """Every message names what is wrong, and the nearest known name where there is one."""
    with pytest.raises(ConfigurationError) as caught:
        parse_mapping(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ('nam = "x"', "fields.nam is no field of deals. Did you mean 'name'?"),
        ('gone_on = "x"', "is no field of deals"),
        ("name = 1", "needs a column or a table of settings"),
        ("name = {}", "needs one of column, columns, constant and multiply"),
        (
            'name = {column = "a", constant = "b"}',
            "needs one of column, columns, constant and multiply",
        ),
        ('name = {colum = "a"}', "unknown key 'colum'. Did you mean 'column'?"),
        (
            'name = {column = "a", lookup = {file = "x", key = "k", value = "v"}}',
            "unknown block 'x'",
        ),
        ('name = {column = "a", lookup = {file = "deals.csv"}}', "needs file, key and value"),
        ('stage_id = {column = "a", values = {A = ["b"]}}', "needs single values in values"),
        ('name = "Pass Word"', "which is never stored"),
        ('"x.Größe" = "a"', "is no name for a column of your own"),
        ('"x.a" = {column = "a", type = "decimal"}', "unknown type 'decimal'"),
        ('amount_minor = {column = "a", unit = "permille"}', "unknown unit 'permille'"),
    ],
)
def test_what_is_wrong_with_a_field_is_said(field: str, said: str) -> None:
    """Unknown keys, impossible settings and secrets are refused by name."""
    with pytest.raises(ConfigurationError) as caught:
        parse_mapping(f'source = "a"\n{DEALS}{field}')
    assert said in str(caught.value)


def test_a_share_needs_a_unit() -> None:
    """A discount is a fraction, a percentage or an amount: nobody can tell from 0.5."""
    block = '[[file]]\nmatch = "a"\ninto = "approvals"\n[file.fields]\napproval_id = "id"\ndeal_id = "d"\n'
    with pytest.raises(
        ConfigurationError, match='A share is a "fraction", a "percent" or an "amount"'
    ):
        parse_mapping(f'source = "a"\n{block}discount_ratio = "x"')
    with pytest.raises(ConfigurationError, match="Say of what"):
        parse_mapping(f'source = "a"\n{block}discount_ratio = {{column = "x", unit = "amount"}}')


def test_custom_fields_belong_to_some_tables() -> None:
    """Deals, accounts and people take x.<name>; others refuse it."""
    block = '[[file]]\nmatch = "a"\ninto = "contacts"\n[file.fields]\ncontact_id = "id"\n'
    with pytest.raises(ConfigurationError, match="They belong to deals, accounts, people"):
        parse_mapping(f'source = "a"\n{block}"x.a" = "b"')


def test_complete_is_for_all_blocks_of_a_table_or_none() -> None:
    """Else the rows of the other block would be gone after each import."""
    other = DEALS.replace("deals.csv", "more.csv").replace("into", "complete = true\ninto")
    with pytest.raises(ConfigurationError, match="Say complete in all of them or in none"):
        parse_mapping(f'source = "a"\n{DEALS}{other}')


def test_presets_are_found_by_name(tmp_path: Path) -> None:
    """A file comes first, then a preset; else the presets are named."""
    assert preset_names() == ("hubspot", "pipedrive", "salesforce")
    assert load_mapping("salesforce").source == "salesforce"
    path = tmp_path / "mine.toml"
    path.write_text(f'source = "mine"\n{DEALS}')
    assert (load_mapping(path).source, load_mapping(path).name) == ("mine", "mine.toml")
    with pytest.raises(
        ConfigurationError,
        match=r"Presets: hubspot, pipedrive, salesforce\. Did you mean 'salesforce'\?",
    ):
        load_mapping("saleforce")


@pytest.mark.parametrize(
    ("column", "secret"),
    [
        ("PasswordHash", True),
        ("API Key", True),
        ("user_pwd", True),
        ("Passwort", True),
        ("Passenger", False),
        ("Secretary", False),
        ("accessToken", True),
        ("SALT", True),
        ("Name", False),
    ],
)
def test_secrets_are_known_by_their_names(column: str, secret: bool) -> None:
    """Passwords, salts, tokens and keys."""
    assert is_secret(column) is secret


KEYS = sorted(
    {*TOP_KEYS, *BLOCK_KEYS, *FIELD_KEYS, *LOOKUP_KEYS, *STAGE_KEYS, "amount_minor", "from", "x"}
)
ATOMS = ["", "x", "deals", "en", "EUR", ",", "percent", "%d", "a:b", 0, 1, -1, 2.5, True]


def tables(values: st.SearchStrategy[object], size: int) -> st.SearchStrategy[dict[str, object]]:
    """Return tables with keys that a mapping knows somewhere."""
    return st.dictionaries(st.sampled_from(KEYS), values, max_size=size)


def as_toml(value: object) -> str:
    """Return any value as TOML."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_key(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
    return toml(value)


VALUES = st.recursive(
    st.sampled_from([*ATOMS, dt.date(2025, 1, 1)]),
    lambda inner: st.lists(inner, max_size=2) | tables(inner, 4),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(top=tables(VALUES, 5), block=tables(VALUES, 9))
def test_any_mapping_is_read_or_refused(top: dict[str, object], block: dict[str, object]) -> None:
    """Whatever stands where, the answer is a mapping or a sentence."""
    file = {"match": "a", "into": "deals", "fields": {"deal_id": "i"}} | block
    data = {"source": "crm", **top, "file": [file]}
    with suppress(ConfigurationError):
        parse_mapping("\n".join(f"{toml_key(k)} = {as_toml(v)}" for k, v in data.items()))
