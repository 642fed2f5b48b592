"""Verdicts on the demo company, worked out once more by SQL for every subject.

The queries are written from what each check promises, over the tables as they are stored, and share
nothing with the code: no provider, no rule, no date arithmetic of ours. Outcomes are compared for all
subjects, the actual value wherever something was decided.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dealreview.demo.files import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dealreview.engine.review import Review

DECIDED = {"strength", "pass", "watch", "risk"}

COMMON = """
CREATE TEMP TABLE today AS SELECT '2026-11-13' AS day;

-- Days of the calendar; `n` counts the working days up to and with each, so a difference of two is
-- the number of working days after the one and not after the other.
CREATE TEMP TABLE calendar AS
WITH RECURSIVE days(day) AS (
    SELECT '2024-01-01' UNION ALL SELECT date(day, '+1 day') FROM days WHERE day < '2028-01-01'
)
SELECT day, sum(strftime('%w', day) NOT IN ('0', '6')
                AND day NOT IN (SELECT on_date FROM holidays)) OVER (ORDER BY day) AS n
FROM days;
CREATE UNIQUE INDEX temp.by_day ON calendar(day);

-- Instants on the wall clock of Berlin: two hours ahead from the last Sunday of March, 1:00 UTC, to
-- that of October, else one.
CREATE TEMP VIEW talk AS
SELECT a.*, date(at, CASE
    WHEN at >= date(substr(at, 1, 4) || '-03-25', 'weekday 0') || 'T01:00:00Z'
     AND at < date(substr(at, 1, 4) || '-10-25', 'weekday 0') || 'T01:00:00Z'
    THEN '+2 hours' ELSE '+1 hours' END) AS on_day
FROM activities a;
CREATE TEMP VIEW change AS
SELECT c.*, date(changed_at, CASE
    WHEN changed_at >= date(substr(changed_at, 1, 4) || '-03-25', 'weekday 0') || 'T01:00:00Z'
     AND changed_at < date(substr(changed_at, 1, 4) || '-10-25', 'weekday 0') || 'T01:00:00Z'
    THEN '+2 hours' ELSE '+1 hours' END) AS on_day
FROM deal_changes c;

CREATE TEMP TABLE deal AS
SELECT d.*, s.kind, s.milestone, s.position, s.name AS stage_name, a.segment, p.team_id,
       s.kind = 'open' AS is_open, s.kind = 'won' AS is_won, s.kind = 'lost' AS is_lost,
       d.first_quote_on IS NOT NULL AND d.first_quote_on <= t.day AS quoted,
       s.kind = 'open' AND (s.milestone >= 4
           OR (d.first_quote_on IS NOT NULL AND d.first_quote_on <= t.day)) AS proposed,
       coalesce(d.closed_on, t.day) AS seen_on
FROM deals d CROSS JOIN today t LEFT JOIN stages s USING (stage_id)
LEFT JOIN accounts a USING (account_id) LEFT JOIN people p ON p.person_id = d.owner_id;

-- The waterfall, in minor units of the deal: list, what is invoiced, what is left in the pocket, what
-- the goods cost.
CREATE TEMP TABLE line_sum AS
SELECT deal_id, sum(list_minor) AS list,
       CASE WHEN count(*) = count(invoice_minor) THEN sum(invoice_minor) END AS invoice,
       CASE WHEN count(*) = count(cost_minor) THEN sum(cost_minor) END AS goods
FROM deal_lines GROUP BY deal_id;
CREATE TEMP TABLE price AS
SELECT d.deal_id, l.list, coalesce(l.invoice, d.amount_minor) AS invoice, l.goods,
       coalesce(l.invoice, d.amount_minor) - coalesce((SELECT sum(amount_minor) FROM price_steps s
           WHERE s.deal_id = d.deal_id AND s.place = 'off_invoice'), 0) AS pocket
FROM deal d LEFT JOIN line_sum l USING (deal_id);

-- The last twelve complete months of an account before a deal was last looked at.
CREATE TEMP TABLE serving AS
SELECT d.deal_id,
       (SELECT sum(cost_minor) FROM service_costs c WHERE c.account_id = d.account_id
           AND c.month >= date(d.seen_on, 'start of month', '-12 months')
           AND c.month < date(d.seen_on, 'start of month')) AS cost,
       (SELECT sum(revenue_minor) FROM account_months m WHERE m.account_id = d.account_id
           AND m.month >= date(d.seen_on, 'start of month', '-12 months')
           AND m.month < date(d.seen_on, 'start of month')) AS revenue,
       (SELECT count(*) FROM account_months m WHERE m.account_id = d.account_id
           AND m.month >= date(d.seen_on, 'start of month', '-12 months')
           AND m.month < date(d.seen_on, 'start of month')) AS months
FROM deal d;
CREATE TEMP TABLE earned AS
SELECT p.*, CASE WHEN d.cost_to_serve_minor IS NOT NULL THEN d.cost_to_serve_minor
                 WHEN s.months >= 10 AND s.revenue > 0 THEN round(1.0 * p.pocket * s.cost / s.revenue)
            END AS service
FROM price p JOIN deal d USING (deal_id) JOIN serving s USING (deal_id);

-- Reporting currency: the last rate on or before the day, at most a week old.
CREATE TEMP TABLE rate AS
SELECT c.day, r.currency, (SELECT x.rate FROM fx_rates x WHERE x.currency = r.currency
    AND x.on_date <= c.day AND x.on_date >= date(c.day, '-7 days') ORDER BY x.on_date DESC LIMIT 1) AS rate
FROM calendar c, (SELECT DISTINCT currency FROM fx_rates) r
WHERE c.day BETWEEN '2024-11-01' AND '2026-11-13'
UNION ALL SELECT day, 'EUR', 1.0 FROM calendar;
CREATE UNIQUE INDEX temp.by_rate ON rate(currency, day);

-- Who of the customer took part: people of the account, its parent or its children. What names no
-- deal belongs to the only open one of the account.
CREATE TEMP TABLE touch AS
SELECT d.deal_id, t.activity_id, t.kind, t.direction, t.status, t.at, t.on_day, EXISTS (
           SELECT 1 FROM activity_attendees p JOIN contacts c ON c.contact_id = p.attendee_id
           JOIN accounts own ON own.account_id = d.account_id
           JOIN accounts theirs ON theirs.account_id = c.account_id
           WHERE p.activity_id = t.activity_id AND p.side = 'buyer'
             AND (own.account_id = theirs.account_id OR own.parent_account_id = theirs.account_id
                  OR theirs.parent_account_id = own.account_id)) AS with_buyer
FROM deal d JOIN talk t ON t.deal_id = d.deal_id OR (t.deal_id IS NULL
    AND t.account_id = d.account_id
    AND (SELECT count(*) FROM deal o WHERE o.account_id = d.account_id AND o.is_open) = 1)
WHERE d.is_open AND NOT coalesce(t.automated, 0);
CREATE TEMP TABLE silence AS
WITH heard AS (
    SELECT deal_id, max(at) AS at, max(on_day) AS on_day FROM touch, today WHERE on_day <= day
      AND (direction = 'inbound' OR (status IN ('held', 'answered') AND with_buyer)) GROUP BY 1
)
SELECT d.deal_id, d.is_open AND NOT (d.snoozed_until >= t.day AND d.snooze_reason <> ''
           AND d.snoozed_until <= date(t.day, '+90 days')) IS TRUE AS awake,
       d.milestone, julianday(t.day) - julianday(coalesce(h.on_day, d.created_on)) AS days,
       (SELECT count(*) FROM touch o WHERE o.deal_id = d.deal_id AND o.direction = 'outbound'
           AND o.with_buyer AND o.on_day <= t.day AND o.at > coalesce(h.at, '')) AS sent,
       EXISTS (SELECT 1 FROM touch m WHERE m.deal_id = d.deal_id AND m.kind = 'meeting'
           AND m.status = 'planned' AND m.with_buyer AND m.on_day > t.day
           AND m.on_day <= date(t.day, '+14 days')) AS planned
FROM deal d CROSS JOIN today t LEFT JOIN heard h USING (deal_id);
"""

QUERIES = {
    "pricing/payment-terms": """
        SELECT deal_id, CASE WHEN NOT proposed THEN 'not_applicable'
            WHEN payment_terms_days IS NULL THEN 'insufficient_data'
            WHEN payment_terms_days > 60 THEN 'risk' WHEN payment_terms_days > 45 THEN 'watch'
            WHEN payment_terms_days <= 0 THEN 'strength' ELSE 'pass' END, payment_terms_days
        FROM deal
    """,
    "pricing/margin-floor": """
        WITH won AS (
            SELECT d.segment, closed_on, 1.0 * (pocket - goods - service) / pocket AS ratio
            FROM deal d JOIN earned e USING (deal_id)
            WHERE is_won AND pocket > 0 AND goods IS NOT NULL AND service IS NOT NULL
        ), bound AS (  -- a closed deal is held against what was won before the month of its closing
            SELECT deal_id, segment, CASE WHEN is_open THEN seen_on
                ELSE date(seen_on, 'start of month', '-1 day') END AS until FROM deal
        ), pool AS (
            SELECT deal_id, near, ratio FROM bound b JOIN (SELECT 1 AS near UNION ALL SELECT 0)
            JOIN won w ON w.closed_on <= until AND w.closed_on > date(until, '-24 months')
              AND (NOT near OR w.segment = b.segment)
        ), placed AS (
            SELECT deal_id, near, ratio, count(*) OVER (PARTITION BY deal_id, near) AS n,
                   row_number() OVER (PARTITION BY deal_id, near ORDER BY ratio) - 1 AS place FROM pool
        ), p75 AS (
            SELECT lo.deal_id, lo.near,
                   lo.ratio + (0.75 * (lo.n - 1) - lo.place) * (hi.ratio - lo.ratio) AS best
            FROM placed lo JOIN placed hi USING (deal_id, near)
            WHERE hi.place = min(lo.place + 1, lo.n - 1) AND lo.n >= 20
              AND lo.place = CAST(0.75 * (lo.n - 1) AS INT)
        ), judged AS (
            SELECT d.*, e.*, 1.0 * (pocket - goods - service) / pocket AS ratio,
                   (SELECT best FROM p75 p WHERE p.deal_id = d.deal_id ORDER BY near DESC LIMIT 1)
                   AS best
            FROM deal d JOIN earned e USING (deal_id)
        )
        SELECT deal_id, CASE WHEN NOT (proposed OR (is_open AND list IS NOT NULL) OR is_won)
            THEN 'not_applicable' WHEN ratio IS NULL THEN 'insufficient_data'
            WHEN ratio < 0.25 THEN 'risk' WHEN ratio < 0.4 THEN 'watch'
            WHEN ratio >= max(0.4, best) THEN 'strength' ELSE 'pass' END, ratio
        FROM judged
    """,
    "pricing/profitless-growth": """
        WITH won AS (
            SELECT d.owner_id, d.team_id, e.pocket * r.rate AS revenue,
                   (e.pocket - e.goods - e.service) * r.rate AS left_over,
                   (e.pocket - e.goods - e.service) < 0.25 * e.pocket AS thin,
                   CASE WHEN closed_on BETWEEN '2026-04-01' AND '2026-09-30' THEN 1
                        WHEN closed_on BETWEEN '2025-04-01' AND '2025-09-30' THEN 0 END AS now
            FROM deal d JOIN earned e USING (deal_id)
            JOIN rate r ON r.currency = d.currency AND r.day = d.closed_on WHERE d.is_won
        ), holder AS (
            SELECT person_id AS id FROM people, today
            WHERE role = 'rep' AND coalesce(left_on, '9999') > day
            UNION ALL SELECT team_id FROM teams
        ), grown AS (
            SELECT h.id, count(*) FILTER (WHERE now = 1) AS n1, count(*) FILTER (WHERE now = 0) AS n0,
                   sum(revenue) FILTER (WHERE now = 1) AS r1, sum(revenue) FILTER (WHERE now = 0) AS r0,
                   sum(left_over) FILTER (WHERE now = 1) AS c1,
                   sum(left_over) FILTER (WHERE now = 0) AS c0,
                   sum(revenue) FILTER (WHERE now = 1 AND left_over IS NOT NULL) AS k1,
                   sum(revenue) FILTER (WHERE now = 0 AND left_over IS NOT NULL) AS k0,
                   sum(revenue) FILTER (WHERE now = 1 AND thin) AS thin
            FROM holder h LEFT JOIN won w ON h.id IN (w.owner_id, w.team_id) GROUP BY h.id
        )
        SELECT id, CASE WHEN n1 < 5 OR n0 < 5 THEN 'not_applicable'
            WHEN k1 < 0.8 * r1 OR k0 < 0.8 * r0 OR r0 <= 0 THEN 'insufficient_data'
            WHEN r1 / r0 - 1 >= 0.1 AND c1 - c0 <= 0 THEN 'risk'
            WHEN coalesce(thin, 0) / r1 > 0.25 THEN 'watch'
            WHEN r1 / r0 - 1 >= 0.1 AND c0 > 0 AND c1 / c0 >= r1 / r0 THEN 'strength'
            ELSE 'pass' END, c1 - c0
        FROM grown
    """,
    "accounts/key-by-habit": """
        WITH days AS (
            SELECT account_id, is_key, key_reviewed_on, key_review_kept,
                   julianday(day) - julianday(max(coalesce(key_reviewed_on, key_since_on),
                       coalesce(key_since_on, key_reviewed_on))) AS n,
                   julianday(day) - julianday(key_reviewed_on) AS reviewed
            FROM accounts, today
        )
        SELECT account_id, CASE WHEN is_key IS NULL THEN 'insufficient_data'
            WHEN NOT is_key THEN 'not_applicable' WHEN n IS NULL THEN 'insufficient_data'
            WHEN n > 730 THEN 'risk' WHEN n > 365 THEN 'watch'
            WHEN reviewed <= 365 AND key_review_kept THEN 'strength' ELSE 'pass' END, n
        FROM days
    """,
    "accounts/sliding-profit": """
        WITH month AS (
            SELECT m.account_id, m.month,
                   CASE WHEN m.month >= '2026-07-01' THEN 0 WHEN m.month >= '2026-04-01' THEN 1
                        WHEN m.month >= '2026-01-01' THEN 2 WHEN m.month >= '2025-10-01' THEN 3
                        ELSE 4 END AS q,
                   revenue_minor AS gross, revenue_minor - off_invoice_minor AS net,
                   revenue_minor - off_invoice_minor - cost_of_goods_minor
                   - coalesce((SELECT sum(cost_minor) FROM service_costs c
                       WHERE c.account_id = m.account_id AND c.month = m.month), 0) AS left_over
            FROM account_months m WHERE m.month BETWEEN '2025-07-01' AND '2026-09-30'
        ), quarter AS (
            SELECT account_id, q, sum(gross) AS gross,
                   CASE WHEN count(*) = count(left_over) AND sum(net) > 0
                        THEN 1.0 * sum(left_over) / sum(net) END AS ratio
            FROM month GROUP BY account_id, q
        ), five AS (
            SELECT account_id, max(ratio) FILTER (WHERE q = 0) AS q0,
                   max(ratio) FILTER (WHERE q = 1) AS q1, max(ratio) FILTER (WHERE q = 2) AS q2,
                   max(ratio) FILTER (WHERE q = 3) AS q3, max(ratio) FILTER (WHERE q = 4) AS q4,
                   count(*) FILTER (WHERE gross >= 0.25 * mean) AS sold
            FROM quarter JOIN (SELECT account_id, sum(gross) / 5.0 AS mean FROM quarter GROUP BY 1)
            USING (account_id) GROUP BY account_id
        )
        SELECT account_id, CASE WHEN coalesce(sold, 0) < 4 THEN 'not_applicable'
            WHEN q0 - q4 <= -0.1 THEN 'risk'
            WHEN q0 IS NULL OR q4 IS NULL THEN 'insufficient_data'
            WHEN q0 - q4 <= -0.05 OR (q0 - q1 <= -0.01 AND q1 - q2 <= -0.01 AND q2 - q3 <= -0.01)
            THEN 'watch' WHEN q0 - q4 >= 0.05 THEN 'strength' ELSE 'pass' END, q0 - q4
        FROM accounts LEFT JOIN five USING (account_id)
    """,
    "accounts/deal-fit": """
        WITH fit AS (
            SELECT deal_id, count(*) AS n, 1.0 * sum(met = 1) / count(*) AS lo,
                   1.0 * sum(coalesce(met, 1) = 1) / count(*) AS hi FROM fit_answers GROUP BY deal_id
        ), ends AS (
            SELECT d.deal_id, is_open AND milestone >= 2 AND coalesce(n, 0) >= 3 AS due, lo, hi,
                   CASE WHEN lo < 0.3 THEN 'risk' WHEN lo < 0.5 THEN 'watch'
                        WHEN lo >= 0.8 THEN 'strength' ELSE 'pass' END AS worst,
                   CASE WHEN hi < 0.3 THEN 'risk' WHEN hi < 0.5 THEN 'watch'
                        WHEN lo >= 0.8 THEN 'strength' ELSE 'pass' END AS best
            FROM deal d LEFT JOIN fit USING (deal_id)
        )
        SELECT deal_id, CASE WHEN coalesce(due, 0) = 0 THEN 'not_applicable'
            WHEN worst = best THEN worst ELSE 'insufficient_data' END, hi FROM ends
    """,
    "accounts/fit-drift": """
        WITH fit AS (
            SELECT deal_id, 1.0 * sum(met = 1) / count(*) AS lo,
                   1.0 * sum(coalesce(met, 1) = 1) / count(*) AS hi FROM fit_answers GROUP BY deal_id
        ), moment(day, now) AS (
            SELECT day, 1 FROM today UNION ALL SELECT date(day, '-182 days'), 0 FROM today
        ), then_ AS (
            SELECT d.deal_id, d.owner_id, m.now, f.hi < 0.5 AS poor, r.rate * coalesce((
                SELECT CAST(c.old_value AS INT) FROM change c WHERE c.deal_id = d.deal_id
                AND c.field = 'amount_minor' AND c.on_day > m.day ORDER BY c.changed_at LIMIT 1),
                d.amount_minor) AS amount
            FROM deal d CROSS JOIN moment m LEFT JOIN fit f USING (deal_id)
            LEFT JOIN rate r ON r.currency = d.currency AND r.day = m.day
            WHERE d.created_on <= m.day AND (d.closed_on IS NULL OR d.closed_on > m.day)
        ), owned AS (
            SELECT 'pipeline' AS id, t.* FROM then_ t UNION ALL
            SELECT coalesce((SELECT c.old_value FROM change c, moment m WHERE c.deal_id = t.deal_id
                AND m.now = t.now AND c.field = 'owner_id' AND c.on_day > m.day
                ORDER BY c.changed_at LIMIT 1), t.owner_id), t.* FROM then_ t
        ), shares AS (
            SELECT id, count(*) FILTER (WHERE now) AS n,
                   sum(amount) FILTER (WHERE now AND poor) / sum(amount) FILTER (WHERE now) AS share,
                   sum(amount) FILTER (WHERE NOT now AND poor) / sum(amount) FILTER (WHERE NOT now)
                   AS before
            FROM owned GROUP BY id
        )
        SELECT s.id, CASE WHEN coalesce(n, 0) < 5 THEN 'not_applicable'
            WHEN coalesce(share, 0) > 0.5 THEN 'risk'
            WHEN coalesce(share, 0) > 0.35 OR coalesce(share, 0) - coalesce(before, 0) >= 0.1
            THEN 'watch' WHEN coalesce(share, 0) <= 0.1 THEN 'strength' ELSE 'pass' END,
            coalesce(share, 0)
        FROM (SELECT person_id AS id FROM people, today WHERE role = 'rep'
              AND coalesce(left_on, '9999') > day UNION ALL SELECT 'pipeline') s
        LEFT JOIN shares USING (id)
    """,
    "consensus/decision-day-follow-up": """
        WITH ours AS (
            SELECT d.deal_id, min(t.on_day) AS followed FROM deal d JOIN talk t USING (deal_id)
            JOIN activity_attendees p USING (activity_id)
            JOIN contacts c ON c.contact_id = p.attendee_id AND c.account_id = d.account_id
            WHERE p.side = 'buyer' AND t.on_day BETWEEN d.decision_meeting_on AND d.seen_on
              AND coalesce(t.automated, 0) = 0
              AND (t.direction IN ('outbound', 'inbound') OR t.status IN ('held', 'answered'))
            GROUP BY d.deal_id
        ), due AS (
            SELECT d.*, o.followed, now.n - met.n AS waited, then_.n - met.n AS took
            FROM deal d CROSS JOIN today t JOIN calendar now ON now.day = t.day
            LEFT JOIN ours o USING (deal_id) LEFT JOIN calendar met ON met.day = decision_meeting_on
            LEFT JOIN calendar then_ ON then_.day = o.followed
        )
        SELECT deal_id, CASE WHEN NOT is_open THEN 'not_applicable'
            WHEN decision_meeting_on IS NULL AND proposed THEN 'insufficient_data'
            WHEN decision_meeting_on IS NULL OR decision_meeting_on > day
              OR julianday(day) - julianday(decision_meeting_on) > 30 THEN 'not_applicable'
            WHEN followed IS NULL THEN
                CASE WHEN waited > 3 THEN 'risk' WHEN waited > 1 THEN 'watch' ELSE 'pass' END
            WHEN took <= 1 THEN 'strength' ELSE 'pass' END,
            CASE WHEN followed IS NULL THEN waited END  -- no number is promised once we were in touch
        FROM due, today
    """,
    "operations/right-help": """
        WITH incident AS (
            SELECT account_id, min(opened_on) AS opened FROM incidents, today
            WHERE opened_on <= day AND (resolved_on IS NULL OR resolved_on > day) GROUP BY account_id
        ), step AS (
            SELECT i.account_id, max(t.on_day) FILTER (WHERE topic = 'incident_update') AS updated,
                   sum(topic = 'date_renegotiated') AS dated, sum(topic = 'mitigation') AS softened
            FROM incident i JOIN talk t ON t.account_id = i.account_id AND t.on_day >= i.opened
            JOIN today ON t.on_day <= day JOIN activity_topics USING (activity_id) GROUP BY 1
        ), clock AS (
            SELECT i.account_id, updated, dated, softened, now.n - opened.n AS open_bd,
                   now.n - last.n AS silent_bd
            FROM incident i CROSS JOIN today t LEFT JOIN step USING (account_id)
            JOIN calendar now ON now.day = t.day JOIN calendar opened ON opened.day = i.opened
            JOIN calendar last ON last.day = coalesce(updated, i.opened)
        )
        SELECT account_id, CASE WHEN silent_bd IS NULL THEN 'not_applicable'
            WHEN silent_bd > 3 THEN 'risk'
            WHEN updated IS NOT NULL AND NOT dated AND NOT softened AND open_bd > 5 THEN 'watch'
            WHEN updated IS NOT NULL AND dated AND softened THEN 'strength' ELSE 'pass' END, silent_bd
        FROM accounts LEFT JOIN clock USING (account_id)
    """,
    "operations/over-promised-delivery": """
        WITH gap AS (
            SELECT d.*, x.promised_on, x.earliest_on, x.actual_on,
                   max(0, earliest.n - promised.n) AS bd
            FROM deal d LEFT JOIN delivery_dates x USING (deal_id)
            LEFT JOIN calendar earliest ON earliest.day = x.earliest_on
            LEFT JOIN calendar promised ON promised.day = x.promised_on
        ), team AS (
            SELECT t.team_id, count(g.bd) AS n, 1.0 * sum(g.bd >= 1) / count(g.bd) AS share
            FROM teams t LEFT JOIN gap g ON g.team_id = t.team_id AND g.is_won
              AND g.closed_on BETWEEN '2026-04-01' AND '2026-09-30' GROUP BY t.team_id
        )
        SELECT deal_id, CASE WHEN NOT (proposed OR is_won) OR promised_on IS NULL
              OR coalesce(actual_on, '9999') <= day THEN 'not_applicable'
            WHEN bd IS NULL THEN 'insufficient_data' WHEN bd >= 20 THEN 'risk'
            WHEN bd >= 1 THEN 'watch' ELSE 'pass' END, bd FROM gap, today
        UNION ALL
        SELECT team_id, CASE WHEN n < 10 THEN 'not_applicable' WHEN share > 0.2 THEN 'risk'
            WHEN share > 0.1 THEN 'watch' WHEN share = 0 THEN 'strength' ELSE 'pass' END, share
        FROM team
    """,
    "operations/repeat-rescue": """
        WITH begun AS (
            SELECT team_id, from_on, max(coalesce(to_on, day)) OVER (
                PARTITION BY team_id ORDER BY from_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS ended FROM diversions, today WHERE from_on <= day
        ), counted AS (
            SELECT team_id, count(*) AS n FROM begun, today
            WHERE (ended IS NULL OR julianday(from_on) - julianday(ended) > 7)
              AND julianday(day) - julianday(from_on) <= 365 GROUP BY team_id
        )
        SELECT team_id, CASE WHEN n >= 3 THEN 'risk' WHEN n = 2 THEN 'watch' ELSE 'pass' END,
               coalesce(n, 0) FROM teams LEFT JOIN counted USING (team_id)
    """,
    "operations/excuse-pattern": """
        WITH lost AS (
            SELECT d.owner_id, d.loss_reason = 'operations' AND NOT EXISTS (
                SELECT 1 FROM incidents i WHERE i.account_id = d.account_id AND i.opened_on
                BETWEEN date(d.closed_on, '-180 days') AND d.closed_on) AS excuse
            FROM deal d, today WHERE is_lost AND loss_reason IS NOT NULL
              AND julianday(day) - julianday(closed_on) <= 365
        ), counted AS (SELECT owner_id, count(*) AS n, sum(excuse) AS excuses FROM lost GROUP BY 1)
        SELECT person_id, CASE WHEN coalesce(n, 0) < 5 THEN 'not_applicable'
            WHEN excuses >= 3 THEN 'watch' ELSE 'pass' END, coalesce(excuses, 0)
        FROM people CROSS JOIN today LEFT JOIN counted ON owner_id = person_id
        WHERE role = 'rep' AND coalesce(left_on, '9999') > day
    """,
    "hygiene/close-date-passed": """
        SELECT deal_id, CASE WHEN NOT is_open THEN 'not_applicable'
            WHEN expected_close_on IS NULL OR julianday(expected_close_on) - julianday(day) > 1095
            THEN 'insufficient_data'
            WHEN julianday(day) - julianday(expected_close_on) >= 7 THEN 'risk'
            WHEN julianday(day) - julianday(expected_close_on) >= 1 THEN 'watch' ELSE 'pass' END,
            julianday(day) - julianday(expected_close_on)
        FROM deal, today
    """,
    "hygiene/date-pushes": """
        WITH net AS (
            SELECT DISTINCT deal_id, on_day, first_value(old_value) OVER w AS old,
                   last_value(new_value) OVER w AS new
            FROM change WHERE field = 'expected_close_on'
            WINDOW w AS (PARTITION BY deal_id, on_day ORDER BY changed_at, change_id
                         ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        ), pushed AS (
            SELECT deal_id, count(*) AS n FROM net, today
            WHERE on_day <= day AND julianday(new) - julianday(old) >= 3 GROUP BY deal_id
        )
        SELECT deal_id, CASE WHEN NOT is_open THEN 'not_applicable' WHEN coalesce(n, 0) >= 3
            THEN 'risk' WHEN n = 2 THEN 'watch' ELSE 'pass' END, coalesce(n, 0)
        FROM deal LEFT JOIN pushed USING (deal_id)
    """,
    "hygiene/moved-back": """
        WITH step AS (
            SELECT c.deal_id, c.on_day, new.position AS at, old.position - new.position AS down,
                   lead(c.on_day) OVER w AS next_day, lead(later.position) OVER w AS next_at,
                   old.position AS from_at
            FROM change c JOIN stages old ON old.stage_id = c.old_value
            JOIN stages new ON new.stage_id = c.new_value
            JOIN stages later ON later.stage_id = c.new_value WHERE c.field = 'stage_id'
            WINDOW w AS (PARTITION BY c.deal_id ORDER BY c.changed_at, c.change_id)
        ), back AS (
            SELECT deal_id, count(*) AS n FROM step WHERE down > 0 AND NOT coalesce(
                next_at >= from_at AND julianday(next_day) - julianday(on_day) <= 1, 0) GROUP BY 1
        )
        SELECT deal_id, CASE WHEN NOT is_open THEN 'not_applicable' WHEN n >= 2 THEN 'risk'
            WHEN n = 1 THEN 'watch' ELSE 'pass' END, coalesce(n, 0)
        FROM deal LEFT JOIN back USING (deal_id)
    """,
    "hygiene/deal-age": """
        WITH won AS (
            SELECT segment, julianday(closed_on) - julianday(created_on) AS took FROM deal, today
            WHERE is_won AND closed_on > date(day, '-24 months')
        ), pool AS (
            SELECT segment AS of, took FROM won UNION ALL SELECT '*', took FROM won
        ), placed AS (
            SELECT of, took, row_number() OVER (PARTITION BY of ORDER BY took) - 1 AS place,
                   count(*) OVER (PARTITION BY of) AS n FROM pool
        ), p90 AS (
            SELECT lo.of, lo.n, lo.took + (0.9 * (lo.n - 1) - lo.place) * (hi.took - lo.took) AS days
            FROM placed lo JOIN placed hi ON hi.of = lo.of
              AND hi.place = min(lo.place + 1, lo.n - 1)
            WHERE lo.place = CAST(0.9 * (lo.n - 1) AS INT)
        ), aged AS (
            SELECT d.*, julianday(day) - julianday(created_on) AS age, (
                SELECT CAST(days AS INT) + (days > CAST(days AS INT)) FROM p90
                WHERE of = CASE WHEN (SELECT n FROM p90 WHERE of = d.segment) >= 20
                                THEN d.segment ELSE '*' END AND n >= 20) AS allowed
            FROM deal d, today
        )
        SELECT deal_id, CASE WHEN NOT is_open THEN 'not_applicable'
            WHEN age > 1.5 * coalesce(allowed, 365 / 1.5) THEN 'risk'
            WHEN age > coalesce(allowed, 180) THEN 'watch' ELSE 'pass' END, age
        FROM aged
    """,
    "hygiene/too-little-time-left": """
        WITH won AS (
            SELECT d.segment, c.old_value AS stage_id,
                   julianday(d.closed_on) - julianday(max(c.on_day)) AS took
            FROM deal d JOIN change c USING (deal_id), today WHERE c.field = 'stage_id'
              AND d.is_won AND d.closed_on > date(day, '-24 months')
            GROUP BY d.deal_id, c.old_value
        ), pool AS (
            SELECT segment AS of, stage_id, took FROM won UNION ALL SELECT '*', stage_id, took FROM won
        ), placed AS (
            SELECT of, stage_id, took, count(*) OVER (PARTITION BY of, stage_id) AS n,
                   row_number() OVER (PARTITION BY of, stage_id ORDER BY took) - 1 AS place FROM pool
        ), part(q) AS (VALUES (0.25), (0.5)
        ), cut AS (
            SELECT lo.of, lo.stage_id, lo.n, q,
                   lo.took + (q * (lo.n - 1) - lo.place) * (hi.took - lo.took) AS days
            FROM placed lo JOIN placed hi USING (of, stage_id) JOIN part
            WHERE lo.place = CAST(q * (lo.n - 1) AS INT) AND hi.place = min(lo.place + 1, lo.n - 1)
              AND lo.n >= 20
        ), due AS (
            SELECT d.*, julianday(expected_close_on) - julianday(day) AS ahead,
                   coalesce(own.of, '*') AS of FROM deal d CROSS JOIN today
            LEFT JOIN cut own ON own.of = d.segment AND own.stage_id = d.stage_id AND own.q = 0.5
        )
        SELECT deal_id, CASE WHEN NOT is_open THEN 'not_applicable'
            WHEN position = (SELECT max(position) FROM stages WHERE kind = 'open')
            THEN 'not_applicable' WHEN ahead < 0 THEN 'not_applicable'
            WHEN ahead IS NULL OR half.days IS NULL THEN 'insufficient_data'
            WHEN ahead < quarter.days THEN 'risk' WHEN ahead < half.days THEN 'watch' ELSE 'pass' END,
            ahead
        FROM due d LEFT JOIN cut half ON half.of = d.of AND half.stage_id = d.stage_id
          AND half.q = 0.5
        LEFT JOIN cut quarter ON quarter.of = d.of AND quarter.stage_id = d.stage_id
          AND quarter.q = 0.25
    """,
    "hygiene/no-activity": """
        SELECT deal_id, CASE WHEN NOT awake OR sent >= 4 OR planned THEN 'not_applicable'
            WHEN milestone IS NULL THEN 'insufficient_data'
            WHEN days >= CASE WHEN milestone = 1 THEN 28 ELSE 14 END THEN 'risk'
            WHEN days >= CASE WHEN milestone = 1 THEN 14 ELSE 7 END THEN 'watch' ELSE 'pass' END, days
        FROM silence
    """,
    "hygiene/ghosted": """
        SELECT deal_id, CASE WHEN NOT awake OR sent < 4 OR planned THEN 'not_applicable'
            WHEN days >= 14 THEN 'risk' WHEN days >= 7 THEN 'watch' ELSE 'pass' END, days
        FROM silence
    """,
    "hygiene/amount-fell": """
        SELECT deal_id, CASE WHEN NOT (is_open AND quoted) OR first_quote_minor <= 0
            THEN 'not_applicable'
            WHEN first_quote_minor IS NULL OR amount_minor IS NULL THEN 'insufficient_data'
            WHEN 1 - 1.0 * amount_minor / first_quote_minor >= 0.3 THEN 'risk'
            WHEN 1 - 1.0 * amount_minor / first_quote_minor >= 0.15 THEN 'watch' ELSE 'pass' END,
            1 - 1.0 * amount_minor / first_quote_minor
        FROM deal
    """,
}


@pytest.fixture(scope="module", name="demo")
def prepared_demo(
    demo_company: tuple[Path, Review, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Review, sqlite3.Connection]]:
    """The demo's review, and a copy of its database with what the queries share."""
    folder, review, _ = demo_company
    database = shutil.copy(folder / DATABASE, tmp_path_factory.mktemp("by_sql"))
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(COMMON)
        yield review, connection


@pytest.mark.parametrize("check", QUERIES)
def test_sql_comes_to_the_same(demo: tuple[Review, sqlite3.Connection], check: str) -> None:
    """SQL finds the outcome of every subject, and the value that it rests on."""
    review, connection = demo
    worked = {i: (outcome, actual) for i, outcome, actual in connection.execute(QUERIES[check])}
    said = {
        card.id: verdict
        for card in review.scorecards()
        for verdict in card.verdicts
        if verdict.check == check
    }
    assert worked.keys() == said.keys()
    differing = {
        i: (worked[i], verdict.outcome.value, verdict.message)
        for i, verdict in said.items()
        if worked[i][0] != verdict.outcome
    }
    assert differing == {}
    for i, verdict in said.items():
        if verdict.outcome in DECIDED:
            assert verdict.actual is not None
            wanted = worked[i][1]
            assert wanted is None or verdict.actual.value == pytest.approx(
                wanted, rel=1e-6, abs=1e-6
            ), i
    assert len(Counter(outcome for outcome, _ in worked.values())) > 1
