import logging

from odoo import fields, models

from odoo.addons.gtg_connector_base.lib.errors import (
    ConnectorError,
    RateLimited,
    Rejected,
    Retryable,
)
from odoo.addons.gtg_connector_base.lib.money import dec
from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

from ..lib import shipping

_logger = logging.getLogger(__name__)

# parcels asked for in one transaction of a drain
BATCH = 25
# codes of the transport: the carrier cannot be reached at all
NO_ANSWER = ('no_connection', 'no_answer')


class CarrierAdapter(models.AbstractModel):
    """What every carrier offers; ``gtg.carrier.<provider>`` inherits it.

    Outbox operations: ``create_waybill``, ``cancel_waybill``, ``fetch_label``,
    ``redeliver``, ``send_back``, ``update_cod`` (subject: the parcel) and ``load_catalogue`` (subject:
    the account). What a carrier cannot do it leaves out of ``_can``.
    """

    _name = 'gtg.carrier.adapter'
    _inherit = 'gtg.connector.adapter'
    _description = 'Carrier'

    # create, cancel, label, redeliver, send_back, update_cod, quote, catalogue
    _can = frozenset()
    # [(code, label)]; an empty code lets the carrier's rules choose
    _services = []
    # [(code, label)] of label sizes, the first is the default
    _label_pages = []
    # codes of refusals that a better address cures
    _address_codes = frozenset()
    # hours after which a parcel that nobody spoke of is asked for
    _silence_hours = 6

    # === WHAT A CARRIER DEFINES === #

    def _limits(self, account):
        """:rtype: lib.shipping.Limits"""
        return shipping.Limits(
            account.max_weight, account.max_side, dec(account.max_cod))

    def _check(self, account, shipment):
        """The shipment ready to be sent, without I/O.

        :raise Rejected: a person must complete or correct it
        """
        raise NotImplementedError

    def _quote(self, account, shipment):
        """Price of a shipment; a person waits for it.

        :rtype: lib.shipping.Quote
        """
        raise NotImplementedError

    def _snapshot(self, account, tracking):
        """What the carrier knows about a parcel.

        :rtype: lib.shipping.Snapshot | None
        """
        raise NotImplementedError

    def _snapshot_by_reference(self, account, reference):
        """The same for our own reference; None if the carrier has none."""
        raise NotImplementedError

    def _report(self, account, body):
        """What a stored webhook says.

        :param str body: as stored
        :return: object with ``tracking, reference, event (tracking.Event or None),
            fee, weight, converted_weight, proof_url, partial_return``
        :raise ValueError: unreadable
        """
        raise NotImplementedError

    def _tracking_url(self, account, tracking):
        """Page where the buyer follows the parcel."""
        return False

    # === THE REQUEST === #

    def _shipment(self, parcel):
        """The neutral request for a parcel's waybill.

        :raise Rejected: the address is not resolved
        """
        return shipping.Shipment(
            reference=parcel.reference,
            to=parcel._party(),
            box=shipping.Box(parcel.weight, parcel.length, parcel.width,
                             parcel.height),
            items=parcel._items(),
            cod=dec(parcel.cod_amount),
            payer=parcel.payer, inspection=parcel.inspection,
            value=dec(parcel.declared_value),
            service=parcel.service or '', note=parcel.note or '')

    def _checked_shipment(self, account, parcel):
        """:raise Rejected: it cannot be requested like this"""
        return self._check(account, self._shipment(parcel))

    def _adopt(self, task, snapshot):
        """The result of a look-up, if the parcel found is really ours.

        :raise Rejected: the reference belongs to somebody else's parcel
        """
        parcel = task._subject_of(task)
        older = fields.Datetime.subtract(parcel.create_date, hours=1)
        if snapshot.created_at and snapshot.created_at.replace(tzinfo=None) < older:
            raise Rejected(
                self.env._('The carrier already has another parcel under %s.',
                           snapshot.reference),
                code='FOREIGN', hint=self.env._(
                    'Cancel this parcel here and make a new one.'))
        return {'tracking': snapshot.tracking, 'adopted': True}

    # === INBOX AND POLL === #

    def _process_events(self, account, events):
        """Read each named parcel once at the carrier, then apply what was reported."""
        parcels, news = self.env['gtg.parcel'], []
        for ref, mine in events.grouped('object_ref').items():
            if len(parcels) >= BATCH:
                mine._gtg_postpone(1, False)
                continue
            reports = [self._report(account, event.body) for event in mine]
            parcel = parcels._gtg_find(account, reports[0].tracking or ref,
                                       reports[0].reference)
            if not parcel:
                _logger.info('%s reports %s, which is not ours', account.name, ref)
                continue
            parcels |= parcel
            try:
                snapshot = self._snapshot(account, reports[0].tracking or ref)
            except Rejected as error:
                mine._gtg_fail(account._said(error.text))
                continue
            if snapshot is None:
                mine._gtg_fail(self.env._('The carrier does not know this parcel.'))
                continue
            news.append((parcel, snapshot, reports, mine))
        # people who cancel wait for locked parcels: none is locked while others are read
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        for parcel, snapshot, reports, mine in news:
            if not parcel._gtg_apply(snapshot, reports):
                # the message overtook the carrier's own record
                reason = self.env._("The carrier's own record does not say so (yet).")
                old = mine.filtered_domain([('received_at', '<', yesterday)])
                old._gtg_fail(reason)
                (mine - old)._gtg_postpone(60, reason)

    def _poll(self, account):
        """Ask for the parcels that nobody spoke of for hours.

        :return: whether there are more
        """
        silent = self.env['gtg.parcel']._gtg_silent(account, self._silence_hours, BATCH)
        answers = self._ask_about(account, silent)
        asked = self.env['gtg.parcel'].union(*answers)
        asked._gtg_lock()
        # also what could not be read: the others come first next time
        asked.polled_at = fields.Datetime.now()
        self.env.flush_all()
        for parcel, (snapshot, problem) in answers.items():
            if snapshot:
                problem = self._apply_answer(parcel, snapshot)
            if problem:
                parcel.attention = account._said(problem)
        return len(silent) == BATCH or len(asked) < len(silent)

    def _ask_about(self, account, parcels):
        """Read them at the carrier. One that cannot be read keeps back no other.

        :return: {parcel: (`lib.shipping.Snapshot` or None, what a person must know)}
        :raise ConnectorError: the carrier answers about none of them
        """
        answers, heard, deaf = {}, False, 0
        error = None
        for parcel in parcels:
            try:
                answers[parcel] = self._read(account, parcel), ''
                heard = True
            except Rejected as problem:
                answers[parcel] = None, problem.text
                heard = True
            except RateLimited as problem:
                error = problem
                break
            except Retryable as problem:
                error = problem
                _logger.info('%s cannot be read: %s', parcel.name, problem.text)
                known = parcel.heard_at or parcel.requested_at
                old = not known or known < fields.Datetime.subtract(
                    fields.Datetime.now(), days=1)
                answers[parcel] = None, problem.text if old else ''
                deaf += problem.code in NO_ANSWER
                if deaf > 1:
                    break  # each waits for its time-out
        if error and not heard:
            raise error
        return answers

    def _read(self, account, parcel):
        if parcel.tracking_number:
            return self._snapshot(account, parcel.tracking_number)
        return self._snapshot_by_reference(account, parcel.reference)

    def _apply_answer(self, parcel, snapshot):
        """:return: why it could not be applied, '' if it was"""
        try:
            with self.env.cr.savepoint():
                parcel._gtg_apply(snapshot, [])
                self.env.flush_all()
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.exception('poll of %s', parcel)
            return f'{type(error).__name__}: {error}'
        return ''

    # === HELP FOR QUOTES === #

    def _try_quote(self, account, shipment):
        """:return: (Quote or None, sentence for the user)"""
        try:
            return self._quote(account, self._check(account, shipment)), ''
        except ConnectorError as error:
            _logger.info('no quote from %s: %s', account.name, error.text)
            return None, ' '.join(
                account._said(text) for text in (error.text, error.hint) if text)

