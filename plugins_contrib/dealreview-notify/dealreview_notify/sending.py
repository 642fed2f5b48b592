"""Sending: one digest a person, to nobody else unless that is wanted, and one failure stops no other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dealreview_notify.digests import Digest, digests
from dealreview_notify.escaping import as_format, harmless, one_line
from dealreview_notify.readers import Service, is_personal
from dealreview_notify.settings import Address, Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from apprise import AppriseAsset

Services = dict[str, Service | None]


class NotSentError(Exception):
    """Some digests did not go out; what was said before names them."""


def send(document: Mapping[str, Any], settings: Mapping[str, Any], dry_run: bool) -> Iterator[str]:
    """Send each owner of deals what was found in them; yield what happened, a sentence each.

    Args:
        document: A review in its published form.
        settings: What stands under ``[notify.apprise]``.
        dry_run: Whether to say what would be sent, and send nothing.

    Raises:
        SettingsError: Settings that can't be meant so; nothing is sent then.
        NotSentError: A digest could not be sent; the others were.
    """
    known = read_settings(settings)
    services = {owner: service(address) for owner, address in known.addresses.items()}
    refused = refusals(known, services)
    failed = total = 0
    for digest in digests(document, known.outcomes):
        address = known.addresses.get(digest.owner or "")
        if address is None:
            yield _without_address(digest, known)
            failed += digest.owner in known.missing
        elif (one := services[address.owner]) is None or address.owner in refused:
            yield f"NOT sent to {one_line(address.owner)}: {refused[address.owner]}"
            failed += 1
        elif dry_run:
            yield from _shown(digest, address, known.most)
        else:
            gone = _gone(digest, address, one, known.most)
            yield _told(digest, address, gone=gone)
            failed += not gone
        total += 1
    if failed:
        raise NotSentError(
            f"{failed} of {total} digests {'could' if dry_run else 'did'} not go out"
        )


def service(address: Address) -> Service | None:
    """Return what sends to an address; None where apprise can't read it."""
    from apprise import Apprise

    try:
        return Apprise.instantiate(address.url, asset=_asset(), suppress_exceptions=True)
    except Exception:  # noqa: BLE001 - a service's own reader may fail in any way, and its words hold the address
        return None


def _asset() -> AppriseAsset:
    from apprise import AppriseAsset

    return AppriseAsset(async_mode=False, interpret_escapes=False, secure_logging=True)


def refusals(settings: Settings, services: Services) -> dict[str, str]:
    """Return the owners whose address is not used, and why.

    An address that several owners have, or that is not known to reach one person only, is refused
    unless it is said of it that it is shared.
    """
    same = {
        owner: _identity(settings.addresses[owner], one)
        for owner, one in services.items()
        if one is not None
    }
    times = Counter(same.values())
    found = {}
    for owner, address in settings.addresses.items():
        one = services[owner]
        if one is None:
            found[owner] = "apprise can't read the address."
        elif not address.shared and times[same[owner]] > 1:
            found[owner] = f"several owners have this address. {_SAY_SHARED}"
        elif not address.shared and not is_personal(address.url, one):
            found[owner] = f"others may read along at this address. {_SAY_SHARED}"
    return found


_SAY_SHARED = "Give each owner one of their own, or say shared = true for each of them."


def _identity(address: Address, one: Service) -> str:
    """Return what two spellings of an address have in common."""
    read, written = (
        url.partition("?")[0].rstrip("/").casefold() for url in (one.url(), address.url)
    )
    # Services that people write themselves may not tell where they send to.
    return written if read.endswith(":") else read


def _form(one: Service) -> str:
    """Return the format in which a service is written to: plain text where it takes that."""
    given = one.notify_format
    forms = [
        getattr(form, "value", form) for form in (given if isinstance(given, tuple) else [given])
    ]
    return "text" if "text" in forms else str(forms[0])


def masked(address: Address) -> str:
    """Return an address without anything that is secret or personal: ``mailto://***``."""
    return f"{one_line(address.url.partition('://')[0])}://***"


def _whose(address: Address) -> str:
    return address.name if address.shared else ""


def _gone(digest: Digest, address: Address, one: Service, most: int) -> bool:
    """Send a digest and return whether the service took it."""
    from apprise import Apprise, LogCapture

    capture: Any = LogCapture

    sender = Apprise(asset=_asset())
    sender.add(one)
    form = _form(one)
    body = as_format(list(digest.lines(most)), form)
    try:
        # What a service complains about holds the address.
        with capture():
            return bool(
                sender.notify(
                    title=harmless(digest.title(_whose(address))), body=body, body_format=form
                )
            )
    except Exception:  # noqa: BLE001 - one address must not stop the others
        return False


def _told(digest: Digest, address: Address, *, gone: bool) -> str:
    to = f"{one_line(address.owner)} at {masked(address)}"
    if gone:
        return f"sent to {to}: {digest.said}"
    return f"NOT sent to {to}: {digest.said}; the service did not take it."


def _shown(digest: Digest, address: Address, most: int) -> Iterator[str]:
    yield f"would send to {one_line(address.owner)} at {masked(address)}:"
    yield f"    {digest.title(_whose(address))}"
    yield from (f"    | {line}".rstrip() for line in digest.lines(most))


def _without_address(digest: Digest, settings: Settings) -> str:
    if digest.owner is None:
        return f"sent to nobody: {digest.said} that nobody owns."
    owner = one_line(digest.owner)
    variable = settings.missing.get(digest.owner)
    if variable is not None:
        return f"NOT sent to {owner}: {digest.said}; the variable {variable} is not set."
    return f"sent to nobody: {digest.said} of {owner}, who has no address under [notify.apprise.owners]."
