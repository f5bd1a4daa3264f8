"""GHN's calls. Each method asks once, raises `lib.errors` and returns dataclasses.

Success is HTTP 2xx *and* ``code == 200`` in the body; everything else is sorted by
`verdict` (README 2). Reads and quotes are safe to repeat; a mutation whose answer is
lost, unreadable or a 5xx is `OutcomeUnknown`.
"""

import re

from odoo.addons.gtg_connector_base.lib.clock import from_unix
from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)
from odoo.addons.gtg_connector_base.lib.money import dec

from . import const, mapping

_ = str  # marks texts for the translators; they are translated when shown
BUSY_AFTER = 4  # seconds until a request that GHN still works on is done
QUOTE_TIMEOUT = 8  # seconds a person waits for a price


class NotFound(Rejected):
    """GHN does not know this parcel."""


_AUTH = re.compile(r'token is (not valid|required)|code=401', re.I)
_BUSY = re.compile(r'request is processing', re.I)
_MISSING = re.compile(
    r'đơn hàng không tồn tại|order not found|không tìm thấy thông tin đơn hàng', re.I)
_OUTAGE = re.compile(
    r'redis|time ?out|timed out|connection|context deadline|unavailable|eof\b'
    r'|bad gateway|lỗi hệ thống|hệ thống đang bận', re.I)
_CONFLICT = re.compile(r'to address conflict', re.I)
_SIZE = re.compile(r'kích thước.*vượt quá', re.I | re.S)
_REQUIRED = re.compile(r"Key: 'ShiipCreate\.(\w+)'")


def verdict(status, body):
    """Sort an answer: ``ok``, ``auth_config``, ``throttled``, ``busy``, ``transient``,
    ``not_found``, ``no_service`` or ``validation``.

    :param int status: HTTP status
    :param body: parsed JSON object, or None if it is none
    """
    body = body if isinstance(body, dict) else None
    code = _number(body.get('code')) if body else None
    if 200 <= status < 300 and code == 200:
        return 'ok'
    # a broken server may write anything
    if status >= 500 or status == 408 or (code or 0) >= 500:
        return 'transient'
    if status == 429 or code == 429:
        return 'throttled'
    if body is None:
        return 'auth_config' if status == 401 else 'transient'
    # README 2: success and failure are told by a code; without one, or with one that
    # contradicts the HTTP status, nobody knows
    if (status < 400 if code is None else code < 400):
        return 'transient'
    machine, text = body.get('code_message') or '', str(body.get('message') or '')
    if status == 401 or code == 401 or machine in const.CONFIG_CODES \
            or _AUTH.search(text):
        return 'auth_config'
    if _BUSY.search(text):
        return 'busy'
    if machine == 'ORDER_NOT_FOUND' or _MISSING.search(text):
        return 'not_found'
    if machine == 'SERVER_ERROR_COMMON':
        return 'transient'
    if machine in ('ROUTE_NOT_FOUND_SERVICE', 'SERVICE_NOT_FOUND_CONFIG_FEE'):
        return 'no_service'
    if (machine not in const.KNOWN_CODES and _OUTAGE.search(text)) \
            or 300 <= status < 400:
        return 'transient'
    return 'validation'


class Ghn:
    """One shop at GHN.

    :param wire: `lib.transport.Transport` on the gateway's host
    :param str token: secret of the GHN account
    :param str shop_id: number of the shop (one per warehouse)
    """

    def __init__(self, wire, token, shop_id):
        self.wire = wire
        self.headers = {'Token': token or '', 'ShopId': str(shop_id or '')}
        self.shop_id = str(shop_id or '')

    # === THE WIRE === #

    def _call(self, method, path, body=None, params=None, safe=False, timeout=None):
        answer = self.wire.send(
            method, const.API + path, json=body, params=params, safe=safe,
            headers=self.headers, read_timeout=timeout)
        try:
            parsed = answer.json()
        except ValueError:
            parsed = None
        kind = verdict(answer.status, parsed)
        if kind == 'ok':
            return parsed.get('data')
        raise self._error(kind, answer, parsed, safe)

    def _error(self, kind, answer, body, safe):
        body = body if isinstance(body, dict) else {}
        raw = str(body.get('message') or '')
        text = body.get('code_message_value') or raw \
            or f'GHN answered {answer.status} without a readable text.'
        code = body.get('code_message') or None
        if kind == 'throttled':
            return RateLimited(text, code='429', after=_retry_after(answer))
        if kind == 'auth_config':
            return AuthExpired(
                text, code=code or '401',
                hint=const.HINTS.get(code, _('Enter a new token on the GHN account.')))
        if kind == 'transient':
            hint = const.HINTS['FORBIDDEN'] if answer.status == 403 else None
            return (Retryable if safe else OutcomeUnknown)(text, code=code, hint=hint)
        if kind == 'busy':
            return (Retryable if safe else OutcomeUnknown)(
                text, code='BUSY', after=BUSY_AFTER)
        if kind == 'not_found':
            return NotFound(text, code='ORDER_NOT_FOUND',
                            hint=_('GHN does not know this parcel.'))
        if _CONFLICT.search(raw):
            code = 'ADDRESS_CONFLICT'
        elif _SIZE.search(raw) or _SIZE.search(text):
            code = 'SIZE_EXCEEDED'
        return Rejected(text, code=code, hint=_hint(code, raw))

    def _unreadable(self, error, safe):
        text = f'GHN answered something unexpected: {error}'
        return (Retryable if safe else OutcomeUnknown)(text, code='unreadable')

    def _read(self, path, params=None, parse=None):
        data = self._call('GET', path, params=params, safe=True)
        return self._parsed(data, parse, safe=True) if parse else data

    def _parsed(self, data, parse, safe=False):
        try:
            return parse(data if data is not None else {})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._unreadable(error, safe) from error

    # === SHOPS, PRICES === #

    def shops(self):
        """The shops of the token: list of dict with ``_id``, ``name``, ``status``."""
        data = self._read('/v2/shop/all', {'offset': 0, 'limit': const.PAGE}) or {}
        return data.get('shops') or []

    def fee(self, to, box, cod=0, value=0, service=''):
        """Price by three-level ids.

        :rtype: shipping.Quote
        """
        body = mapping.fee_body(to, box, cod, value, service)
        data = self._call('POST', '/v2/shipping-order/fee', body, safe=True,
                          timeout=QUOTE_TIMEOUT)
        return self._parsed(data, mapping.quote, safe=True)

    def preview(self, shipment):
        """Price and promised day of a shipment; nothing is stored at GHN.

        :rtype: shipping.Quote
        """
        data = self._call('POST', '/v2/shipping-order/preview',
                          mapping.create_body(shipment), safe=True,
                          timeout=QUOTE_TIMEOUT)
        return self._parsed(data, mapping.quote, safe=True)

    def leadtime(self, to, service=const.LIGHT):
        """Promised instant of arrival by three-level ids, or None."""
        data = self._call('POST', '/v2/shipping-order/leadtime', {
            'to_district_id': to.district_id, 'to_ward_code': to.ward_code,
            'service_type_id': service}, safe=True, timeout=QUOTE_TIMEOUT)
        return self._parsed(
            data, lambda d: from_unix(d.get('leadtime')), safe=True)

    def pick_shifts(self):
        """Pickup shifts as GHN offers them now; their ids are not to be stored."""
        return self._read('/v2/shift/date') or []

    # === PARCELS === #

    def create(self, shipment):
        """Request a waybill. The same reference gives the first one again.

        :rtype: shipping.Waybill
        :raise Rejected: among others, the reference is none (README 5)
        """
        if not 0 < len(shipment.reference) <= const.MAX_REFERENCE:
            raise Rejected(_('The parcel has no usable reference.'), code='reference',
                           hint=const.HINTS['REFERENCE'])
        data = self._call('POST', '/v2/shipping-order/create',
                          mapping.create_body(shipment))
        return self._parsed(data, mapping.waybill)

    def detail(self, code):
        """:rtype: shipping.Snapshot
        :raise NotFound:"""
        return self._read('/v2/shipping-order/detail', {'order_code': code},
                          mapping.snapshot)

    def detail_by_reference(self, reference):
        """The parcel with our reference, or None if GHN certainly has none.

        :rtype: shipping.Snapshot | None
        """
        try:
            return self._read('/v2/shipping-order/detail-by-client-code',
                              {'client_order_code': reference},
                              lambda data: mapping.snapshot(data, self.shop_id))
        except NotFound:
            return None

    def charged(self, code):
        """VND charged for a parcel so far, all later charges included."""
        data = self._call('POST', '/v2/shipping-order/soc', {'order_code': code},
                          safe=True)
        return self._parsed(data, lambda d: sum(
            (dec(row.get('value')) for row in d.get('payment') or ()),
            dec(0)), safe=True)

    def update(self, code, **changes):
        """Change name, phone or note before pickup."""
        self._call('POST', '/v2/shipping-order/update', {'order_code': code, **changes})

    def update_cod(self, code, amount):
        """Change the amount to collect; GHN may want it done on its portal.

        :raise Rejected: the call cannot take that much (README 5), or GHN refuses
        """
        if amount > const.MAX_COD_UPDATE:
            raise Rejected(_('This call of GHN cannot set that much.'), code='cod_limit',
                           hint=const.HINTS['PERMISSION_DENIED_EDIT_COD'])
        self._call('POST', '/v2/shipping-order/updateCOD',
                   {'order_code': code, 'cod_amount': int(amount)})

    def cancel(self, code, reason='', reason_code=const.CANCEL_REASON):
        """:raise Rejected: too late, or already cancelled (look at ``detail``)"""
        self._switch('cancel', code, reason_code=reason_code,
                     reason=reason[:255])

    def send_back(self, code):
        """Ask GHN to return the parcel.

        :raise Rejected: not in this state"""
        self._switch('return', code)

    def deliver_again(self, code):
        """Ask GHN for another attempt.

        :raise Rejected: not in this state"""
        self._switch('storing', code)

    def _switch(self, verb, code, **extra):
        # README 5: one code per call, an unknown one refuses the whole batch
        data = self._call('POST', f'/v2/switch-status/{verb}',
                          {'order_codes': [code], **extra})
        row = next((r for r in data if isinstance(r, dict)
                    and r.get('order_code') == code), None) \
            if isinstance(data, list) else None
        if row is None:
            raise self._unreadable(f'no result for {code}', safe=False)
        if row.get('result') is not True:
            # README 2: a refusal, although HTTP and code say 200
            raise Rejected(row.get('message') or _('GHN refused.'), code='REFUSED',
                           hint=_('Look at the status of the parcel.'))

    # === LABELS === #

    def label(self, code, page='A5'):
        """The label page of a parcel.

        :return: (content bytes, whether it is a PDF)
        """
        data = self._call('POST', '/v2/a5/gen-token', {'order_codes': [code]},
                          safe=True)
        token = self._parsed(data, lambda d: d['token'], safe=True)
        answer = self.wire.send('GET', const.PRINT_PAGES[page], safe=True,
                                params={'token': token})
        if answer.status == 429:
            raise RateLimited(_('GHN throttles us.'), after=_retry_after(answer))
        if answer.content.startswith(b'%PDF'):
            return answer.content, True
        # README 5: an expired token gives an error page
        if answer.status != 200 or code.encode() not in answer.content:
            raise Retryable(_('GHN did not give the label.'), code='label')
        return answer.content, False

    # === PLACES === #

    def provinces(self):
        """Rows of the two-level catalogue; see `mapping.units`."""
        return self._pages('/v3/master-data/province/all')

    def wards(self, province_id):
        return self._pages('/v3/master-data/ward/all-by-province-id',
                           province_id=int(province_id))

    def old_provinces(self):
        return self._read('/master-data/province') or []

    def old_districts(self, province_id):
        return self._read('/master-data/district',
                          {'province_id': int(province_id)}) or []

    def old_wards(self, district_id):
        return self._read('/master-data/ward', {'district_id': int(district_id)}) or []

    def _pages(self, path, **params):
        rows, seen = [], set()
        while True:
            page = self._read(path, {**params, 'offset': len(rows),
                                     'limit': const.PAGE}) or []
            fresh = [row for row in page if row.get('_id') not in seen]
            rows += fresh
            seen.update(row.get('_id') for row in fresh)
            # a server that ignores the offset must not keep us for ever
            if len(page) < const.PAGE or not fresh:
                return rows


def _number(value):
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _retry_after(answer):
    value = {k.lower(): v for k, v in answer.headers.items()}.get('retry-after', '')
    return float(value) if value.isdigit() else None


def _hint(code, raw):
    fields = [const.FIELD_HINTS.get(name, name) for name in _REQUIRED.findall(raw)]
    if fields:
        return 'Complete ' + ', '.join(fields) + ', then retry.'
    return const.HINTS.get(code, _('Correct it, then retry.'))
