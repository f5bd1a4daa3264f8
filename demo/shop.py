"""What a shop's people do in the demo, by the buttons they have."""

import base64
import io

from pypdf import PdfReader

from . import catalogue

ORDER_FIELDS = [
    'name', 'state', 'partner_id', 'amount_total', 'gtg_channel_id', 'gtg_channel_ref',
    'gtg_stage', 'gtg_money', 'gtg_goods', 'gtg_info', 'gtg_is_cod', 'gtg_cod_amount',
    'gtg_ship_by', 'gtg_buyer_note', 'gtg_package_ids', 'gtg_parcel_ids', 'invoice_ids',
    'picking_ids']


class Shop:
    """The demo shop, seen through its users' sessions.

    :param admin: session of the administrator
    :param staff: session of the shop staff
    :param providers: the sandbox process
    """

    def __init__(self, admin, staff, providers):
        self.admin, self.staff, self.providers = admin, staff, providers

    # === READING === #

    def order(self, *domain):
        return self.admin.one('sale.order', list(domain), ORDER_FIELDS)

    def wait_order(self, what, domain, seconds=60):
        return self.admin.wait(what, lambda: self.order(*domain), seconds)

    def parcel(self, order):
        """The newest parcel of an order."""
        return self.admin.one('gtg.parcel', [('order_id', '=', order)], [
            'status', 'tracking_number', 'cod_amount', 'cod_state', 'problem',
            'label_attachment_id', 'reference', 'fee_expected', 'event_ids'])

    def package(self, order):
        return self.admin.one('gtg.marketplace.package', [('order_id', '=', order)], [
            'name', 'state', 'tracking_number', 'label_id'])

    def holds(self, order):
        """Open holds as [(reason, note)]."""
        rows = self.admin.call('gtg.order.hold', 'search_read', [
            ('order_id', '=', order), ('state', '=', 'open')], ['reason_id', 'note'])
        return [(row['reason_id'][1], row['note'] or '') for row in rows]

    def einvoice(self, order):
        moves = self.order(('id', '=', order))['invoice_ids']
        return self.admin.one('gtg.einvoice', [('move_id', 'in', moves)], [
            'state', 'number', 'authority_code', 'lookup_code', 'amount_total',
            'move_id', 'xml_state', 'xml_name', 'pdf_name', 'mailed_at'])

    def pages(self, attachment):
        """Number of pages of a stored PDF."""
        row = self.admin.one('ir.attachment', [('id', '=', attachment)], ['datas'])
        return len(PdfReader(io.BytesIO(base64.b64decode(row['datas']))).pages)

    def ledger(self, code, operation):
        return [row for row in self.providers.ledger(code)
                if row['operation'] == operation]

    # === DOING === #

    def shopee(self, verb, order_sn, **payload):
        return self.providers.call('POST', f'/shopee/orders/{order_sn}/{verb}', payload)

    def ghn(self, verb, waybill, **payload):
        return self.providers.call('POST', f'/ghn/orders/{waybill}/{verb}', payload)

    def phone_order(self, customer, items, cod=True, ward=None, carrier='Hồ Chí Minh'):
        """Staff takes an order by phone and confirms it.

        :param int customer: index in the catalogue of customers
        :param items: [(SKU, quantity)]
        :param str ward: another ward than the customer's, as misheard on the phone
        :return: id of the order
        """
        name = catalogue.CUSTOMERS[customer][0]
        partner = self.staff.one('res.partner', [('name', '=', name)], ['id'])['id']
        if ward:
            partner = self.admin.call('res.partner', 'copy', [partner], {
                'name': f'{name} (mới)', 'city': ward})[0]
        channel = self.staff.one('gtg.sale.channel', [('code', '=', 'phone')], ['id'])
        method = self.staff.one(
            'delivery.carrier', [('name', 'ilike', carrier),
                                 ('delivery_type', '=', 'gtg_ghn')], ['id'])
        lines = []
        for sku, quantity in items:
            product = self.staff.one(
                'product.product', [('default_code', '=', sku)], ['id'])
            lines.append((0, 0, {
                'product_id': product['id'], 'product_uom_qty': quantity}))
        order = self.staff.create('sale.order', {
            'partner_id': partner, 'gtg_channel_id': channel['id'],
            'gtg_is_cod': cod, 'carrier_id': method['id'], 'order_line': lines})
        self.staff.press('sale.order', order, 'action_confirm')
        return order

    def choose_ward(self, order, ward):
        """Staff presses "Choose ward" and picks one."""
        self.staff.press('sale.order', order, 'action_gtg_choose_ward')
        parcel = self.parcel(order)['id']
        wizard = self.staff.call(
            'gtg.ward.wizard', 'create', [{'parcel_id': parcel}])[0]
        province = self.staff.call(
            'gtg.ward.wizard', 'read', [wizard], ['province_id'])[0]['province_id']
        unit = self.staff.one('gtg.carrier.unit', [
            ('name', '=', ward), ('parent_id', '=', province[0])], ['id'])
        self.staff.call('gtg.ward.wizard', 'write', [wizard], {'ward_id': unit['id']})
        self.staff.press('gtg.ward.wizard', wizard, 'action_apply')

    def first_orders(self):
        """Some orders on the way, so that the first screen is not empty.

        :return: id of a phone order whose parcel is on its way
        """
        # an order that comes before them would wait for its address
        self.admin.wait('the wards of GHN', lambda: all(
            account['catalogue_count'] for account in self.admin.call(
                'gtg.carrier.account', 'search_read', [], ['catalogue_count'])))
        for payload in ({}, {'cod': False, 'paid': True}, {'cod': False},
                        {'items': [{'sku': 'AT-LA', 'qty': 1, 'price': 99000}]}):
            self.providers.call('POST', '/shopee/orders', payload)
        moved = self.phone_order(0, [('AT-SG-DEN-M', 2), ('TUI-01', 1)])
        self.phone_order(3, [('QJ-30', 1)], cod=False)
        self.phone_order(1, [('NON-01', 2)], ward='Phường Không Có Thật',
                         carrier='Hà Nội')
        parcel = self.labelled(moved)
        for verb in ('picking', 'pick', 'store'):
            self.ghn(verb, parcel['tracking_number'])
        return moved

    def labelled(self, order, seconds=90):
        """Wait until the order's parcel has its waybill and label."""
        return self.admin.wait('the label', lambda: (
            (found := self.parcel(order)) and found['label_attachment_id'] and found),
            seconds)
