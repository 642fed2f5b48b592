"""Who reads at an address: one person, for all that its form says, or perhaps others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Service = Any
"""What apprise makes of an address; its releases differ in what they say of its type."""

_MAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+")
_NUMBER = re.compile(r"\+?[0-9]{6,15}")
_USER = re.compile(r"@[^@#\s]+")
_OTHERS = ("cc", "bcc", "groups", "topics", "channels", "rooms")
"""Where services keep who else gets it."""


def is_personal(url: str, one: Service) -> bool:
    """Return whether an address is known to reach one person only.

    A service that is not known to tell people from channels, or whose address leaves open where it
    goes, such as that of a webhook, is taken for one where others read.

    Args:
        url: The address.
        one: What apprise makes of it.
    """
    told = _PERSONAL.get(url.partition("://")[0].casefold())
    return told is not None and len(one) == 1 and told(one)


def _only(one: Service, name: str, *others: str) -> str:
    """Return the one receiver that a service keeps under a name; empty where there are more, or others."""
    found = list(getattr(one, name, None) or ())
    if len(found) != 1 or any(getattr(one, other, None) for other in others):
        return ""
    # Some keep a name or a kind before a mail address or number.
    return str(found[0][-1] if isinstance(found[0], tuple) else found[0])


def _mail(one: Service) -> bool:
    return bool(_MAIL.fullmatch(_only(one, "targets", *_OTHERS)))


def _number(one: Service) -> bool:
    return bool(_NUMBER.fullmatch(_only(one, "targets", *_OTHERS)))


def _phone(one: Service) -> bool:
    return bool(_NUMBER.fullmatch(_only(one, "phone", "topics")))


def _slack(one: Service) -> bool:
    # A webhook has a channel of its own, and most write there whatever the address says.
    found = _only(one, "channels")
    return getattr(one, "mode", "") == "bot" and bool(
        _USER.fullmatch(found) or _MAIL.fullmatch(found)
    )


def _rocket(one: Service) -> bool:
    found = _only(one, "users", "channels", "rooms")
    return bool(found) and getattr(one, "mode", "") != "webhook"


def _matrix(one: Service) -> bool:
    found = _only(one, "users", "rooms")
    return bool(_USER.fullmatch(found)) and getattr(one, "mode", "") == "off"


def _telegram(one: Service) -> bool:
    """Return whether the chat is that with a person: those of groups and channels are negative."""
    found = list(getattr(one, "targets", None) or ())
    chat = found[0] if len(found) == 1 else ""
    # Later releases keep the topic of a group beside its number.
    number, topic = chat if isinstance(chat, tuple) else (chat, None)
    return topic is None and re.fullmatch("[1-9][0-9]*", str(number)) is not None


_MAILS = (
    *("mailto", "mailtos", "ses", "sendgrid", "mailgun", "sparkpost", "brevo", "resend"),
    *("postmark", "smtp2go"),
)
_NUMBERS = (
    *(
        "twilio",
        "vonage",
        "nexmo",
        "signal",
        "signals",
        "whatsapp",
        "bulksms",
        "bulkvs",
        "burstsms",
    ),
    *("clicksend", "d7sms", "msgbird", "plivo", "sinch", "seven", "httpsms", "46elks"),
)
_PERSONAL: dict[str, Callable[[Service], bool]] = {
    **dict.fromkeys(_MAILS, _mail),
    **dict.fromkeys(_NUMBERS, _number),
    "sns": _phone,
    "slack": _slack,
    "zulip": _mail,
    **dict.fromkeys(("rocket", "rockets"), _rocket),
    **dict.fromkeys(("matrix", "matrixs"), _matrix),
    "tgram": _telegram,
}
"""What tells a person from others, by the scheme of addresses; every other scheme is one of others."""
