"""Words that exports use in English, German and French, for proposals only: a mapping states facts."""
# One line a field reads as the table it is.
# ruff: noqa: E501

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.ingest.values import squeezed

if TYPE_CHECKING:
    from collections.abc import Mapping


def words(text: str) -> tuple[str, ...]:
    """Return words as they are compared: letters and digits, without case."""
    return tuple(squeezed(word) for word in text.split(","))


FILE_WORDS: Mapping[str, tuple[str, ...]] = {
    "deal_changes": words("history, stage history, field history, verlauf, historie, historique"),
    "deal_lines": words(
        "line item, lineitem, deal line, order detail, product line, position, positionen, lignes, order line"
    ),
    "stakeholder_roles": words("contact role, contactrole, deal role, kontaktrolle, rôle"),
    "time_entries": words("time entr, timesheet, time sheet, zeiterfassung, stunden, temps"),
    "account_months": words("account month, monthly, umsatz, chiffre"),
    "activities": words(
        "activit, task, event, call, meeting, touchpoint, aktivität, aufgabe, termin, tâche"
    ),
    "deals": words(
        "deal, opportunit, pipeline, verkaufschance, affaire, opportunité, order, auftrag, commande"
    ),
    "contacts": words("contact, kontakt, ansprechpartner"),
    "people": words(
        "user, people, employee, agent, team, mitarbeiter, benutzer, utilisateur, employé, salesrep"
    ),
    "accounts": words(
        "account, compan, customer, client, kunde, firma, firmen, compte, société, entreprise"
    ),
}
"""Parts of file names by table; the first table that fits is tried first."""

ID = "id, key, nr, nummer, number, record id, code"
FIELD_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "accounts": {
        "account_id": words(f"account id, accountid, company id, customer id, kundennummer, kunden-nr, kunden id, firmen id, id client, numéro client, code client, id compte, {ID}, account, account name, company, company name, customer, customer name, firma, kunde, client, compte"),
        "name": words("name, account name, account, company name, company, customer name, customer, firma, firmenname, kunde, kundenname, nom, société, raison sociale, nom du compte, entreprise"),
        "parent_account_id": words("parent account id, parent id, parent account, subsidiary of, parent, muttergesellschaft, société mère, maison mère"),
        "industry": words("industry, sector, industry name, branche, secteur, secteur d'activité"),
        "segment": words("segment, tier, customer segment, kundensegment"),
        "country": words("country, billing country, land, pays, office location"),
        "employees": words("employees, employee count, number of employees, mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter, effectif, nombre d'employés, salariés"),
        "owner_id": words("owner id, account owner id, owner, account owner, salesperson, betreuer, kundenbetreuer, propriétaire, responsable"),
    },
    "contacts": {
        "contact_id": words(f"contact id, contactid, kontakt id, ansprechpartner id, id contact, {ID}"),
        "account_id": words("account id, accountid, company id, customer id, account name, account, company, company name, kunde, firma, compte, société, id compte, kundennummer"),
        "name": words("name, full name, contact name, ansprechpartner, kontakt, nom, nom complet"),
        "job_title": words("title, job title, position, role, funktion, titel, fonction, poste, titre"),
    },
    "people": {
        "person_id": words(f"user id, userid, employee id, employeeid, person id, sales agent, sales rep, mitarbeiter id, personalnummer, id utilisateur, matricule, {ID}"),
        "name": words("name, full name, user name, sales agent, sales rep, mitarbeiter, nom, nom complet"),
        "role": words("role, user role, rolle, rôle"),
        "manager_id": words("manager id, managerid, manager, reports to, vorgesetzter, chef, responsable"),
        "team_id": words("team id, team, regional office, office, équipe, abteilung"),
        "started_on": words("hire date, start date, started on, eintritt, eintrittsdatum, date d'embauche"),
        "left_on": words("leave date, left on, end date, austritt, austrittsdatum, date de départ"),
    },
    "deals": {
        "deal_id": words(f"deal id, dealid, opportunity id, opportunityid, order id, orderid, verkaufschance id, verkaufschancen-nr, auftragsnummer, id affaire, id opportunité, numéro d'affaire, {ID}"),
        "account_id": words("account id, accountid, customer id, customerid, company id, account name, account, company, customer, kunde, kundennummer, firma, compte, client, société"),
        "name": words("name, deal name, opportunity name, bezeichnung, titel, nom, intitulé, nom de l'affaire, libellé"),
        "stage_id": words("stage, stage name, deal stage, sales stage, phase, verkaufsphase, vertriebsphase, stufe, étape, phase de vente, status"),
        "pipeline": words("pipeline, pipeline name, sales process, vertriebsprozess"),
        "owner_id": words("owner id, ownerid, owner, deal owner, opportunity owner, sales agent, sales rep, salesperson, employee id, employeeid, besitzer, verantwortlich, verkäufer, vertriebsmitarbeiter, propriétaire, commercial, responsable"),
        "amount_minor": words("amount, value, deal value, close value, deal amount, betrag, wert, auftragswert, volumen, montant, valeur"),
        "currency": words("currency, currency iso code, currencyisocode, währung, devise"),
        "created_on": words("created date, create date, created, created on, created at, engage date, order date, orderdate, erstellt, erstellt am, erstelldatum, anlagedatum, date de création, créé le"),
        "closed_on": words("closed date, closed on, close date, closedate, date closed, won date, abschlussdatum, abgeschlossen am, date de clôture, clôturé le"),
        "expected_close_on": words("expected close date, expected close, expected closing, forecast close date, voraussichtlicher abschluss, erwartetes abschlussdatum, geplanter abschluss, date de clôture prévue, clôture prévue"),
        "forecast_category": words("forecast category, forecast category name, forecastcategoryname, prognosekategorie, catégorie de prévision"),
        "loss_reason": words("loss reason, lost reason, reason lost, closed lost reason, verlustgrund, raison de perte"),
    },
    "deal_lines": {
        "line_id": words(f"line id, line item id, lineitemid, order detail id, salesorderdetailid, positions-id, positionsnummer, id ligne, {ID}"),
        "deal_id": words("deal id, dealid, opportunity id, opportunityid, order id, orderid, salesorderid, auftragsnummer, id affaire"),
        "product": words("product, product name, productname, item, produkt, artikel, produit, article, désignation"),
        "quantity": words("quantity, qty, order qty, orderqty, menge, anzahl, quantité"),
        "list_minor": words("list total, list amount, list price total, listenpreis gesamt, total catalogue"),
        "invoice_minor": words("line total, linetotal, total price, totalprice, net amount, gesamtpreis, nettobetrag, total ligne, montant"),
        "cost_minor": words("line cost, cost total, total cost, kosten, selbstkosten, coût total"),
    },
    "stakeholder_roles": {
        "deal_id": words("deal id, dealid, opportunity id, opportunityid, verkaufschance id, id affaire, id opportunité"),
        "contact_id": words("contact id, contactid, kontakt id, id contact"),
        "role": words("role, contact role, rolle, rôle"),
    },
    "activities": {
        "activity_id": words(f"activity id, activityid, task id, event id, aktivität id, id activité, {ID}"),
        "account_id": words("account id, accountid, company id, kundennummer, id compte"),
        "deal_id": words("deal id, dealid, opportunity id, opportunityid, verkaufschance id, id affaire, id opportunité"),
        "kind": words("activity type, type, kind, task subtype, aktivitätsart, typ, art, type d'activité"),
        "direction": words("direction, call type, richtung, sens"),
        "status": words("status, statut, outcome"),
        "at": words("activity date, date, start, start time, timestamp, activity time, datum, zeitpunkt, beginn, date d'activité, début"),
        "duration_min": words("duration minutes, duration min, duration in minutes, dauer, dauer in minuten, durée, durée en minutes"),
        "person_id": words("owner id, ownerid, owner, user id, assigned to, assigned to id, zuständig, mitarbeiter, responsable, assigné à"),
    },
    "deal_changes": {
        "change_id": words(f"history id, change id, {ID}"),
        "deal_id": words("deal id, dealid, opportunity id, opportunityid, verkaufschance id, id affaire, id opportunité"),
        "old_value": words("old value, oldvalue, previous stage, from stage, alter wert, ancienne valeur"),
        "new_value": words("new value, newvalue, new stage, to stage, neuer wert, nouvelle valeur"),
        "changed_at": words("created date, createddate, changed at, changed on, stage entered date, geändert am, date de modification"),
        "changed_by": words("created by id, createdbyid, changed by, geändert von, modifié par"),
    },
    "time_entries": {
        "entry_id": words(f"entry id, timesheet id, eintrag id, {ID}"),
        "person_id": words("person id, user id, employee id, employee, user, mitarbeiter, personalnummer, matricule, salarié"),
        "day": words("day, date, work date, datum, tag, jour"),
        "hours": words("hours, duration hours, stunden, heures"),
        "category": words("category, task, task code, activity, kategorie, tätigkeit, catégorie, tâche"),
        "deal_id": words("deal id, opportunity id, auftragsnummer, id affaire"),
        "account_id": words("account id, customer id, kundennummer, id compte"),
    },
    "account_months": {
        "account_id": words("account id, customer id, kundennummer, kunde, account, customer, id compte, client"),
        "month": words("month, period, monat, periode, mois, période"),
        "revenue_minor": words("revenue, net sales, sales, umsatz, erlös, chiffre d'affaires, ca"),
        "cost_of_goods_minor": words("cogs, cost of goods, cost of goods sold, wareneinsatz, herstellkosten, coût des ventes"),
        "list_minor": words("list revenue, sales at list, bruttoumsatz, ca brut"),
        "scenario": words("scenario, version, szenario, scénario"),
    },
}  # fmt: skip
"""Column names by table and field, the likeliest first."""

FIRST_NAMES = words("first name, firstname, vorname, prénom")
LAST_NAMES = words("last name, lastname, surname, nachname, nom de famille")
CONTACTS = words("contact id, contactid, who id, whoid, kontakt id, ansprechpartner id, id contact")
MAIN_CONTACTS = words(
    "primary contact id, main contact id, contact id, hauptansprechpartner id, id contact principal"
)
UNIT_PRICES = words("unit price, unitprice, einzelpreis, stückpreis, prix unitaire")
LIST_PRICES = words("list price, listprice, listenpreis, prix catalogue")
DISCOUNTS = words(
    "discount, discount percent, unit price discount, unitpricediscount, rabatt, rabatt %, remise"
)

KEY_PARTS: Mapping[str, tuple[str, ...]] = {
    "deal_lines": ("deal_id", "product"),
    "deal_changes": ("deal_id", "old_value", "new_value", "changed_at"),
    "time_entries": ("person_id", "day", "category"),
}
"""Fields that make a key together, for files without an id of their own."""

VALUE_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
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
        "rep": words("rep, sales rep, account executive, verkäufer, commercial, sales representative"),
        "manager": words("manager, sales manager, vertriebsleiter, responsable commercial"),
        "leader": words("leader, director, vice president, vp, direktor, directeur"),
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

STAGE_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lost", words("lost, verloren, perdu, rejected, abgelehnt, refusé, disqualified, abandon")),
    ("won", words("won, gewonnen, gagné, beauftragt, signé, closed, ordered")),
    ("closing", words("verbal, closing, contract, vertrag, contrat, signature, unterschrift, commit, mündlich, accord")),
    ("negotiation", words("negotiat, verhandlung, négociat, review")),
    ("proposal", words("proposal, quote, offer, angebot, offre, devis, proposition")),
    ("evaluation", words("evaluat, demo, trial, test, pilot, poc, bewertung, évaluat, démo, perception, decision makers, value proposition, solution")),
    ("discovery", words("discover, needs, analys, engag, bedarf, besoin, découverte, meeting, termin, qualified, qualifiziert, qualifié, presentation")),
    ("qualifying", words("prospect, qualif, lead, new, neu, nouveau, erstkontakt, kontakt, contact, interest, target")),
)  # fmt: skip
"""What parts of a stage's name may mean; the first that fits is proposed, and a person confirms."""

EXTRA_NULLS = (
    "n/a", "NA", "none", "#REF!", "#VALUE!", "#NV", "(blank)", "(leer)", "(vide)", "--", "?", "k.A.",
    "0000-00-00", "0000-00-00 00:00:00", "[null]", "\\N", "unknown",
)  # fmt: skip
"""Texts that probably mean nothing, proposed when they are met."""


def stage_meaning(name: str) -> str:
    """Return what a stage's name may mean: a milestone, ``won``, ``lost``, or nothing."""
    plain = squeezed(name)
    return next(
        (meaning for meaning, parts in STAGE_WORDS if any(part in plain for part in parts)), ""
    )
