"""Words that exports use in English, German and French, for proposals only: a mapping states facts."""
# One line a field reads as the table it is.
# ruff: noqa: E501

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from dealreview.ingest.values import squeezed

if TYPE_CHECKING:
    from collections.abc import Mapping


def words(text: str) -> tuple[str, ...]:
    """Return words as they are compared: letters and digits, without case."""
    return tuple(squeezed(word) for word in text.split(","))


def _stems(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


FILE_WORDS: Mapping[str, tuple[str, ...]] = {
    "deal_changes": words("history, stage history, field history, verlauf, historie, historique"),
    "price_steps": words("quote step, price step, discount, rabatt, konditionen, remise"),
    "deal_lines": words(
        "line item, lineitem, deal line, order detail, quote line, product line, position, positionen, lignes, order line"
    ),
    "stakeholders": words(
        "contact role, contactrole, deal role, contact deal, stakeholder, kontaktrolle, rôle"
    ),
    "activity_attendees": words("participant, attendee, teilnehmer, invitee"),
    "diversion_people": words("diversion people, diversion person"),
    "diversions": words("diversion"),
    "time_entries": words("time entr, timesheet, time sheet, zeiterfassung, stunden, temps"),
    "service_costs": words("service desk, service cost, cost to serve, servicekosten"),
    "account_months": words(
        "account month, monthly, finance month, months, umsatz, chiffre, monate"
    ),
    "activities": words(
        "activit, task, event, call, meeting, mail, touchpoint, aktivität, aufgabe, termin, tâche"
    ),
    "deals": words(
        "deal, opportunit, pipeline, potential, verkaufschance, affaire, opportunité, order, auftrag, commande"
    ),
    "contacts": words("contact, kontakt, ansprechpartner"),
    "teams": words("teams, sales group, vertriebsteams, équipes"),
    "people": words(
        "user, people, employee, agent, team, mitarbeiter, benutzer, utilisateur, employé, salesrep"
    ),
    "accounts": words(
        "account, compan, customer, client, organi, kunde, debitor, firma, firmen, compte, société, entreprise"
    ),
}
"""Parts of file names by table; the first table that fits is tried first."""

ID = "id, key, nr, nummer, number, record id, datensatz id, code"
ID_ENDINGS = frozenset(
    {"id", "ids", "no", "nr", "num", "number", "nummer", "key", "code", "kennung", "numéro", "#"}
)
"""Last words of names that are ids: ``Account no`` is an account's id."""

NOUNS: Mapping[str, tuple[str, ...]] = {
    "accounts": words("organization, organisation, account, company"),
    "contacts": words("person, contact"),
    "deals": words("deal, opportunity"),
    "activities": words("activity"),
}
"""What systems put before the names of a table's own columns: ``Deal - Title``."""

DEAL = "deal id, dealid, opportunity id, opportunityid, verkaufschance id, id affaire, id opportunité, opportunity, deal, verkaufschance, affaire"
CLOSE_DATES = words(
    "close date, closedate, closing date, date of closing, abschlussdatum, abschluss, date de clôture, clôture"
)
"""Days that are expected while a deal is open, and the day of closing afterwards."""

DEAL_STATES = words("status, deal status, opportunity status, state, outcome, statut, state code")
"""Columns that say whether a deal is won, lost or open, beside its stage."""

FIELD_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "accounts": {
        "account_id": words(f"account id, accountid, company id, customer id, kundennummer, kunden-nr, kunden id, firmen id, id client, numéro client, code client, id compte, debitor id, debitor, auftraggeber id, organization id, {ID}, account, account name, company, company name, customer, customer name, organization, firma, kunde, client, compte"),
        "name": words("name, account name, account, company name, company, customer name, customer, organization name, organization, name 1, firma, firmenname, kunde, kundenname, nom, société, raison sociale, nom du compte, entreprise"),
        "parent_account_id": words("parent account id, parent id, parent account, subsidiary of, parent, muttergesellschaft, société mère, maison mère"),
        "industry": words("industry, sector, industry name, branche, secteur, secteur d'activité"),
        "segment": words("segment, tier, customer segment, kundensegment"),
        "country": words("country, billing country, country region, address 1 country region, land, pays, office location"),
        "employees": words("employees, no. of employees, employee count, number of employees, mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter, effectif, nombre d'employés, salariés"),
        "owner_id": words("owner id, account owner id, owner, account owner, salesperson, betreuer, kundenbetreuer, propriétaire, responsable"),
        "is_key": words("is key account, key account, is key, schlüsselkunde, grand compte"),
        "first_revenue_on": words("customer since, client since, kunde seit, client depuis, first order date"),
    },
    "contacts": {
        "contact_id": words(f"contact id, contactid, kontakt id, ansprechpartner id, id contact, {ID}"),
        "account_id": words("account id, accountid, company id, customer id, account name, account, company, company name, kunde, firma, compte, société, id compte, kundennummer"),
        "name": words("name, full name, contact name, ansprechpartner, kontakt, nom, nom complet"),
        "job_title": words("title, job title, position, role, funktion, titel, fonction, poste, titre"),
        "function": words("department, function, abteilung, service"),
    },
    "people": {
        "person_id": words(f"user id, userid, employee id, employeeid, person id, sales agent, sales rep, mitarbeiter id, personalnummer, id utilisateur, matricule, {ID}, login, user name, full name"),
        "name": words("name, full name, user name, sales agent, sales rep, mitarbeiter, nom, nom complet"),
        "role": words("role, user role, rolle, rôle"),
        "manager_id": words("manager id, managerid, manager, reports to, vorgesetzter, chef, responsable"),
        "team_id": words("team id, team, regional office, office, équipe, abteilung"),
        "started_on": words("hire date, start date, started on, eintritt, eintrittsdatum, date d'embauche"),
        "left_on": words("leave date, left on, end date, austritt, austrittsdatum, date de départ"),
        "weekly_hours": words("weekly hours, hours a week, hours per week, wochenstunden, heures par semaine"),
    },
    "teams": {
        "team_id": words(f"team id, {ID}, team, sales group, équipe"),
        "name": words("name, team name, bezeichnung, nom"),
        "leader_id": words("leader id, lead, leader, team lead, manager, teamleiter, leitung, chef"),
        "parent_team_id": words("parent team id, parent team"),
    },
    "deals": {
        "deal_id": words(f"deal id, dealid, opportunity id, opportunityid, order id, orderid, verkaufschance id, verkaufschancen-nr, auftragsnummer, id affaire, id opportunité, numéro d'affaire, verkaufsbeleg, {ID}, opportunity, deal, verkaufschance, opportunity name, deal name, name, topic, title"),
        "account_id": words("account id, accountid, customer id, customerid, kunden id, debitor id, auftraggeber id, company id, organization id, associated company ids, primary associated company id, account name, account, company, company name, customer, customer name, potential customer, organization, associated company, primary associated company, zugeordnetes unternehmen, zugeordnete unternehmen, unternehmen, kunde, kundenname, debitor, auftraggeber, firma, compte, client, société"),
        "name": words("name, deal name, opportunity name, title, topic, bezeichnung, beschreibung, thema, titel, nom, intitulé, nom de l'affaire, libellé"),
        "stage_id": words("stage, stage name, deal stage, sales stage, pipeline stage, deal phase, pipeline phase, phase, verkaufsphase, vertriebsphase, stufe, étape, phase de vente, status reason, status, statut"),
        "is_closed": words("is closed, closed, is deal closed, abgeschlossen, ist deal abgeschlossen, ist abgeschlossen, geschlossen, est clôturé"),
        "is_won": words("is won, won, is closed won, gewonnen, ist gewonnen, est gagné"),
        "pipeline": words("pipeline, pipeline name, sales process, vertriebsprozess"),
        "owner_id": words("owner id, ownerid, owner, deal owner, opportunity owner, sales agent, sales rep, salesperson, employee id, employeeid, owner name, vertriebsbeauftragter, zuständiger mitarbeiter, deal inhaber, deal verantwortlicher, zuständig, besitzer, verantwortlich, verkäufer, vertriebsmitarbeiter, propriétaire, commercial, responsable"),
        "amount_minor": words("amount, value, deal value, close value, deal amount, est. revenue, estimated revenue, estimated value, actual revenue, erwarteter umsatz, erw. umsatz, nettowert, betrag, wert, auftragswert, volumen, montant, valeur"),
        "currency": words("currency, currency iso code, currencyisocode, currency code, currency of value, deal currency code, währung, belegwährung, devise"),
        "created_on": words("created date, create date, created, created on, created at, created time, deal created, create time, engage date, order date, orderdate, angelegt am, eröffnet am, erstellt, erstellt am, erstelldatum, erstellungsdatum, anlagedatum, date de création, créé le"),
        "closed_on": words("closed date, closed on, closed at, date closed, deal closed on, actual close date, won date, won time, abgeschlossen am, geschlossen am, clôturé le"),
        "expected_close_on": (
            *words("expected close date, expected close, expected closing, expected closing date, est. close date, estimated close date, forecast close date, voraussichtlicher abschluss, voraussichtliches abschlussdatum, erwartetes abschlussdatum, erw. abschlussdatum, geplanter abschluss, geplantes abschlussdatum, date de clôture prévue, clôture prévue"),
            *CLOSE_DATES,
        ),
        "forecast_category": words("forecast category, forecast category name, forecastcategoryname, forecast, prognosekategorie, catégorie de prévision"),
        "loss_reason": words("loss reason, lost reason, reason lost, closed lost reason, verlustgrund, raison de perte"),
    },
    "deal_lines": {
        "line_id": words(f"line id, line item id, lineitemid, order detail id, salesorderdetailid, positions-id, positionsnummer, id ligne, line, position, pos, {ID}"),
        "deal_id": words("deal id, dealid, opportunity id, opportunityid, order id, orderid, salesorderid, auftragsnummer, auftrags id, id affaire, opportunity, deal, order, verkaufsbeleg, verkaufschance"),
        "product": words("product, product name, productname, product id, item, material, produkt, artikel, produit, article, désignation"),
        "quantity": words("quantity, qty, order qty, orderqty, menge, anzahl, quantité"),
        "list_minor": words("list total, list amount, list price total, listenpreis gesamt, total catalogue"),
        "invoice_minor": words("line total, linetotal, total price, totalprice, net amount, gesamtpreis, nettobetrag, total ligne, montant, invoice price, invoice amount, nettowert, amount"),
        "cost_minor": words("line cost, cost total, total cost, cost, kosten, selbstkosten, coût total"),
    },
    "price_steps": {
        "step_id": words(f"step id, price step id, {ID}, step"),
        "deal_id": words(DEAL),
        "line_id": words("line id, line item id, quote line id, line"),
        "place": words("place, invoice, rechnung"),
        "kind": words("kind, type, discount type, art, rabattart, type de remise"),
        "amount_minor": words("amount, discount amount, betrag, montant"),
        "given_on": words("date, given on, created date, datum"),
        "given_by": words("by, given by, author, created by, user"),
    },
    "stakeholders": {
        "deal_id": words(DEAL),
        "contact_id": words("contact id, contactid, kontakt id, ansprechpartner id, id contact, contact, kontakt, ansprechpartner"),
        "is_main": words("is primary, primary, is main, main contact, hauptansprechpartner, principal"),
        "stance": words("stance, attitude, haltung"),
        "influence": words("influence, einfluss"),
    },
    "activities": {
        "activity_id": words(f"activity id, activityid, task id, event id, aktivität id, id activité, {ID}, item"),
        "account_id": words("account id, accountid, company id, kundennummer, kunden id, id compte"),
        "deal_id": words(DEAL),
        "kind": words("activity type, type, kind, task subtype, aktivitätsart, typ, art, type d'activité"),
        "direction": words("direction, call type, richtung, sens"),
        "status": words("status, statut, outcome"),
        "at": words("activity date, date, start, start time, timestamp, activity time, datum, zeitpunkt, beginn, date d'activité, début"),
        "duration_min": words("duration minutes, duration min, duration in minutes, duration, minutes, dauer, dauer in minuten, durée, durée en minutes"),
        "person_id": words("owner id, ownerid, owner, user id, assigned to, assigned to id, zuständig, mitarbeiter, mailbox, postfach, responsable, assigné à"),
        "automated": words("auto reply, automated, automatic"),
        "title": words("subject, title, meeting name, call title, task title, activity subject, betreff, titel, thema, objet, sujet, asunto, titre"),
    },
    "activity_attendees": {
        "activity_id": words("activity id, activityid, event id, item id, item, activity, event"),
        "attendee_id": words("attendee id, participant id, person id, contact id, attendee, participant, person, teilnehmer"),
        "side": words("side, seite"),
        "attended": words("attended, present, teilgenommen, présent"),
    },
    "deal_changes": {
        "change_id": words(f"history id, change id, {ID}, entry"),
        "deal_id": words(DEAL),
        "field": words("field, field name, feld, attribute, champ"),
        "old_value": words("old value, oldvalue, previous stage, from stage, alter wert, ancienne valeur"),
        "new_value": words("new value, newvalue, new stage, to stage, neuer wert, nouvelle valeur"),
        "changed_at": words("created date, createddate, changed at, changed on, changed, stage entered date, geändert am, date de modification"),
        "changed_by": words("created by id, createdbyid, changed by, geändert von, modifié par"),
    },
    "time_entries": {
        "entry_id": words(f"entry id, timesheet id, eintrag id, {ID}"),
        "person_id": words("person id, user id, employee id, employee, user, mitarbeiter, personalnummer, matricule, salarié"),
        "day": words("day, date, work date, datum, tag, jour"),
        "hours": words("hours, duration hours, duration,  stunden, heures"),
        "category": words("category, task, task code, activity, kategorie, tätigkeit, catégorie, tâche"),
        "deal_id": words("deal id, opportunity id, auftragsnummer, id affaire"),
        "account_id": words("account id, customer id, kundennummer, id compte"),
    },
    "account_months": {
        "account_id": words("account id, customer id, kundennummer, kunde, account, customer, id compte, client"),
        "month": words("month, period, monat, periode, mois, période"),
        "revenue_minor": words("revenue, net sales, sales, umsatz, erlös, chiffre d'affaires, ca"),
        "cost_of_goods_minor": words("cogs, cost of goods, cost of goods sold, wareneinsatz, herstellkosten, coût des ventes"),
        "list_minor": words("list revenue, sales at list, bruttoumsatz, listenumsatz, ca brut"),
        "off_invoice_minor": words("off invoice, rebates, erlösschmälerungen, rückvergütungen, remises de fin d'année"),
        "currency": words("currency, währung, devise"),
        "scenario": words("scenario, version, szenario, scénario"),
    },
    "service_costs": {
        "account_id": words("account id, customer id, kunden id, kunde, account, customer, id compte, client"),
        "month": words("month, period, monat, mois"),
        "pool": words("pool, cost pool, kostenart"),
        "minutes": words("minutes, minuten"),
        "cost_minor": words("cost, kosten, coût"),
    },
    "diversions": {
        "diversion_id": words(f"diversion id, {ID}"),
        "team_id": words("team id, team"),
        "from_on": words("from, start, start date, von, du"),
        "to_on": words("to, end, end date, bis, au"),
        "hours_per_day": words("hours per day, hours a day, stunden pro tag"),
    },
    "diversion_people": {
        "diversion_id": words("diversion id, diversion, id"),
        "person_id": words("person id, user id, login, person, employee"),
    },
}  # fmt: skip
"""Column names by table and field, the likeliest first."""

FIRST_NAMES = words("first name, firstname, vorname, prénom")
LAST_NAMES = words("last name, lastname, surname, nachname, nom de famille")
CONTACTS = words("contact id, contactid, who id, whoid, kontakt id, ansprechpartner id, id contact")
ROLES = words("role, contact role, rolle, rôle")
MAIN_CONTACTS = words(
    "primary contact id, main contact id, contact id, hauptansprechpartner id, id contact principal"
)
UNIT_PRICES = words("unit price, unitprice, einzelpreis, stückpreis, prix unitaire")
LIST_PRICES = words("list price, listprice, listenpreis, prix catalogue")
DISCOUNTS = words(
    "discount, discount percent, discount pct, discount percentage, discount prozent, rabatt prozent, rabatt in prozent, remise pct, taux de remise, unit price discount, unitpricediscount, rabatt, rabatt %, remise"
)

KEY_PARTS: Mapping[str, tuple[str, ...]] = {
    "deal_lines": ("deal_id", "product"),
    "deal_changes": ("deal_id", "old_value", "new_value", "changed_at"),
    "time_entries": ("person_id", "day", "category"),
}
"""Fields that make a key together, for files without an id of their own."""

VALUE_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "field": {
        "stage_id": words("stage, stage name, stagename, deal stage, phase, étape"),
        "amount_minor": words("amount, value, betrag, montant"),
        "currency": words("currency, währung, devise"),
        "expected_close_on": words("close date, closedate, expected close date, closing date, abschlussdatum, date de clôture"),
        "owner_id": words("owner, deal owner, besitzer, propriétaire"),
        "forecast_category": words("forecast category, forecast, prognosekategorie"),
    },
    "side": {
        "us": words("us, internal, ours, intern, interne"),
        "buyer": words("buyer, customer, client, external, kunde, extern"),
    },
    "kind": {
        "email": words("email, e-mail, mail, courriel, opened email, clicked email"),
        "call": words("call, phone, anruf, telefonat, appel"),
        "meeting": words("meeting, event, termin, besprechung, réunion, rendez-vous, rdv, visit, besuch"),
        "message": words("message, linkedin message, sms, chat, nachricht"),
        "task": words("task, to do, todo, aufgabe, tâche"),
        "document": words("document, dokument, download"),
    },
    "direction": {
        "inbound": words("inbound, incoming, eingehend, entrant"),
        "outbound": words("outbound, outgoing, ausgehend, sortant"),
        "internal": words("internal, intern, interne"),
    },
    "status": {
        "held": words("held, completed, done, erledigt, abgeschlossen, terminé, effectué"),
        "planned": words("planned, open, scheduled, not started, geplant, offen, prévu, planifié"),
        "cancelled": words("cancelled, canceled, abgesagt, storniert, annulé"),
        "postponed": words("postponed, deferred, verschoben, reporté"),
        "answered": words("answered, replied, beantwortet, répondu"),
        "unanswered": words("unanswered, no answer, nicht erreicht, sans réponse"),
        "no_show": words("no show, nicht erschienen, absent"),
    },
    "role": {
        "decision_maker": words("decision maker, economic buyer, entscheider, décideur, executive sponsor, economic decision maker"),
        "approver": words("approver, genehmiger, approbateur"),
        "evaluator": words("evaluator, influencer, beeinflusser, évaluateur, influenceur"),
        "user": words("user, end user, business user, anwender, utilisateur"),
        "finance": words("finance, budget holder, finanzen, cfo"),
        "technical": words("technical, technical buyer, it, technik, technique"),
        "legal": words("legal, recht, juridique"),
        "champion": words("champion, coach, fürsprecher"),
        "gatekeeper": words("gatekeeper, procurement, purchasing, einkauf, achats"),
        "rep": words("rep, sales, sales rep, account executive, verkäufer, commercial, sales representative"),
        "manager": words("manager, sales manager, regional manager, vertriebsleiter, responsable commercial"),
        "leader": words("leader, team lead, team leader, teamleiter, director, vice president, vp, direktor, directeur"),
    },
    "forecast_category": {
        "omitted": words("omitted, ausgelassen, ignoré, omis"),
        "pipeline": words("pipeline"),
        "best_case": words("best case, bestcase, bester fall, meilleur scénario"),
        "commit": words("commit, committed, closed, zusage, engagement"),
    },
    "loss_reason": {
        "price": words("price, preis, prix, too expensive"),
        "product": words("product, produkt, produit, features"),
        "competitor": words("competitor, wettbewerber, konkurrenz, concurrent, lost to competitor"),
        "no_decision": words("no decision, keine entscheidung, pas de décision, no budget"),
        "timing": words("timing, zeitpunkt"),
        "relationship": words("relationship, beziehung, relation"),
        "operations": words("operations, delivery, lieferung, livraison"),
        "other": words("other, sonstiges, autre"),
    },
    "category": {
        "selling": words("selling, sales, verkauf, vente"),
        "prospecting": words("prospecting, akquise, prospection"),
        "internal": words("internal, intern, interne, internal meeting"),
        "operations": words("operations, betrieb, opérations"),
        "travel": words("travel, reise, fahrt, déplacement"),
        "training": words("training, schulung, formation"),
        "absence": words("absence, vacation, urlaub, krank, congé"),
        "service": words("service, support, kundendienst"),
        "preparation": words("preparation, vorbereitung, préparation"),
        "account_care": words("account care, kundenpflege, suivi client"),
    },
}  # fmt: skip
"""Values by field and the value of ours that they mean."""

YES_WORDS = frozenset(
    {
        "true",
        "yes",
        "y",
        "1",
        "x",
        "ja",
        "j",
        "wahr",
        "oui",
        "o",
        "vrai",
        "on",
        "checked",
        "key",
        "won",
    }
)
"""Words that probably mean yes, proposed when they are met."""

NOT_WORDS = frozenset(
    {
        "not",
        "no",
        "non",
        "un",
        "never",
        "without",
        "won't",
        "isn't",
        "didn't",
        "nicht",
        "kein",
        "keine",
        "noch",
        "ohne",
        "pas",
        "sans",
        "jamais",
    }
)
"""Words after which a stage's other words may mean the contrary."""

CLOSED_WORDS = frozenset(
    {
        "closed",
        "close",
        "done",
        "completed",
        "abgeschlossen",
        "geschlossen",
        "erledigt",
        "clos",
        "clôturé",
        "clôturée",
        "fermé",
        "fermée",
        "terminé",
    }
)
"""Words that say that a deal has ended, but not how."""

LOST_PHRASES = (
    "no decision", "no bid", "no go", "no budget", "keine entscheidung", "kein budget",
    "pas de décision", "sans suite", "out sold",
)  # fmt: skip
LOST_WORDS = frozenset(
    {
        "lost",
        "lose",
        "verloren",
        "perdu",
        "perdue",
        "rejected",
        "abgelehnt",
        "refused",
        "refusé",
        "refusée",
        "disqualified",
        "disqualifiziert",
        "abandoned",
        "cancelled",
        "canceled",
        "storniert",
        "abgesagt",
        "annulé",
        "annulée",
        "abandonné",
        "declined",
        "withdrawn",
        "wontfix",
        "dead",
    }
)
WON_WORDS = frozenset(
    {
        "won",
        "win",
        "gewonnen",
        "gagné",
        "gagnée",
        "beauftragt",
        "signé",
        "signée",
        "signed",
        "ordered",
    }
)
OPEN_WORDS = frozenset({"open", "offen", "ouvert", "ouverte", "laufend"})
OPEN_PHRASES = ("in progress", "in bearbeitung", "in arbeit", "en cours", "on hold")

MILESTONE_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("negotiation", _stems("negotiat*, *verhandlung*, négociat*, review")),
    ("closing", _stems("verbal, closing, contract, vertrag*, contrat*, signature, unterschrift*, commit*, mündlich*, accord")),
    ("proposal", _stems("proposal*, quote*, quotation*, offer*, angebot*, offre*, devis, proposition")),
    ("evaluation", _stems("evaluat*, demo*, trial, test, pilot*, poc, bewertung*, évaluat*, démo*, perception, value, solution, decision")),
    ("discovery", _stems("discover*, needs, analys*, engag*, bedarf*, besoin*, découverte, meeting*, termin*, qualified, qualifiziert*, qualifié*, presentation*, präsentation*")),
    ("qualifying", _stems("prospect*, qualif*, lead*, new, neu, neue, nouveau, nouvelle, erstkontakt*, kontakt*, contact*, interest*, target*")),
)  # fmt: skip
"""What words of a stage's name may mean; the first that fits is proposed, and a person confirms."""

EXTRA_NULLS = (
    "n/a", "NA", "none", "#REF!", "#VALUE!", "#NV", "(blank)", "(leer)", "(vide)", "--", "?", "k.A.",
    "0000-00-00", "0000-00-00 00:00:00", "[null]", "\\N", "unknown",
)  # fmt: skip
"""Texts that probably mean nothing, proposed when they are met."""


CLOSED = "closed"
"""The meaning of a stage that has ended one way or the other."""


def stage_meaning(name: str) -> str:
    """Return what a stage's name may mean.

    Returns:
        A milestone, ``won``, ``lost``, ``open``, :data:`CLOSED` where it can't be told which, or nothing.
    """
    parts = re.findall(r"[^\W_]+(?:'[^\W_]+)?", name.casefold().replace("\u2019", "'"))
    met, said = set(parts), f" {' '.join(parts)} "
    if any(f" {phrase} " in said for phrase in LOST_PHRASES):
        return "lost"
    if met & NOT_WORDS or (met & WON_WORDS and met & LOST_WORDS):
        return CLOSED if met & (CLOSED_WORDS | LOST_WORDS) else ""
    if any(f" {phrase} " in said for phrase in OPEN_PHRASES):
        return "open"
    kinds = ((kind, bool(met & among)) for kind, among in _KINDS)
    milestones = ((name, _is_said(stems, parts)) for name, stems in MILESTONE_WORDS)
    return next((name for name, fits in (*kinds, *milestones) if fits), "")


_KINDS = (("lost", LOST_WORDS), ("won", WON_WORDS), (CLOSED, CLOSED_WORDS), ("open", OPEN_WORDS))


def _is_said(stems: tuple[str, ...], parts: list[str]) -> bool:
    return any(fnmatchcase(part, stem) for stem in stems for part in parts)
