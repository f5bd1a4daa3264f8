"""From what a carrier reports to one status: the same result whatever the order in
which reports arrive, and however often.

The status is never stepped; it is folded anew from all known events, sorted by the
carrier's own time. Only a final status of an earlier fold is kept against the rest.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

READY, PICKED, IN_TRANSIT = 'ready', 'picked', 'in_transit'
OUT_FOR_DELIVERY, FAILED_ATTEMPT = 'out_for_delivery', 'failed_attempt'
DELIVERED, RETURNING, RETURNED = 'delivered', 'returning', 'returned'
LOST, DAMAGED, CANCELLED = 'lost', 'damaged', 'cancelled'

FINAL = frozenset((DELIVERED, RETURNED, LOST, DAMAGED, CANCELLED))
#: ended without the buyer having the goods, and without their cash
BACK = frozenset((RETURNED, LOST, DAMAGED))
#: the goods have left the shop
HANDED_OVER = frozenset((
    PICKED, IN_TRANSIT, OUT_FOR_DELIVERY, FAILED_ATTEMPT, DELIVERED,
    RETURNING, RETURNED, LOST, DAMAGED))
#: order of two events of the same instant
RANK = {status: rank for rank, status in enumerate((
    READY, PICKED, IN_TRANSIT, OUT_FOR_DELIVERY, FAILED_ATTEMPT, RETURNING,
    DELIVERED, RETURNED, DAMAGED, LOST, CANCELLED))}

#: the same fact reported by push and by pull may differ by this much
SAME = timedelta(seconds=90)


@dataclass(frozen=True)
class Event:
    """One report of a carrier.

    :param str code: the carrier's own status word
    :param str status: normalised; '' when it changes nothing or is unknown
    :param datetime at: carrier's time, aware UTC
    :param bool pushed: from a webhook (richer), else read from the parcel's history
    :param str attention: why a person should look, '' if nobody need
    """

    code: str
    status: str
    at: datetime
    place: str = ''
    reason_code: str = ''
    reason: str = ''
    pushed: bool = False
    attention: str = ''

    @property
    def key(self):
        """Identity within one parcel."""
        return (self.code, moment(self.at), self.place)


@dataclass(frozen=True)
class Outcome:
    """Result of a fold: the status and the instants other models ask for."""

    status: str = READY
    changed_at: datetime | None = None
    picked_at: datetime | None = None
    delivered_at: datetime | None = None
    failed_attempts: int = 0
    reason: str = ''
    attention: str = ''
    failure: str = ''  # the carrier's word for the last failed attempt


def moment(value):
    """Sortable text of an instant, exact to the millisecond (Odoo's own Datetime
    keeps whole seconds only, and two reports may share a second)."""
    value = value.astimezone(timezone.utc)
    return value.strftime('%Y-%m-%dT%H:%M:%S.') + f'{value.microsecond // 1000:03d}Z'


def from_moment(text):
    """The instant of `moment`."""
    return datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%f%z')


def fold(events, stored=''):
    """The outcome of all events.

    :param events: `Event` in any order, duplicates allowed
    :param str stored: status before; a final one is never left
    """
    outcome, seen = Outcome(), set()
    for event in sorted(events, key=lambda e: (e.at, RANK.get(e.status, -1), e.key)):
        if event.key in seen:
            continue
        seen.add(event.key)
        outcome = _step(outcome, event)
    if stored in FINAL and outcome.status != stored:
        return replace(
            outcome, status=stored,
            attention=f'{_contradiction(stored, outcome.status)}')
    return outcome


def _step(outcome, event):
    changes = {}
    if outcome.status in FINAL:
        if event.status and event.status != outcome.status:
            changes['attention'] = _contradiction(outcome.status, event.code)
        elif event.attention and not event.status:
            changes['attention'] = event.attention
        return replace(outcome, **changes)
    changes['attention'] = event.attention
    changes['reason'] = event.reason or event.reason_code
    if event.status:
        changes.update(status=event.status, changed_at=event.at)
        if event.status in HANDED_OVER and not outcome.picked_at:
            changes['picked_at'] = event.at
        if event.status == DELIVERED:
            changes['delivered_at'] = event.at
        # the same word at another time is another attempt; another word (the carrier
        # waits for the shop) follows from the same one
        if event.status == FAILED_ATTEMPT and (
                outcome.status != FAILED_ATTEMPT or event.code == outcome.failure):
            changes.update(failed_attempts=outcome.failed_attempts + 1,
                           failure=event.code)
    return replace(outcome, **changes)


def _contradiction(stored, reported):
    return f'The carrier reports “{reported}” after “{stored}”.'


def unknown_of(pulled, stored):
    """The events of a parcel's history that are not stored yet.

    A pushed report and the same entry of the history may differ by a little in
    time: each stored event stands for at most one entry of the history.

    :param pulled: `Event` read from the carrier
    :param stored: `Event` already kept
    :return: list of `Event` to keep
    """
    free = list(stored)
    rest = []
    for event in pulled:
        twin = next((s for s in free if s.code == event.code
                     and moment(s.at) == moment(event.at)), None)
        if twin:
            free.remove(twin)
        else:
            rest.append(event)
    fresh = []
    for event in sorted(rest, key=lambda e: e.at):
        near = [s for s in free
                if s.code == event.code and abs(s.at - event.at) <= SAME]
        if near:
            free.remove(min(near, key=lambda s: abs(s.at - event.at)))
        else:
            fresh.append(event)
    return fresh
