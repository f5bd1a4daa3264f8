"""The effects that must happen exactly once, each as its user and its provider see it.

A further provider plugs in by one more entry in ``EFFECTS``, of e-invoices in
``effects_einvoice.EINVOICES``.
"""

import time

from demo import catalogue

PATIENCE = 5  # seconds until waiting people press Retry


class Effect:
    """How to ask for one effect, which ledger counts it and where its user sees it.

    Subjects are the ids of the documents on which the user presses the button.
    """

    code = None  # provider
    operation = None  # of the outbox
    counted = None  # operation of the provider's ledger
    ledger_key = 'reference'  # column of the ledger that `keys` speaks of
    call = look_up = None  # the sandbox's operations, for faults
    path = None  # pattern of the address of the call
    account = address = None  # model of the account; table that keeps its address
    title = None  # name of the account, where the provider has several
    base = ''  # part of the address that its calls alone have, where so
    button = None  # (model, method) that asks
    colleague = None  # login of a second user who has the button
    link = None  # SQL: subject id, id of what the task is about, its ledger key
    refusal = None  # fault: a clear no in an HTTP 200

    def prepare(self, site, count):
        """Documents of which nothing has been asked yet.

        :return: list of subject ids
        """
        raise NotImplementedError

    def shown(self, site, ids):
        """{subject: the number that its user sees, or False}"""
        raise NotImplementedError

    def given(self, site, ids):
        """{subject: the number that the provider gave}"""
        rows = {row[self.ledger_key]: row['object_id'] for row in self.ledger(site)}
        return {key: rows.get(name) for key, name in self.keys(site, ids).items()}

    def complaint(self, site, subject):
        """The sentence that the user of a failed subject reads, or None."""
        raise NotImplementedError

    def retry(self, site, subject):
        """The user's button after a failure."""
        raise NotImplementedError

    def poison(self, site, subject):
        """Spoil stored data so that our own code stumbles over it."""
        raise NotImplementedError

    # === FOR ALL === #

    @property
    def refusal_said(self):
        return self.refusal.get('text') or self.refusal['message']

    def fault(self, site, mode, call=None, **params):
        """As `Site.fault`, of the effect's own call if no other is named."""
        return site.fault(
            self.code, call or self.call, mode, path=self.base, **params)

    def ask(self, session, ids):
        return session.press(self.button[0], ids, self.button[1])

    def _linked(self, site, ids):
        numbers = ', '.join(map(str, ids if isinstance(ids, list) else [ids]))
        return site.sql(self.link.format(numbers))

    def keys(self, site, ids):
        return {int(row[0]): row[2] for row in self._linked(site, ids)}

    def tasks(self, site, ids):
        """{subject: (state, attempt, error_text)} of their outbox tasks; a second task
        of one effect fails."""
        about = {row[1]: int(row[0]) for row in self._linked(site, ids)}
        if not about:
            return {}
        rows = site.sql(
            'SELECT res_id, state, attempt, error_text FROM gtg_connector_task'
            f" WHERE operation = '{self.operation}' AND res_id IN"
            f' ({", ".join(about)})')
        assert len({row[0] for row in rows}) == len(rows), f'two tasks: {rows}'
        return {about[row[0]]: (row[1], int(row[2]), row[3]) for row in rows}

    def ledger(self, site):
        return site.world.effects(self.code, self.counted)

    def count(self, site, ids):
        """{subject: how often the provider did it}"""
        done = [row[self.ledger_key] for row in self.ledger(site)]
        keys = self.keys(site, ids)
        return {subject: done.count(keys.get(subject)) for subject in ids}

    def settled(self, site, ids, seconds=240, hurry=()):
        """Wait until the users see all numbers and the outbox is done (a webhook may
        tell the number first); assert that each effect happened once and that the
        numbers are the provider's.

        :param hurry: effects whose times between two tries last no longer than this
            waits
        """
        begun = time.monotonic()

        def check():
            nonlocal begun
            tasks = self.tasks(site, ids).values()
            if len(tasks) != len(ids) or {task[0] for task in tasks} != {'done'}:
                if hurry and time.monotonic() > begun + PATIENCE:
                    site.hurry(*hurry)
                    begun = time.monotonic()
                return None
            shown = self.shown(site, ids)
            return len(shown) == len(ids) and all(shown.values()) and shown
        try:
            shown = site.wait(
                f'{self.operation} of {self.code} seen by the user', check, seconds)
        except AssertionError as error:
            raise AssertionError(f'{error}\n{self.tasks(site, ids)}') from None
        assert self.count(site, ids) == dict.fromkeys(ids, 1)
        assert shown == self.given(site, ids)


class Waybill(Effect):
    code, operation, counted = 'ghn', 'create_waybill', 'create_order'
    call, look_up = 'create', 'detail_by_client_code'
    path = '/shipping-order/create'
    account, address = 'gtg.carrier.account', 'gtg_carrier_account'
    button = ('sale.order', 'action_gtg_request')
    colleague = 'kho'
    link = 'SELECT order_id, id, reference FROM gtg_parcel WHERE order_id IN ({})'
    refusal = {'mode': 'body_400', 'text': 'Hàng hóa không được nhận'}

    def prepare(self, site, count):
        name = catalogue.CUSTOMERS[0][0]
        buyer = site.admin.one('res.partner', [('name', '=', name)], ['id'])['id']
        orders = site.admin.call('sale.order', 'create', [{
            'partner_id': buyer, 'gtg_is_cod': True, 'carrier_id': self._method(site),
            'order_line': [(0, 0, {'product_id': site.product, 'product_uom_qty': 1})],
        }] * count)
        site.admin.press('sale.order', orders, 'action_confirm')
        return orders

    def _method(self, site):
        """A delivery method by which a person requests."""
        name = 'GHN by hand'
        found = site.admin.one('delivery.carrier', [('name', '=', name)], ['id'])
        if found:
            return found['id']
        account = site.admin.call(self.account, 'search', [], limit=1, order='id')[0]
        product = site.admin.create('product.product', {
            'name': name, 'type': 'service'})
        return site.admin.create('delivery.carrier', {
            'name': name, 'delivery_type': 'gtg_ghn', 'gtg_account_id': account,
            'product_id': product, 'gtg_auto_request': False})

    def shown(self, site, ids):
        return {row['sale_id'][0]: row['carrier_tracking_ref'] for row in
                site.admin.call('stock.picking', 'search_read', [
                    ('sale_id', 'in', ids)], ['sale_id', 'carrier_tracking_ref'])}

    def _parcel(self, site, subject, *names):
        return site.admin.one('gtg.parcel', [('order_id', '=', subject)], list(names))

    def complaint(self, site, subject):
        return self._parcel(site, subject, 'problem')['problem']

    def retry(self, site, subject):
        parcel = self._parcel(site, subject, 'id')['id']
        site.admin.press('gtg.parcel', parcel, 'action_gtg_retry')

    def poison(self, site, subject):
        site.sql("UPDATE gtg_parcel SET service = 'ghn:light'"
                 f' WHERE order_id = {subject}')


class Einvoice(Effect):
    code, operation, counted = 'sinvoice', 'create_invoice', 'create_invoice'
    call, look_up = 'create', 'search'
    login = 'login'  # the sandbox's operation that gives a token
    path = '/createInvoice/'
    account = 'gtg.einvoice.account'
    address = 'gtg_einvoice_account'
    button = ('account.move', 'action_gtg_issue')
    colleague = 'ketoan'
    link = 'SELECT move_id, id, reference FROM gtg_einvoice WHERE move_id IN ({})'
    refusal = {'mode': 'refuse', 'key': 'ITEM_NAME_NULL', 'text': 'Thiếu tên hàng'}

    def connected(self, site):
        """:return: id of the account"""
        return site.admin.one(
            self.account, [('provider', '=', self.code)], ['id'])['id']

    def values(self, site):
        """Of an invoice that is issued there."""
        return {}

    def prepare(self, site, count):
        name = catalogue.CUSTOMERS[0][0]
        buyer = site.admin.one('res.partner', [('name', '=', name)], ['id'])['id']
        moves = site.admin.call('account.move', 'create', [{
            'move_type': 'out_invoice', 'partner_id': buyer, **self.values(site),
            'invoice_line_ids': [(0, 0, {'product_id': site.product, 'quantity': 1})],
        }] * count)
        site.admin.press('account.move', moves, 'action_post')
        return moves

    def shown(self, site, ids):
        return {row['id']: row['gtg_einvoice_number'] for row in site.admin.call(
            'account.move', 'read', ids, ['gtg_einvoice_number'])}

    def complaint(self, site, subject):
        return site.admin.call('account.move', 'read', [subject], [
            'gtg_einvoice_message'])[0]['gtg_einvoice_message']

    def retry(self, site, subject):
        site.admin.press('account.move', subject, 'action_gtg_retry')

    def poison(self, site, subject):
        site.sql("UPDATE gtg_einvoice SET payload = '{'"
                 f' WHERE move_id = {subject}')


class Shipment(Effect):
    code, operation, counted = 'shopee', 'ship_order', 'ship_order'
    call, look_up = 'ship_order', 'get_package_detail'
    path = '/ship_order'
    account, address = 'gtg.marketplace.shop', 'gtg_marketplace_app'
    button = ('sale.order', 'action_gtg_arrange_shipment')
    colleague = 'kho'
    link = ('SELECT s.id, p.id, s.gtg_channel_ref FROM gtg_marketplace_package p'
            ' JOIN sale_order s ON s.id = p.order_id WHERE s.id IN ({})')
    refusal = {'mode': 'error', 'error': 'logistics.error_param', 'status': 200,
               'message': 'The address is closed today'}

    def prepare(self, site, count):
        made = site.world.sandbox.call('POST', '/shopee/orders', {
            'count': count, 'items': [{'sku': 'NON-01', 'qty': 1}]})
        names = made.get('orders') or [made['order_sn']]
        domain = [('gtg_channel_ref', 'in', names), ('state', '=', 'sale')]
        return site.wait('the orders of Shopee', lambda: (
            len(ids := site.admin.call('sale.order', 'search', domain)) == count and ids
        ), 240)

    def shown(self, site, ids):
        return {row['order_id'][0]: row['tracking_number'] for row in site.admin.call(
            'gtg.marketplace.package', 'search_read', [('order_id', 'in', ids)],
            ['order_id', 'tracking_number'])}

    def given(self, site, ids):
        return {subject: site.world.sandbox.call(
            'GET', f'/shopee/orders/{name}')['tracking_number']
            for subject, name in self.keys(site, ids).items()}

    def _holds(self, site, subject):
        return site.admin.call('gtg.order.hold', 'search_read', [
            ('order_id', '=', subject), ('state', '=', 'open')], ['what_to_do', 'provider_text', 'provider_hint'])

    def complaint(self, site, subject):
        return ' '.join(
            text for row in self._holds(site, subject)
            for name, text in row.items() if name != 'id' and text)

    def retry(self, site, subject):
        for hold in self._holds(site, subject):
            site.admin.press('gtg.order.hold', hold['id'], 'action_retry')

    def poison(self, site, subject):
        # as after an update that took an operation away
        site.sql("UPDATE gtg_connector_task SET operation = 'ship_by_pigeon'"
                 f" WHERE operation = '{self.operation}' AND res_id ="
                 f' (SELECT id FROM gtg_marketplace_package WHERE order_id = {subject})')


EFFECTS = [Waybill(), Einvoice(), Shipment()]
