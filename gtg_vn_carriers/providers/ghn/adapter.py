import base64
import binascii
import hmac
import json
import logging
from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.errors import (
    BadSignature,
    ConnectorError,
    Rejected,
    Retryable,
)
from odoo.addons.gtg_connector_base.lib.notice import Notice

from ...lib import shipping
from ...lib import tracking as T
from . import const, mapping
from .client import Ghn, NotFound

_logger = logging.getLogger(__name__)

LABEL_SIZES = {  # mm, for pages that come as HTML
    'A5': (148, 210), '80x80': (80, 80), '52x70': (52, 70)}


class GhnAdapter(models.AbstractModel):
    """GHN. Its rules are told in this folder's README.md."""

    _name = 'gtg.carrier.ghn'
    _inherit = 'gtg.carrier.adapter'
    _description = 'GHN'

    _base_urls = const.HOSTS
    _log_visible = ('code', 'message', 'code_message', 'order_code', 'order_codes',
                    'client_order_code', 'status', 'total_fee', 'total', 'result',
                    'service_type_id', 'weight', 'offset', 'limit', 'province_id')
    _can = frozenset(('create', 'cancel', 'label', 'redeliver', 'send_back', 'quote',
                      'catalogue', 'update_cod'))
    _services = [('ghn:2', 'GHN: light (below 20 kg)'),
                 ('ghn:5', 'GHN: heavy (from 20 kg)')]
    _label_pages = [('A5', 'A5'), ('80x80', '80 x 80 mm'), ('52x70', '52 x 70 mm')]
    _address_codes = const.ADDRESS_CODES
    # README 2: GHN may still be working on a request whose answer was lost
    _unknown_delay_create_waybill = 5

    @contextmanager
    def _ghn(self, account):
        if not account.sudo().ghn_token or not account.ghn_shop_id:
            raise Rejected(self.env._('Token or ShopId is missing.'), hint=self.env._(
                'Enter both on the carrier account.'))
        with account._wire() as wire:
            yield Ghn(wire, account.sudo().ghn_token, account.ghn_shop_id)

    # === ACCOUNT === #

    def _test_connection(self, account):
        with self._ghn(account) as ghn:
            shops = {str(shop.get('_id')): shop for shop in ghn.shops()}
        shop = shops.get(account.ghn_shop_id)
        if not shop:
            names = ', '.join(f'{key} ({row.get("name")})' for key, row in shops.items())
            raise Rejected(
                self.env._('The token is right, but it has no shop %s.',
                           account.ghn_shop_id),
                hint=self.env._('Its shops: %s', names or self.env._('none')))
        message = self.env._('Connected to the shop %s.', shop.get('name') or '')
        if 'district_id' in shop and not shop['district_id']:
            # README 2: then every create fails
            message += ' ' + self.env._(
                'It has no pickup address yet: enter it on the portal of GHN.')
        return message

    # === REQUESTS === #

    def _check(self, account, shipment):
        return mapping.check(shipment, self._limits(account))

    def _shipment(self, parcel):
        shipment = super()._shipment(parcel)
        return shipping.with_service(shipment, (parcel.service or '').partition(':')[2])

    def _quote(self, account, shipment):
        # README 3: the fee call knows old ids only, preview takes both models
        with self._ghn(account) as ghn:
            return ghn.preview(shipment)

    def _tracking_url(self, account, tracking):
        return mapping.tracking_url(tracking, account.environment)

    # === OUTBOX === #

    def _send_create_waybill(self, account, task):
        parcel = task._subject_of(task)
        parcel._gtg_check_again()
        shipment = self._checked_shipment(account, parcel)
        with self._ghn(account) as ghn:
            try:
                answer = ghn.create(shipment)
            except Rejected as error:
                if error.code == 'TO_ADDRESS_CONVERT_FAIL' and task.attempt <= 1:
                    # README 2: perhaps only GHN's map service failed
                    raise Retryable(error.text, code=error.code, after=60) from error
                raise
        return {
            'tracking': answer.tracking, 'fee': float(answer.fee),
            'sort_code': answer.sort_code,
            'expected_at': answer.expected_at and answer.expected_at.isoformat()}

    def _lookup_create_waybill(self, account, task):
        with self._ghn(account) as ghn:
            known = self._ours(account, ghn.detail_by_reference(task.reference))
            if known is None:
                return None
            result = self._adopt(task, known)
            result['sort_code'] = known.extra['sort_code']
            try:
                result['fee'] = float(ghn.charged(known.tracking))
            except ConnectorError:
                _logger.info('fee of %s comes later', known.tracking)
        return result

    def _send_cancel_waybill(self, account, task):
        parcel = task._subject_of(task)
        with self._ghn(account) as ghn:
            try:
                ghn.cancel(parcel.tracking_number)
            except NotFound:
                raise
            except Rejected:
                # README 5: a second cancel is answered either way
                if ghn.detail(parcel.tracking_number).status != 'cancel':
                    raise
        return {'cancelled': True}

    def _lookup_cancel_waybill(self, account, task):
        with self._ghn(account) as ghn:
            status = ghn.detail(task._subject_of(task).tracking_number).status
        return {'cancelled': True} if status == 'cancel' else None

    # an absolute amount: twice is as good as once
    _resend_update_cod = True

    def _send_update_cod(self, account, task):
        parcel = task._subject_of(task)
        if parcel.status in T.FINAL:
            return {}
        amount = round(parcel._gtg_cod_target())
        with self._ghn(account) as ghn:
            ghn.update_cod(parcel.tracking_number, amount)
        return {'cod': amount}

    def _send_redeliver(self, account, task):
        with self._ghn(account) as ghn:
            ghn.deliver_again(task._subject_of(task).tracking_number)
        return {}

    def _lookup_redeliver(self, account, task):
        return self._reached(account, task, const.SENT_AGAIN)

    def _send_send_back(self, account, task):
        with self._ghn(account) as ghn:
            ghn.send_back(task._subject_of(task).tracking_number)
        return {}

    def _lookup_send_back(self, account, task):
        return self._reached(account, task, const.SENT_BACK)

    def _reached(self, account, task, states):
        """Anything else is no proof: asked again, GHN does it or says why not."""
        with self._ghn(account) as ghn:
            status = ghn.detail(task._subject_of(task).tracking_number).status
        return {} if status in states else None

    _resend_fetch_label = True
    _resend_load_catalogue = True

    def _send_fetch_label(self, account, task):
        page = account.label_page or self._label_pages[0][0]
        with self._ghn(account) as ghn:
            content, is_pdf = ghn.label(task._subject_of(task).tracking_number, page)
        if not is_pdf:
            content = self._pdf(content, page)
        return {'pdf': base64.b64encode(content).decode()}

    def _pdf(self, page, size):
        """README 5: the label page may be HTML.

        :raise Retryable: the converter ended badly, as it does when the server stops
        """
        width, height = LABEL_SIZES[size]
        report = self.env['ir.actions.report'].sudo()
        try:
            return report._run_wkhtmltopdf(
                [page.decode('utf-8', 'replace')], specific_paperformat_args={
                    'data-report-margin-top': 0, 'data-report-header-spacing': 0,
                    'data-report-page-width': width, 'data-report-page-height': height,
                    'data-report-dpi': 203})
        except UserError as error:
            raise Retryable(str(error), code='no_pdf') from error

    def _send_load_catalogue(self, account, task):
        with self._ghn(account) as ghn:
            provinces = mapping.units(ghn.provinces(), 'province', 'new')
            wards = []
            for province in provinces:
                rows = mapping.units(ghn.wards(province['ext_id']), 'ward', 'new')
                wards += [{**row, 'parent': province['ext_id']} for row in rows]
        return {'scheme': 'new', 'rows': {'province': provinces, 'ward': wards}}

    # === TRACKING === #

    def _snapshot(self, account, tracking):
        with self._ghn(account) as ghn:
            try:
                return ghn.detail(tracking)
            except NotFound:
                return None

    def _snapshot_by_reference(self, account, reference):
        with self._ghn(account) as ghn:
            return self._ours(account, ghn.detail_by_reference(reference))

    def _ours(self, account, known):
        """README 5: references are unique per shop, but looked up in all shops of the
        token.

        :raise Rejected: the parcel found is another shop's; ours may exist or not
        """
        if known and known.extra['shop_id'] not in ('', account.ghn_shop_id):
            raise Rejected(
                self.env._('Shop %(shop)s has a parcel under our reference '
                           '%(reference)s.', shop=known.extra['shop_id'],
                           reference=known.reference),
                code='FOREIGN', hint=self.env._(
                    'Look at the portal of GHN whether this parcel was made.'))
        return known

    def _report(self, account, body):
        return mapping.callback(json.loads(body))

    def _webhook_notices(self, account, headers, body):
        # README 7: no signature exists; a header that only GHN and we know proves it
        secret = account.sudo().webhook_secret
        given = [headers.get(account.webhook_header or ''),
                 *_authorization(headers.get('Authorization'))]
        if not secret or not any(
                hmac.compare_digest(value.encode(), secret.encode())
                for value in given if value):
            raise BadSignature('wrong or missing secret header')
        call = mapping.callback(json.loads(body))
        owner = self._owner(account, call.shop_id)
        if owner is None:
            _logger.warning('%s: message of the foreign shop %s', account, call.shop_id)
            return []
        return [Notice(call.dedupe_key, call.kind, call.tracking or call.reference,
                       account=owner)]

    def _owner(self, account, shop_id):
        """One address may serve all shops of a GHN account."""
        if shop_id == account.ghn_shop_id:
            return account
        return account.sudo().search([
            ('provider', '=', account.provider), ('ghn_shop_id', '=', shop_id),
            ('company_id', '=', account.company_id.id)], limit=1) or None

    def _webhook_answer(self, account, outcome):
        status, _headers, _body = super()._webhook_answer(account, outcome)
        answer = json.dumps({'code': status, 'message': outcome})
        return status, {'Content-Type': 'application/json'}, answer.encode()


def _authorization(header):
    """The secrets that an Authorization header may carry: bare, Bearer, Basic."""
    if not header:
        return []
    kind, _space, rest = header.partition(' ')
    if kind.lower() == 'basic':
        try:
            text = base64.b64decode(rest, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return []
        return [text, text.partition(':')[2]]
    return [header, rest]
