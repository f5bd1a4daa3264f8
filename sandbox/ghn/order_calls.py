"""Calls on orders: create, read, change, cancel, return, deliver again."""


from . import lifecycle
from .binding import INT, TEXT, TEXTS, parameters
from .envelope import ZERO_DATE, Refused, success, user_error
from .pricing import LIGHT, measure
from .validation import MAX_TEXT, ORDER_SCHEMA, PHONE, SIDES, check_money

WRONG_STATUS = 'Trạng thái đơn hàng không hợp lệ'
MAX_COD_CHANGE = 5000000
# the limits of the update page are older than those of create
UPDATE_WEIGHT, UPDATE_SIDE, UPDATE_COD = 30000, 150, 10000000
EDITABLE_LATER = ('to_name', 'to_phone', 'note', 'required_note')
UPDATABLE = (*EDITABLE_LATER, 'to_address', 'content', 'weight', 'length', 'width',
             'height', 'insurance_value', 'payment_type_id', 'cod_failed_amount',
             'order_value', 'cod_amount', 'coupon')


class OrderCalls:
    def __init__(self, provider):
        self.provider = provider
        self.running = set()    # (shop, client order code) of creates under way

    # === CREATE === #

    def create(self, request):
        """Runs without the provider's lock, so that two equal calls can meet."""
        provider = self.provider
        with provider.lock:
            draft = provider.quotes.draft(request)
            code = draft.values.get('client_order_code')
            key = (request.shop['_id'], code)
            if code and key in self.running:
                raise Refused('Too many request. This request is processing')
            self.running.add(key)
        try:
            provider.clock.sleep(provider.settings['create_seconds'])
            with provider.lock:
                answer, record, is_new = self._store(draft, request)
            if is_new and provider.settings['create_event'] == 'before':
                provider.courier.idle()
            return answer
        finally:
            with provider.lock:
                self.running.discard(key)

    def _store(self, draft, request):
        """A known client code gets its first answer again, and nothing else happens."""
        provider, orders = self.provider, self.provider.orders
        code = draft.values.get('client_order_code')
        record = orders.known(request.shop['_id'], code)
        renew = provider.settings['recreate_after_cancel']
        if record and renew and record['doc']['status'] == 'cancel':
            record = None
        is_new = not record
        if is_new:
            record = orders.create(draft, request.shop)
            order_code = record['doc']['order_code']
            provider.effect('create_order', code, order_code)
            if provider.settings['create_event'] != 'none':
                provider.notify(record, 'create', orders.event_time(record))
            if provider.settings['pick_at_once']:
                provider.move(record, 'picking')
        reply = record['reply']
        return success(
            reply, f'Tạo đơn hàng thành công. Mã đơn hàng: {reply["order_code"]}'
        ), record, is_new

    # === READ === #

    def detail(self, request):
        code = parameters(request, {'order_code': TEXT}).get('order_code')
        if not code:
            raise user_error('order_code is required')
        request.reference = code
        return success(self.provider.orders.find(code, request.client_id)['doc'])

    def detail_by_client_code(self, request):
        code = parameters(request, {'client_order_code': TEXT}).get('client_order_code')
        if not code:
            raise user_error('client_order_code is required')
        request.reference = code
        document = self.provider.orders.find_by_client_code(
            code, request.client_id)['doc']
        as_list = self.provider.settings['client_code_answers_list']
        return success([document] if as_list else document)

    def soc(self, request):
        code = parameters(request, {'order_code': TEXT}).get('order_code')
        request.reference = code
        try:
            record = self.provider.orders.find(
                code, request.client_id, request.shop['_id'])
        except Refused:
            raise Refused(
                'Không tìm thấy thông tin đơn hàng', 'ORDER_NOT_FOUND', code=404
            ) from None
        document = record['doc']
        return success({
            '_id': document['soc_id'], 'order_code': code, 'detail': record['fees'],
            'standard': record['reply']['fee'], 'payment': record['payments'],
            'cod_collect_date': document['cod_collect_date'] or ZERO_DATE,
            'cod_transfer_date': document['cod_transfer_date'] or ZERO_DATE,
            'transaction_id': '', 'created_date': document['created_date'],
            'updated_date': document['updated_date']})

    # === CHANGE === #

    def update(self, request):
        values = parameters(request, {**ORDER_SCHEMA, 'order_code': TEXT, 'otp': TEXT})
        record = self._own(values.get('order_code'), request)
        changes = {name: values[name] for name in UPDATABLE if name in values}
        others = set(values) - set(changes) - {'order_code', 'otp'}
        if others:
            raise user_error(f'Không thể cập nhật: {", ".join(sorted(others))}')
        self._check_update(record, changes, values.get('otp'))
        document = record['doc']
        document.update(changes)
        if {'weight', *SIDES, 'insurance_value'} & set(changes):
            if document['service_type_id'] == LIGHT:
                size = measure(LIGHT, document)
                document['converted_weight'] = size.converted
                document['calculate_weight'] = size.charged
            self.provider.orders.reprice(record)
        at = self.provider.orders.event_time(record)
        self.provider.effect(
            'update_order', document['client_order_code'], document['order_code'])
        if 'cod_amount' in changes:
            self.provider.notify(record, 'update_cod', at)
        return success(None)

    def _check_update(self, record, changes, otp):
        status = record['doc']['status']
        if status in lifecycle.FINAL:
            raise user_error(WRONG_STATUS)
        if status != 'ready_to_pick' and set(changes) - set(EDITABLE_LATER):
            raise user_error(WRONG_STATUS)
        if 'cod_amount' in changes and (
                not otp or otp != self.provider.settings['otp']):
            raise Refused('OTP not valid', 'OTP_NOT_VALID', 'Mã OTP không hợp lệ')
        if not PHONE.match(changes.get('to_phone', '0900000000')):
            raise Refused('Số điện thoại không hợp lệ', 'PHONE_INVALID')
        for name, limit in MAX_TEXT.items():
            if len(str(changes.get(name, ''))) > limit:
                raise user_error(f'{name} vượt quá {limit} ký tự')
        if not 0 < changes.get('weight', 1) <= UPDATE_WEIGHT:
            raise user_error('Cân nặng không hợp lệ')
        if any(not 0 < changes.get(side, 1) <= UPDATE_SIDE for side in SIDES):
            raise user_error('Kích thước không hợp lệ')
        check_money('cod_amount', changes.get('cod_amount'), UPDATE_COD)

    def update_cod(self, request):
        values = parameters(request, {'order_code': TEXT, 'cod_amount': INT})
        record = self._own(values.get('order_code'), request, any_shop=True)
        amount = values.get('cod_amount')
        if amount is None:
            raise user_error('cod_amount is required')
        check_money('cod_amount', amount, MAX_COD_CHANGE)
        document, settings = record['doc'], self.provider.settings
        if settings['update_cod_needs_otp']:
            raise Refused('OTP not valid', 'OTP_NOT_VALID', 'Mã OTP không hợp lệ')
        if record['receiver']['province'] in settings['cod_locked_places']:
            raise Refused('Permission denied', 'PERMISSION_DENIED_EDIT_COD',
                          'Không được sửa tiền thu hộ')
        if document['status'] in lifecycle.FINAL:
            raise user_error(WRONG_STATUS)
        document['cod_amount'] = amount
        at = self.provider.orders.event_time(record)
        self.provider.effect(
            'update_cod', document['client_order_code'], document['order_code'])
        self.provider.notify(record, 'update_cod', at)
        return success(None)

    def _own(self, code, request, any_shop=False):
        request.reference = code or ''
        if not code:
            raise user_error('order_code is required')
        shop = None if any_shop else request.shop['_id']
        return self.provider.orders.find(code, request.client_id, shop)

    # === CANCEL, RETURN, DELIVER AGAIN === #

    def cancel(self, request):
        """One unknown code refuses the whole batch before anything is cancelled."""
        values = parameters(
            request, {'order_codes': TEXTS, 'reason_code': TEXT, 'reason': TEXT})
        codes = self._codes(values, request)
        reason = values.get('reason_code', '')
        if reason and reason not in lifecycle.CANCEL_REASONS:
            raise user_error('reason_code không hợp lệ')
        records = [self.provider.orders.find(code, request.client_id, request.shop['_id'])
                   for code in codes]
        return _verdicts([
            self._cancel(record, reason, values.get('reason', ''))
            for record in records])

    def _cancel(self, record, reason, text):
        status = record['doc']['status']
        if status == 'cancel' and self.provider.settings['cancel_again_is_fine']:
            return _verdict(record, True)
        if status not in lifecycle.CANCELLABLE:
            return _verdict(record, False, WRONG_STATUS)
        self._switch(record, 'cancel', 'cancel_order', reason, text)
        return _verdict(record, True)

    def send_back(self, request):
        return self._each(request, self._send_back)

    def _send_back(self, record):
        status = record['doc']['status']
        if status not in lifecycle.RETURNABLE:
            return _verdict(record, False, WRONG_STATUS)
        if status != 'return':
            self._switch(record, 'return', 'return_order')
        return _verdict(record, True)

    def deliver_again(self, request):
        return self._each(request, self._deliver_again)

    def _deliver_again(self, record):
        if record['doc']['status'] not in lifecycle.REDELIVERABLE:
            return _verdict(record, False, WRONG_STATUS)
        fee = self.provider.settings['redelivery_fee']
        if fee:
            fees = record['fees']
            self.provider.orders.charge(record, fees | {'r2s': fees['r2s'] + fee})
        self._switch(record, 'storing', 'redeliver_order')
        return _verdict(record, True)

    def _each(self, request, one):
        """Every code by itself: an unknown one spoils only its own row."""
        codes = self._codes(parameters(request, {'order_codes': TEXTS}), request)
        rows = []
        for code in codes:
            try:
                record = self.provider.orders.find(
                    code, request.client_id, request.shop['_id'])
            except Refused:
                rows.append({'order_code': code, 'result': False,
                             'message': 'Đơn hàng không tồn tại'})
            else:
                rows.append(one(record))
        return _verdicts(rows)

    def _codes(self, values, request):
        codes = values.get('order_codes')
        if not codes:
            raise user_error('order_codes is required')
        request.reference = ','.join(codes[:5])
        return codes

    def _switch(self, record, status, operation, reason_code='', reason=''):
        document = record['doc']
        self.provider.effect(
            operation, document['client_order_code'], document['order_code'])
        at = self.provider.orders.set_status(
            record, status, reason_code,
            reason or lifecycle.REASONS.get(reason_code, ''))
        self.provider.notify(record, 'switch_status', at)


def _verdicts(rows):
    """A refusal of single orders comes with HTTP 200 and code 200."""
    answer = success(rows)
    answer.refused = '; '.join(
        f'{row["order_code"]}: {row["message"]}' for row in rows if not row['result'])
    return answer


def _verdict(record, result, message='OK'):
    return {'order_code': record['doc']['order_code'], 'result': result,
            'message': message}
