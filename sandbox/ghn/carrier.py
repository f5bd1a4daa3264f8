"""What the carrier does with a parcel: the verbs of the control API."""

from ..frame import ControlError
from . import lifecycle
from .orders import place
from .pricing import ORDER_FEES, SAME_PROVINCE, zone

CHANGES = ('cod_transfer', 'update_weight', 'update_fee', 'update_cod',
           'update_payment_type', 'partial_return', 'advance', 'status', 'repeat')


class Carrier:
    def __init__(self, provider):
        self.provider = provider

    def verbs(self):
        """Verb name -> function(order code or client order code, payload)."""
        def run(verb):
            return lambda key, payload: self.run(verb, key, payload or {})
        return {verb: run(verb) for verb in (*lifecycle.MOVES, *CHANGES)}

    def run(self, verb, key, payload):
        """Do it, log it, send the webhook; returns the order's row."""
        record = self.find(key)
        if verb in lifecycle.MOVES:
            self.move(record, verb, payload)
        else:
            getattr(self, verb)(record, payload)
        return self.row(record)

    def find(self, key):
        records = self.provider.orders.records
        record = records.get(key) or next(
            (row for row in reversed(records.values())
             if row['doc']['client_order_code'] == key), None)
        if not record:
            raise ControlError(f'no order {key}', 404)
        return record

    # === STATUS === #

    def move(self, record, verb, payload=None):
        """A step of ``lifecycle.MOVES``; ``force`` leaves even a final status."""
        payload, move = payload or {}, lifecycle.MOVES[verb]
        status = record['doc']['status']
        if status not in move.sources and not payload.get('force'):
            possible = ', '.join(lifecycle.possible_moves(status)) or 'none'
            raise ControlError(f'{verb} is impossible in {status}; possible: {possible}')
        code = lifecycle.reason_code(payload.get('reason_code', move.reason))
        self.enter(record, move.status, code, payload.get('reason'))

    def enter(self, record, status, reason_code='', reason=None):
        if status == 'returned' and self.provider.settings['return_fee']:
            self.charge_return(record)
        text = lifecycle.REASONS.get(reason_code, '') if reason is None else reason
        at = self.provider.orders.set_status(record, status, reason_code, text)
        self.provider.notify(record, 'switch_status', at)

    def charge_return(self, record):
        """The price of the way back (README, "Prices")."""
        fees = record['fees']
        near = zone(place(record['sender']), place(record['receiver'])) == SAME_PROVINCE
        fee = 5000 if near else fees['main_service'] // 2
        self.provider.orders.charge(record, fees | {'return': fee})

    def advance(self, record, payload):
        """The usual next step."""
        verb = lifecycle.HAPPY_PATH.get(record['doc']['status'])
        if verb:
            self.move(record, verb, payload)
        elif record['doc']['cod_amount'] and not record['doc']['is_cod_transferred']:
            self.cod_transfer(record, payload)
        else:
            raise ControlError('the order is at its end')

    def status(self, record, payload):
        """Any status text, even one nobody knows, from any other."""
        self.enter(record, payload['status'], lifecycle.reason_code(
            payload.get('reason_code', '')), payload.get('reason'))

    def repeat(self, record, payload):
        """The same status again with another time (a new fact)."""
        self.enter(record, record['doc']['status'], record['reason_code'])

    # === MONEY AND MEASURE === #

    def cod_transfer(self, record, payload):
        document = record['doc']
        if not document['is_cod_collected'] or document['is_cod_transferred']:
            raise ControlError('no cash on delivery to transfer')
        at = self.provider.orders.event_time(record)
        document['is_cod_transferred'] = True
        document['cod_transfer_date'] = at
        self.provider.notify(record, 'cod', at)

    def update_weight(self, record, payload):
        """GHN measured again: ``weight`` (g), ``length``, ``width``, ``height`` (cm)."""
        document = record['doc']
        for name in ('weight', 'length', 'width', 'height'):
            document[name] = int(payload.get(name, document[name]))
        document['converted_weight'] = (
            document['length'] * document['width'] * document['height'] // 5)
        document['calculate_weight'] = max(
            document['weight'], document['converted_weight'])
        if document['service_type_id'] == 2:
            self.provider.orders.reprice(record)
        self._changed(record, 'update_weight')

    def update_fee(self, record, payload):
        """One fee, or several: ``{"main_service": 41000}`` in VND."""
        unknown = set(payload) - set(ORDER_FEES)
        if unknown or not payload:
            raise ControlError(f'fees are: {", ".join(ORDER_FEES)}')
        fees = {name: int(amount) for name, amount in payload.items()}
        self.provider.orders.charge(record, record['fees'] | fees)
        self._changed(record, 'update_fee')

    def update_cod(self, record, payload):
        record['doc']['cod_amount'] = int(payload['cod_amount'])
        self._changed(record, 'update_cod')

    def update_payment_type(self, record, payload):
        record['doc']['payment_type_id'] = int(payload['payment_type_id'])
        self._changed(record, 'update_payment_type')

    def partial_return(self, record, payload):
        """Part of the goods was refused: a child order carries it back."""
        if record['doc']['status'] not in ('delivered', *lifecycle.CARRIED):
            raise ControlError('a partial return needs a parcel with the buyer')
        child = self.provider.orders.new_child(record)
        child['doc']['status'] = 'return'
        record['doc']['is_partial_return'] = True
        record['partial_return_code'] = child['doc']['order_code']
        self._changed(record, 'update_partial_return')

    def _changed(self, record, kind):
        self.provider.notify(record, kind, self.provider.orders.event_time(record))

    # === WHAT THE CONTROL PAGE SHOWS === #

    def rows(self):
        return [self.row(record)
                for record in reversed(self.provider.orders.records.values())]

    def row(self, record):
        document = record['doc']
        verbs = lifecycle.possible_moves(document['status'])
        if document['is_cod_collected'] and not document['is_cod_transferred']:
            verbs.append('cod_transfer')
        if document['status'] not in lifecycle.FINAL:
            verbs += ['advance', 'update_weight', 'update_fee', 'update_cod']
        return {
            'order_code': document['order_code'], 'status': document['status'],
            'client_order_code': document['client_order_code'],
            'shop_id': document['shop_id'], 'to_name': document['to_name'],
            'province': record['receiver']['province'],
            'cod_amount': document['cod_amount'], 'total_fee': sum(
                record['fees'].values()),
            'weight': document['weight'], 'reason_code': record['reason_code'],
            'is_cod_collected': document['is_cod_collected'],
            'is_cod_transferred': document['is_cod_transferred'],
            'partial_return_code': record['partial_return_code'],
            'created_date': document['created_date'], '_verbs': verbs}
