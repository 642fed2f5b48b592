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
    from collections.abc import Collection, Iterable, Mapping, Sequence

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


MEETINGS: Mapping[str, str] = {
    NOTHING: "security service*, angebot* nachfass*",
    "discovery": "discovery, intro, introduction, introductory, needs analysis, qualification, "
    "kennenlern*, erstgesprach*, bedarfsanalyse, bedarfsaufnahme, decouverte, descubrimiento",
    "demo": "demo, demos, demonstration*, walkthrough, vorfuhrung*, produktvorstellung, demostracion*",
    "technical": "technical, architecture, integration, poc, proof of concept, security, "
    "technik, technisch*, architektur, technique*, tecnic*, seguridad, securite",
    "pricing": "price*, pricing, quote*, quotation*, offer, discount*, commercials, "
    "preis*, angebot*, konditionen, rabatt*, prix, devis, offre, tarif*, remise*, "
    "precio*, presupuesto*, oferta*, cotizacion*, descuento*",
    "legal": "legal, contract, contracts, nda, dpa, redline*, terms and conditions, "
    "vertrag*, agb, recht, datenschutz, juridi*, contrat, contrats, contrato*",
    "executive": "executive, executives, board, sponsor, steering committee, "
    "geschaftsleitung, geschaftsfuhr*, vorstand*, lenkungsausschuss, lenkungskreis, "
    "codir, comite de direction, comite ejecutivo, comite de direccion",
    "review": "review, qbr, retrospective, status, update, weekly, sync, check-in, catch-up, follow-up, "
    "jour fixe, ruckblick, abstimmung, suivi, seguimiento",
    "other": "kickoff, kick-off, training, workshop, onboarding, lunch, dinner, "
    "schulung, mittagessen, formation, formacion, almuerzo",
}
"""What a meeting is for, by words of its title."""

EVERYDAY = ("review", "other")
"""Kinds of meetings whose words stand beside others: a pricing review is about the price."""

SIDE_TASKS: Mapping[str, str] = {
    NOTHING: "report back",
    "order_chasing": "order status, track order, tracking, where is my order, delivery status, "
    "chase order*, shipment*, expedite*, "
    "lieferstatus, bestellstatus, liefertermin*, sendungsverfolgung, auftragsstatus, "
    "suivi de commande, suivi commande, statut de commande, livraison*, "
    "estado del pedido, seguimiento de pedido, entrega*, envio*",
    "report": "report, reports, reporting, bericht*, berichte*, auswertung*, rapport*, informe*",
    "invoice": "invoice*, billing, credit note*, dunning, payment reminder*, "
    "rechnung*, gutschrift*, mahnung*, facture*, facturation, avoir, relance paiement, "
    "factura*, facturacion, nota de credito",
    "ticket": "ticket*, support case*, service case*, complaint*, rma, "
    "storung*, reklamation*, beschwerde*, reclamation*, incidencia*, reclamacion*",
}
"""What a task is that is nobody's sale, by words of its title."""


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


def _hits(
    lists: Mapping[str, str], more: Mapping[str, Iterable[str]]
) -> tuple[dict[str, pl.Expr], pl.Expr]:
    """Return by kind whether ``whole`` or ``rest`` has a word of it, and ``rest``: what phrases leave."""
    words = {k: (*words_of(listed), *words_of(more.get(k, ()))) for k, listed in lists.items()}
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
        for kind in lists
        if kind != NOTHING
    }
    return hits, rest


def matched(
    texts: pl.Series,
    lists: Mapping[str, str],
    more: Mapping[str, Iterable[str]],
    everyday: Collection[str] = (),
    wordless: str | None = None,
) -> pl.Series:
    """Return of which kind each text is; unknown where no word, or words of several kinds, are in it.

    Args:
        texts: Texts, each looked at once however often it is there.
        lists: Words by kind.
        more: Further words of these kinds, from the configuration.
        everyday: Kinds whose words count only where there are none of another kind.
        wordless: What a text is that is not empty and holds none of the words.
    """
    hits, rest = _hits(lists, more)
    whole = pl.col("whole")
    given = pl.DataFrame({"text": texts})
    known = given.unique().with_columns(whole=_plain(pl.col("text"))).with_columns(rest=rest)
    known = known.with_columns(**hits)
    rare = [kind for kind in hits if kind not in everyday]
    common = [kind for kind in hits if kind in everyday]
    kind = _only(rare)
    if common:
        kind = pl.coalesce(kind, pl.when(~pl.any_horizontal(*rare)).then(_only(common)))
    if wordless is not None:
        bare = ~pl.any_horizontal(*hits) & (whole.str.strip_chars() != "")
        kind = pl.when(bare).then(pl.lit(wordless)).otherwise(kind)
    known = known.select("text", kind=kind)
    return given.join(known, on="text", how="left", maintain_order="left")["kind"]


def _only(kinds: Sequence[str]) -> pl.Expr:
    """Return the kind whose column is true, where just one of them is."""
    named = pl.coalesce(*(pl.when(pl.col(kind)).then(pl.lit(kind)) for kind in kinds))
    return pl.when(pl.sum_horizontal(*kinds) == 1).then(named)
