"""The returns module: list, detail, accepting a refund (README 9)."""

from .errors import Refused
from .gateway import Api
from .orders import Impossible

WINDOW = 15 * 86400
OPEN = ('REQUESTED', 'PROCESSING')
AFTER_DELIVERY = ('SHIPPED', 'TO_CONFIRM_RECEIVE', 'COMPLETED', 'TO_RETURN')


class ReturnApi:
    """Answers /api/v2/returns/*, and lets the control API make returns."""

    def __init__(self, world):
        self.world = world

    @property
    def rows(self):
        return self.world.data['returns']

    def table(self):
        return [
            Api('GET', 'returns/get_return_list', self.get_return_list),
            Api('GET', 'returns/get_return_detail', self.get_return_detail),
            Api('POST', 'returns/confirm', self.confirm),
        ]

    # === CALLS === #

    def _window(self, params, name):
        start = params.integer(f'{name}_from')
        end = params.integer(f'{name}_to')
        if start is None and end is None:
            return None
        if start is None or end is None or start > end:
            raise Refused(
                'error_param', f'{name}_to should be later than {name}_from.'
            )
        if end - start > WINDOW:
            raise Refused(
                'error_param',
                f'The period between {name}_from and {name}_to must not more than '
                '15 days.',
            )
        return start, end

    def get_return_list(self, call):
        params = call.params
        page = params.integer('page_no', low=0, default=0)
        size = params.integer('page_size', required=True, low=1, high=100)
        windows = {
            name: self._window(params, name) for name in ('create_time', 'update_time')
        }
        status = params.text('status')
        found = [
            row
            for row in self.rows.values()
            if row['shop_id'] == call.shop_id
            and status in ('', row['status'])
            and all(
                not window or window[0] <= row[name] <= window[1]
                for name, window in windows.items()
            )
        ]
        found.sort(key=lambda row: (row['update_time'], row['return_sn']))
        first = page * size
        return {
            'more': len(found) > first + size,
            'return': [self._shown(row) for row in found[first : first + size]],
        }

    def _shown(self, row):
        return {key: value for key, value in row.items() if key != 'shop_id'}

    def _need(self, call):
        number = call.params.text('return_sn', required=True)
        call.request.reference = number
        row = self.rows.get(number)
        if not row or row['shop_id'] != call.shop_id:
            raise Refused('error_data', "The return you queried doesn't exist.")
        return row

    def get_return_detail(self, call):
        return {
            **self._shown(self._need(call)),
            'buyer_videos': [],
            'activity': [],
            'seller_proof': {'seller_proof_status': 'NOT_NEEDED'},
            'negotiation': {'negotiation_status': 'PENDING_RESPOND'},
        }

    def confirm(self, call):
        row = self._need(call)
        if row['status'] not in OPEN:
            raise Refused('error_data', f'Invalid return status: {row["status"]}')
        self.move(row, 'ACCEPTED')
        self.world.effect('confirm_return', row['order_sn'], row['return_sn'])
        return {'return_sn': row['return_sn']}

    # === CHANGES === #

    def move(self, row, status):
        """Give a return a status; an accepted one refunds and closes the order."""
        old, now = row['status'], self.world.seconds()
        row.update(status=status, update_time=now)
        self.world.notify(
            29,
            row['shop_id'],
            {
                'order_sn': row['order_sn'],
                'return_sn': row['return_sn'],
                'updated_values': [
                    {
                        'update_field': 'return_status',
                        'old_value': old,
                        'new_value': status,
                        'update_time': now,
                    }
                ],
            },
        )
        order = self.world.book.any(row['order_sn'])
        if status == 'ACCEPTED':
            order['refunded'] += row['refund_amount']
        if order['status'] == 'TO_RETURN' and status in ('ACCEPTED', 'CANCELLED'):
            self.world.life.complete(order)

    def make(self, wish):
        """The buyer asks for a return: ``order_sn``, ``reason``, ``items``."""
        order = self.world.book.any(wish.get('order_sn') or '')
        self.world.life.need(order, *AFTER_DELIVERY)
        chosen = wish.get('items')
        items = []
        for line in order['lines']:
            qty = line['qty'] - line['cancelled']
            sku = line['model_sku'] or line['item_sku']
            if chosen is not None:
                qty = min(qty, int(chosen.get(sku, 0)))
            if qty:
                items.append(
                    {
                        'item_id': line['item_id'],
                        'model_id': line['model_id'],
                        'name': line['item_name'],
                        'images': [],
                        'amount': qty,
                        'item_price': line['price'],
                        'item_sku': line['item_sku'],
                        'variation_sku': line['model_sku'],
                    }
                )
        if not items:
            raise Impossible('no line of the order has these SKUs')
        now = self.world.seconds()
        refund = sum(item['amount'] * item['item_price'] for item in items)
        row = {
            'return_sn': f'{order["order_sn"][:6]}R{self.world.count("return"):07d}',
            'order_sn': order['order_sn'],
            'shop_id': order['shop_id'],
            'status': '',
            'reason': wish.get('reason') or 'ITEM_MISSING',
            'text_reason': wish.get('text') or 'thiếu hàng',
            'refund_amount': refund,
            'amount_before_discount': refund,
            'currency': 'VND',
            'create_time': now,
            'update_time': now,
            'due_date': now + 2 * 86400,
            'tracking_number': '',
            'needs_logistics': wish.get('solution', 1) == 0,
            'image': [],
            'user': {'username': order['buyer_username'], 'email': '', 'portrait': ''},
            'item': items,
            'negotiation_status': 'PENDING_RESPOND',
            'seller_proof_status': 'NOT_NEEDED',
            'seller_compensation_status': 'COMPENSATION_NOT_APPLICABLE',
            'return_refund_type': (
                'RRAOC' if order['status'] == 'COMPLETED' else 'RRBOC'
            ),
            'return_solution': wish.get('solution', 1),
            'return_refund_request_type': 0,
            'validation_type': 'seller_validation',
        }
        self.rows[row['return_sn']] = row
        if order['status'] != 'COMPLETED':
            self.world.life.set_order(order, 'TO_RETURN')
        self.move(row, 'REQUESTED')
        return row
