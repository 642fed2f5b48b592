"""Words by which titles and subjects are understood: English, German, French and Spanish.

Accents and case do not matter. ``*`` stands for any letters before or after a word. What is of
several words is looked for first, so that an account executive is of sales and no executive. A text
with words of two kinds is of neither: nobody knows which one it means.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOTHING = ""
"""The kind of words that say nothing, although they hold others that would."""

FUNCTIONS: Mapping[str, str] = {
    NOTHING: "vice president, product owner, process owner, system owner, quality control*, "
    "cost control*, personal assistant, personal trainer",
    "executive": "ceo, president, chairman, chairwoman, founder*, co-founder, cofounder, owner, "
    "chief executive, managing director, general manager, "
    "geschaftsfuhr*, vorstand*, inhaber*, grunder*, prasident*, "
    "pdg, directeur general, directrice generale, gerant*, fondat*, "
    "director general, directora general, gerente general, consejero delegado, presidente, "
    "presidenta, fundador*, propietari*",
    "finance": "cfo, financ*, finanz*, *controller*, *controlling, accountant*, accounting, accounts, "
    "treasur*, auditor*, tax, payroll, chief accountant, "
    "buchhalt*, bilanzbuchhalt*, steuern, steuerberat*, steuerabteilung, rechnungswesen, "
    "comptab*, daf, raf, tresor*, contab*, contador*, tesorer*",
    "it": "it, cio, cto, ciso, ict, edv, software, developer*, sysadmin*, devops, informati*, "
    "information technology, information systems, information security, chief information officer, "
    "chief technology officer, data engineer*, system administrator*, systemadministrator*, "
    "dsi, rssi, sistemas",
    "purchasing": "cpo, purchas*, procurement, buyer*, sourcing, "
    "*einkauf*, beschaffung*, achat*, acheteu*, approvisionn*, compras, comprador*, aprovisionamiento",
    "legal": "legal, lawyer*, attorney*, counsel, jurist*, compliance, "
    "recht, rechtsabteilung, justiziar*, *anwalt*, juridi*, avocat*, abogad*",
    "sales": "sales, cro, account executive*, account manager*, account director*, key account*, "
    "business development, business developer*, chief revenue officer, sales operations, "
    "revenue operations, "
    "*vertrieb*, *verkauf*, aussendienst*, commercial*, vente*, vendeu*, ventas, vendedor*, comercial*",
    "marketing": "marketing, cmo, brand, communications, "
    "kommunikation*, presse, pressesprech*, pressestelle, communication, comunicacion, mercadeo",
    "hr": "hr, chro, recruit*, talent, people operations, human resources, chief people officer, "
    "personal, personalleit*, personalabteilung, personalreferent*, personalwesen, "
    "rh, drh, ressources humaines, recursos humanos, rrhh",
    "production": "production, manufacturing, plant, factory, produktion*, fertigung*, werksleit*, "
    "werkleit*, betriebsleit*, usine, fabrication, atelier, produccion, fabrica, planta, fabricacion",
    "operations": "operations, operational, coo, chief operating officer, logistic*, warehouse*, "
    "fulfil*, logistik*, lager, lagerleit*, disposition, disponent*, exploitation, logistique, "
    "operaciones, logistica, almacen",
    "other": "assistant*, assistenz*, secretar*, sekretar*, assistante, asistente*",
}
"""What somebody works in, by words of the job title."""


_EDGE = r"(?-u:\b)"
"""The edge of a word; accents are gone by then, and looking for those of all scripts takes long."""


def plain(text: str) -> str:
    """Return a text as words are compared: small letters without accents."""
    split = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(mark for mark in split if not unicodedata.combining(mark)).lower()


def _plain(text: pl.Expr) -> pl.Expr:
    """Return the same over a column."""
    split = text.str.replace_all("ß", "ss", literal=True).str.normalize("NFKD")
    return split.str.replace_all(r"\p{M}", "").str.to_lowercase()


def words_of(listed: str | Iterable[str]) -> tuple[str, ...]:
    """Return words, given in a row with commas or one by one, as they are compared."""
    given = listed.split(",") if isinstance(listed, str) else listed
    return tuple(filter(None, (plain(word).strip() for word in given)))


def _pattern(words: Iterable[str]) -> str:
    """Return a regular expression that finds any of the words."""
    found = "|".join(_word(word) for word in sorted(words, key=len, reverse=True))
    return f"(?:{found})"


def _word(word: str) -> str:
    text = r"\s+".join(map(re.escape, word.strip("*").split()))
    before = "" if word.startswith("*") else _EDGE
    after = "" if word.endswith("*") else _EDGE
    return f"{before}{text}{after}"


def matched(
    texts: pl.Series, lists: Mapping[str, str], more: Mapping[str, Iterable[str]]
) -> pl.Series:
    """Return of which kind each text is; unknown where no word, or words of several kinds, are in it.

    Args:
        texts: Texts, each looked at once however often it is there.
        lists: Words by kind.
        more: Further words by kind, from the configuration.
    """
    kinds = [*lists, *(kind for kind in more if kind not in lists)]
    words = {k: (*words_of(lists.get(k, "")), *words_of(more.get(k, ()))) for k in kinds}
    phrases = {k: [w for w in found if " " in w] for k, found in words.items()}
    several = [word for found in phrases.values() for word in found]
    single = {k: [w for w in found if " " not in w] for k, found in words.items()}
    whole = pl.col("whole")
    rest = whole.str.replace_all(_pattern(several), " ") if several else whole
    hits = {
        kind: pl.any_horizontal(
            where.str.contains(_pattern(found[kind]))
            for where, found in ((whole, phrases), (pl.col("rest"), single))
            if found[kind]
        )
        for kind in kinds
        if kind != NOTHING and words[kind]
    }
    given = pl.DataFrame({"text": texts})
    known = given.unique().with_columns(whole=_plain(pl.col("text"))).with_columns(rest=rest)
    known = known.with_columns(**hits)
    kind = pl.coalesce(*(pl.when(pl.col(kind)).then(pl.lit(kind)) for kind in hits))
    only = pl.sum_horizontal(*hits) == 1
    known = known.select("text", kind=pl.when(only).then(kind))
    return given.join(known, on="text", how="left", maintain_order="left")["kind"]
