"""Digests over apprise: into a recorder, and over HTTP to a receiver on this machine."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from apprise.decorators import notify
from dealreview_notify.sending import NotSentError, send
from dealreview_notify.settings import SettingsError
from documents import card, document, verdict

from dealreview.cli.main import main
from dealreview.testing import database_of, deal, together

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SENT: list[tuple[str, str, str]] = []


@notify(on="recorder")
def recorder(body: str, title: str, _kind: str, meta: dict[str, Any], **_rest: Any) -> bool:
    """Keep what would have been sent; a host called down fails, one called raises does that."""
    if meta["host"] == "raises":
        raise OSError("secret")
    SENT.append((meta["host"], title, body))
    return meta["host"] != "down"


@pytest.fixture(autouse=True)
def _nothing_sent() -> Iterator[None]:
    """Begin with an empty recorder."""
    SENT.clear()
    yield
    SENT.clear()


def shared(host: str, **more: Any) -> dict[str, Any]:
    """Return an address at the recorder; nobody knows who reads there, so it is said."""
    return {"url": f"recorder://{host}", "shared": True, **more}


ACCOUNT = "mailto://u:secret@example.org?to="
TWO = document(card("d1", "p1", verdict("a/x")), card("d2", "p2", verdict("a/y")))


BOT = "slack://xoxb-1234567890-1234567890123-abcdefghijklmnopqrstuvwx"
HOOK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TELEGRAM = "tgram://123456789:ABCdefGHIjklMNOpqrSTUvwxyz0123456789_"
TWILIO = f"twilio://AC{'0' * 32}:{'1' * 32}@12223334444"
ROCKET_HOOK = f"rocket://{'a' * 25}/{'b' * 50}@localhost"
OTHERS = [
    f"{ACCOUNT}a@example.org,b@example.org",
    f"{ACCOUNT}a@example.org&cc=b@example.org",
    f"{ACCOUNT}a@example.org&bcc=b@example.org",
    f"discord://id123456/{'t' * 32}",
    "gchat://workspace/key/token",
    "mmost://localhost/4eemr1crg38w5kqbixf5ch1mnr",
    "mmost://localhost/4eemr1crg38w5kqbixf5ch1mnr/@anna",
    f"wxteams://{'t' * 80}",
    HOOK,
    f"{HOOK}/general",
    f"{HOOK}/#general",
    f"{HOOK}/@anna",
    BOT,
    f"{BOT}/general",
    f"{BOT}/@anna/@bela",
    f"{BOT}/@anna/general",
    "rocket://u:p@localhost/general",
    "rocket://u:p@localhost/general/@anna",
    f"{ROCKET_HOOK}/@anna",
    "matrix://u:p@localhost/!room:localhost",
    "matrix://u:p@localhost/#general",
    "matrix://u:p@localhost/@anna/#general",
    "matrix://u:p@localhost/@anna?mode=slack",
    TELEGRAM,
    f"{TELEGRAM}/-100123",
    f"{TELEGRAM}/@channel",
    f"{TELEGRAM}/12345/67890",
    f"{TWILIO}/13334445555/16667778888",
    "signal://localhost/+12223334444/group.abcdefgh",
    "bulksms://user:password@13334445555/@group",
    "sns://AHIAJGNT76XIMXDBIJYA/bu1dHSdO22pfaaVy/us-east-1/topic",
    f"zulip://bot@org/{'0' * 32}/general",
    "ntfy://topic",
    "irc://localhost/#general",
    "json://localhost/hook",
    "recorder://one",
]
PERSONAL = [
    f"{ACCOUNT}a@example.org",
    "mailtos://u:secret@example.org?to=a@example.org",
    "ses://from@example.org/akid/secret/us-east-1/to@example.org",
    f"{BOT}/@anna",
    f"{BOT}/anna@example.org",
    "matrix://u:p@localhost/@anna:localhost",
    f"{TELEGRAM}/12345",
    f"{TWILIO}/13334445555",
    "signal://localhost/+12223334444/+13334445555",
    "bulksms://user:password@13334445555",
    "sns://AHIAJGNT76XIMXDBIJYA/bu1dHSdO22pfaaVy/us-east-1/+13334445555",
    f"zulip://bot@org/{'0' * 32}/anna@example.org",
]


def told(
    review: dict[str, Any], owners: dict[str, Any], *, dry: bool = False, **more: Any
) -> list[str]:
    """Return what is said while digests are sent, up to the end or the error at the end."""
    said: list[str] = []
    try:
        said.extend(send(review, {"owners": owners, **more}, dry))
    except NotSentError as error:
        said.append(str(error))
    return said


def test_each_owner_gets_their_own() -> None:
    """One digest a person, with the deals of that person only."""
    said = told(TWO, {"p1": shared("one"), "p2": shared("two")})
    assert said == [
        "sent to p1 at recorder://***: 1 risk in 1 deal",
        "sent to p2 at recorder://***: 1 risk in 1 deal",
    ]
    assert [(host, "d1" in body, "d2" in body) for host, _title, body in SENT] == [
        ("one", True, False),
        ("two", False, True),
    ]


def test_a_dry_run_sends_nothing_and_shows_it() -> None:
    """What would go to whom is printed; addresses are masked."""
    said = told(TWO, {"p1": shared("one")}, dry=True)
    assert SENT == []
    assert said == [
        "would send to p1 at recorder://***:",
        "    p1: 1 risk in 1 deal, deal review of 3 Nov 2026",
        "    | Deal d1 (deal:d1)",
        "    |   risk: found by a/x [a/x]",
        "    |     What now?",
        "    |",
        "    | More on a deal: dealreview show deal:ID",
        "sent to nobody: 1 risk in 1 deal of p2, who has no address under [notify.apprise.owners].",
    ]


@pytest.mark.parametrize("host", ["down", "raises"])
def test_one_failure_stops_no_other(host: str) -> None:
    """It is told, without what the service said, and the command ends as failed."""
    said = told(TWO, {"p1": shared(host), "p2": shared("two")})
    assert said == [
        "NOT sent to p1 at recorder://***: 1 risk in 1 deal; the service did not take it.",
        "sent to p2 at recorder://***: 1 risk in 1 deal",
        "1 of 2 digests did not go out",
    ]
    assert SENT[-1][0] == "two"


@pytest.mark.parametrize("second", ["a@example.org", "A@EXAMPLE.ORG", "a@example.org&format=text"])
def test_an_address_of_several_owners_is_refused(second: str) -> None:
    """However it is spelt, nobody gets what is another's; it is not sent to either."""
    said = told(TWO, {"p1": f"{ACCOUNT}a@example.org", "p2": f"{ACCOUNT}{second}"}, dry=True)
    assert said[0].startswith("NOT sent to p1: several owners have this address.")
    assert said[-1] == "2 of 2 digests could not go out"


def test_a_shared_address_is_meant() -> None:
    """Said of each of them, it is used, and the title says whose deals they are."""
    told(TWO, {"p1": shared("one", name="Mira"), "p2": shared("one")})
    assert [title for _host, title, _body in SENT] == [
        "Mira: 1 risk in 1 deal, deal review of 3 Nov 2026",
        "p2: 1 risk in 1 deal, deal review of 3 Nov 2026",
    ]


@pytest.mark.parametrize("url", OTHERS)
def test_an_address_where_others_may_read_is_refused(url: str) -> None:
    """A channel, a webhook, several people or a copy is no address of one person."""
    said = told(TWO, {"p1": url}, dry=True)
    assert said[0].startswith("NOT sent to p1: others may read along at this address.")
    meant = told(TWO, {"p1": {"url": url, "shared": True}}, dry=True)
    assert meant[0].startswith("would send to p1")
    assert "secret" not in "".join([*said, *meant])


@pytest.mark.parametrize("url", PERSONAL)
def test_an_address_of_one_person_is_used(url: str) -> None:
    """One mail address, one number, one user."""
    said = told(TWO, {"p1": url}, dry=True)
    assert said[0].startswith("would send to p1")


def test_two_people_in_one_mail_account_are_two_addresses() -> None:
    """What differs is who receives it, not who sends it."""
    said = told(TWO, {"p1": f"{ACCOUNT}a@example.org", "p2": f"{ACCOUNT}b@example.org"}, dry=True)
    assert [line for line in said if line.startswith("NOT")] == []


def test_an_address_that_can_not_be_read() -> None:
    """It costs its owner the digest, and nobody else."""
    said = told(TWO, {"p1": "nonsense", "p2": shared("two")})
    assert said[0] == "NOT sent to p1: apprise can't read the address."
    assert len(SENT) == 1


def test_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and the command ends as failed."""
    monkeypatch.delenv("MIRAS_URL", raising=False)
    said = told(TWO, {"p1": {"env": "MIRAS_URL"}})
    assert said[0] == "NOT sent to p1: 1 risk in 1 deal; the variable MIRAS_URL is not set."
    assert said[-1] == "1 of 2 digests did not go out"


def test_deals_of_nobody() -> None:
    """They are counted, and go to nobody."""
    said = told(document(card("d1", None, verdict("a/x"))), {"p1": shared("one")})
    assert said == ["sent to nobody: 1 risk in 1 deal that nobody owns."]


def test_settings_that_make_no_sense_send_nothing() -> None:
    """They are refused before the first digest."""
    with pytest.raises(SettingsError):
        list(send(TWO, {"owners": {"p1": shared("one")}, "most": 99}, False))
    assert SENT == []


def test_markup_of_a_name_is_no_markup() -> None:
    """A deal's name can't call a channel, link or format."""
    named = card("d1", "p1", verdict("a/x"), name="<!channel> @here [x](http://evil.example)")
    told(document(named), {"p1": shared("one")})
    [(_host, _title, body)] = SENT
    assert not any(bad in body for bad in ("<!channel>", "@here", "://evil"))


@pytest.fixture
def receiver() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Return the port of an HTTP server on this machine, and what it got."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            got.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, got
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_command_over_http(
    tmp_path: Path,
    receiver: tuple[int, list[dict[str, Any]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A review of a database reaches the owner of its deal over a real connection."""
    port, got = receiver
    late = deal(payment_terms_days=120)
    database_of(together(late), tmp_path / "case.db")
    config = tmp_path / "dealreview.toml"
    config.write_text(
        "[review]\nas_of = 2025-05-16\n[notify.apprise.owners]\n"
        f'"P1" = {{ url = "json://127.0.0.1:{port}/hook", shared = true }}\n'
    )
    words = ["notify", "apprise", "--db", str(tmp_path / "case.db"), "--config", str(config)]
    code = main([*words, "-p", "dealreview_notify", "--select", "pricing/payment-terms"])
    assert (code, len(got)) == (0, 1)
    assert got[0]["title"] == "P1: 1 risk in 1 deal, deal review of 16 May 2025"
    assert "Deal D1 (deal:D1)" in got[0]["message"]
    assert "120 d net" in got[0]["message"]
    assert "sent to P1 at json://***: 1 risk in 1 deal" in capsys.readouterr().out
