"""The payment module: escrow of one order, of many, what was released (README 9)."""

from .errors import Refused
from .gateway import Api
from .orders import goods_amount, total_amount

COMMISSION = 8  # percent of the goods
TRANSACTION = 5  # percent of what the buyer pays
WINDOW = 15 * 86400
UNPAID = ('UNPAID', 'PENDING')


def percent(amount, rate):
    """Return a share of an amount, in whole dong."""
    return (amount * rate + 50) // 100


def order_income(order):
    """Return ``order_income`` of an order: Shopee's own sums, in VND."""
    goods = sum(
        line['original_price'] * (line['qty'] - line['cancelled'])
        for line in order['lines']
    )
    discount = goods - goods_amount(order)
    sold = goods - discount
    paid = total_amount(order)
    fees = {
        'commission_fee': percent(sold, COMMISSION),
        'service_fee': 0,
        'seller_transaction_fee': percent(paid, TRANSACTION),
        'campaign_fee': 0,
        'order_ams_commission_fee': 0,
        'seller_order_processing_fee': 0,
        'withholding_vat_tax': 0,
        'withholding_pit_tax': 0,
        'withholding_cit_tax': 0,
    }
    shipping = order['shipping_fee']
    # README 9: the published sum, as far as its terms are not zero here.
    escrow = (
        sold
        - order['refunded']
        - order['seller_voucher']
        + shipping
        - shipping
        - sum(fees.values())
    )
    return {
        'escrow_amount': escrow,
        'escrow_amount_after_adjustment': escrow,
        'total_adjustment_amount': 0,
        'order_adjustment': [],
        'buyer_total_amount': paid,
        'original_price': goods,
        'order_original_price': goods,
        'order_discounted_price': sold,
        'order_selling_price': sold,
        'cost_of_goods_sold': sold,
        'original_cost_of_goods_sold': sold,
        'seller_discount': discount,
        'order_seller_discount': discount,
        'shopee_discount': 0,
        'original_shopee_discount': 0,
        'voucher_from_seller': order['seller_voucher'],
        'voucher_from_shopee': order['shopee_voucher'],
        'coins': 0,
        'seller_coin_cash_back': 0,
        'buyer_paid_shipping_fee': shipping,
        'actual_shipping_fee': shipping,
        'estimated_shipping_fee': shipping,
        'final_shipping_fee': 0,
        'shopee_shipping_rebate': 0,
        'shipping_fee_discount_from_3pl': 0,
        'reverse_shipping_fee': 0,
        'buyer_transaction_fee': 0,
        'seller_return_refund': -order['refunded'],
        'drc_adjustable_refund': 0,
        'buyer_payment_method': order['payment_method'],
        'instalment_plan': '',
        **fees,
        'items': [_item(line) for line in order['lines']],
    }


def _item(line):
    """README 9: here prices are those of the whole line, not of one piece."""
    qty = line['qty'] - line['cancelled']
    return {
        'item_id': line['item_id'],
        'model_id': line['model_id'],
        'item_name': line['item_name'],
        'model_name': line['model_name'],
        'item_sku': line['item_sku'],
        'model_sku': line['model_sku'],
        'quantity_purchased': qty,
        'original_price': line['original_price'] * qty,
        'selling_price': line['price'] * qty,
        'discounted_price': line['price'] * qty,
        'seller_discount': (line['original_price'] - line['price']) * qty,
        'shopee_discount': 0,
        'discount_from_coin': 0,
        'discount_from_voucher_shopee': 0,
        'discount_from_voucher_seller': 0,
        'activity_type': 'bundle_deal' if line['bundle'] else '',
        'activity_id': 0,
        'is_main_item': False,
    }


class PaymentApi:
    """Answers /api/v2/payment/*."""

    def __init__(self, world):
        self.world = world

    def table(self):
        return [
            Api('GET', 'payment/get_escrow_detail', self.get_escrow_detail),
            Api(
                'POST', 'payment/get_escrow_detail_batch', self.get_escrow_detail_batch
            ),
            Api('GET', 'payment/get_escrow_list', self.get_escrow_list),
            Api(
                'GET',
                'payment/get_wallet_transaction_list',
                self.get_wallet_transaction_list,
            ),
        ]

    def _detail(self, order):
        income = order_income(order)
        returns = self.world.data['returns'].values()
        return {
            'order_sn': order['order_sn'],
            'buyer_user_name': order['buyer_username'],
            'return_order_sn_list': [
                row['return_sn']
                for row in returns
                if row['order_sn'] == order['order_sn']
            ],
            'order_income': income,
            'buyer_payment_info': {
                'buyer_payment_method': order['payment_method'],
                'buyer_total_amount': income['buyer_total_amount'],
            },
        }

    def get_escrow_detail(self, call):
        number = call.params.text('order_sn', required=True)
        call.request.reference = number
        order = self.world.book.get(call.shop_id, number)
        if not order or order['status'] in UNPAID:
            raise Refused('order_not_found', 'Order not found.')
        return self._detail(order)

    def get_escrow_detail_batch(self, call):
        numbers = call.params.values.get('order_sn_list')
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= 50:
            raise Refused(
                'error_param', 'order_sn_list is required, format should be string[]'
            )
        orders = [self.world.book.get(call.shop_id, str(one)) for one in numbers]
        return [
            {'escrow_detail': self._detail(order)}
            for order in orders
            if order and order['status'] not in UNPAID
        ]

    def _released(self, shop_id, start, end):
        rows = [
            order
            for order in self.world.book.of_shop(shop_id)
            if order['release_time'] and start <= order['release_time'] <= end
        ]
        return sorted(rows, key=lambda row: (row['release_time'], row['number']))

    def get_escrow_list(self, call):
        params = call.params
        start = params.integer('release_time_from', required=True)
        end = params.integer('release_time_to', required=True)
        size = params.integer('page_size', low=1, high=100, default=40)
        page = params.integer('page_no', low=1, default=1)
        rows = self._released(call.shop_id, start, end)
        first = (page - 1) * size
        return {
            'escrow_list': [
                {
                    'order_sn': order['order_sn'],
                    'payout_amount': order_income(order)['escrow_amount'],
                    'escrow_release_time': order['release_time'],
                }
                for order in rows[first : first + size]
            ],
            'more': len(rows) > first + size,
        }

    def get_wallet_transaction_list(self, call):
        params = call.params
        page = params.integer('page_no', required=True, low=0)
        size = params.integer('page_size', required=True, low=1, high=100)
        start = params.integer('create_time_from', default=call.now - WINDOW)
        end = params.integer('create_time_to', default=call.now)
        if end - start > WINDOW:
            raise Refused('time_period_too_large', 'The time period is over 15 days.')
        if start > end:
            raise Refused('time_invalid', 'The time period is invalid.')
        balance, rows = 0, []
        for order in self._released(call.shop_id, 0, end):
            amount = order_income(order)['escrow_amount']
            balance += amount
            if order['release_time'] >= start:
                rows.append(
                    {
                        'status': 'COMPLETED',
                        'transaction_type': 'ESCROW_VERIFIED_ADD',
                        'amount': amount,
                        'current_balance': balance,
                        'create_time': order['release_time'],
                        'order_sn': order['order_sn'],
                        'refund_sn': '',
                        'withdrawal_id': 0,
                        'transaction_fee': 0,
                        'description': '',
                        'reason': '',
                        'buyer_name': order['buyer_username'],
                        'money_flow': 'MONEY_IN',
                    }
                )
        if params.text('transaction_type') not in ('', 'ESCROW_VERIFIED_ADD', '101'):
            rows = []
        rows.reverse()
        first = page * size
        return {
            'transaction_list': rows[first : first + size],
            'more': len(rows) > first + size,
        }
