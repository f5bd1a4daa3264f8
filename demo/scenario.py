"""The main scenario without a person: one step, one line, one verdict."""

import time

from .web import WebError

STEPS = []


class Failed(Exception):
    """A step whose result is not what a user needs."""


def step(sentence):
    """Register a step; it asserts with `need` and returns what to print."""
    def register(function):
        STEPS.append((sentence, function))
        return function
    return register


def need(condition, text):
    if not condition:
        raise Failed(text)


def run(shop, say=print):
    """Drive all steps.

    :param Shop shop: the running demo
    :param say: prints a line
    :return: (whether all held, dict of what the steps found)
    """
    facts, good = {}, True
    for number, (sentence, function) in enumerate(STEPS, 1):
        started = time.monotonic()
        try:
            result = function(shop, facts) or ''
        except (Failed, WebError, KeyError, TypeError, OSError, AssertionError) as error:
            good = False
            say(f'{number:2}. FAIL  {sentence}: {type(error).__name__} {error}')
        else:
            seconds = time.monotonic() - started
            say(f'{number:2}. ok    {sentence}: {result} ({seconds:.1f} s)')
    return good, facts


# === 1. CONNECTIONS === #

@step('Shopee, GHN and S-Invoice are connected')
def connections(shop, facts):
    found = []
    for model in ('gtg.marketplace.shop', 'gtg.carrier.account', 'gtg.einvoice.account'):
        for row in shop.admin.call(model, 'search_read', [], ['name', 'state']):
            need(row['state'] == 'connected', f'{row["name"]} is {row["state"]}')
            found.append(row['name'])
    return ', '.join(found)


# === 2. ORDERS IN === #

@step('a buyer orders on Shopee, the push makes the sale order')
def pushed_order(shop, facts):
    made = shop.providers.call('POST', '/shopee/orders', {})
    started = time.monotonic()
    order = shop.wait_order('the order', [
        ('gtg_channel_ref', '=', made['order_sn'])], 15)
    seconds = time.monotonic() - started
    need(order['amount_total'] == made['total'],
         f'total {order["amount_total"]}, Shopee says {made["total"]}')
    need(order['gtg_is_cod'] and order['gtg_ship_by'], 'COD and promised ship date')
    lines = shop.admin.call('sale.order.line', 'search_read', [
        ('order_id', '=', order['id']), ('gtg_line_kind', '=', 'goods')], ['product_id'])
    need(lines and all('[' in line['product_id'][1] for line in lines), 'SKU matching')
    facts['a'] = {'sn': made['order_sn'], 'id': order['id'], 'channel': 'shopee'}
    facts['orders'] = [facts['a']]
    return (f'{order["name"]} after {seconds:.1f} s, {order["amount_total"]:,.0f} VND '
            'as on Shopee')


@step('masked buyer data stays masked')
def masked_buyer(shop, facts):
    order = shop.order(('id', '=', facts['a']['id']))
    rows = shop.admin.call('sale.order', 'read', [order['id']], ['partner_shipping_id'])
    partner = shop.admin.one('res.partner', [
        ('id', '=', rows[0]['partner_shipping_id'][0])], ['name', 'street', 'phone'])
    text = ' / '.join(str(value) for key, value in partner.items() if key != 'id')
    need('**' in text, f'not masked: {text}')
    return text


@step('the same push again changes nothing')
def same_again(shop, facts):
    shop.shopee('push', facts['a']['sn'], times=3)
    time.sleep(2)
    count = shop.admin.call('sale.order', 'search_count', [
        ('gtg_channel_ref', '=', facts['a']['sn'])])
    need(count == 1, f'{count} orders')
    return 'still one order'


@step('an order whose push got lost is found by fetching')
def polled_order(shop, facts):
    made = shop.providers.call('POST', '/shopee/orders', {
        'push': False, 'cod': False, 'paid': True,
        'items': [{'sku': 'QJ-30', 'qty': 1}, {'sku': 'NON-01', 'qty': 2}]})
    shops = shop.staff.call('gtg.marketplace.shop', 'search', [])
    shop.staff.press('gtg.marketplace.shop', shops, 'action_fetch_now')
    order = shop.wait_order('the order', [
        ('gtg_channel_ref', '=', made['order_sn'])], 75)
    need(order['gtg_money'] == 'paid', f'money is {order["gtg_money"]}')
    facts['b'] = {'sn': made['order_sn'], 'id': order['id'], 'channel': 'shopee'}
    facts['orders'].append(facts['b'])
    return f'{order["name"]}, paid'


@step('an order with an unknown SKU waits, and goes on after pairing')
def unknown_sku(shop, facts):
    made = shop.providers.call('POST', '/shopee/orders', {
        'items': [{'sku': 'AT-LA', 'qty': 1, 'price': 129000, 'name': 'Áo lạ'}]})
    order = shop.wait_order('the order', [('gtg_channel_ref', '=', made['order_sn'])], 15)
    holds = shop.admin.wait('the hold', lambda: shop.holds(order['id']), 10)
    need(order['state'] != 'sale', 'confirmed in spite of the unknown product')
    sku = shop.admin.one('gtg.marketplace.listing.sku', [('sku', '=', 'AT-LA')], ['id'])
    product = shop.admin.one('product.product', [
        ('default_code', '=', 'AT-SG-DEN-M')], ['id'])
    shop.admin.call('gtg.marketplace.listing.sku', 'write', [sku['id']], {
        'product_id': product['id']})
    order = shop.wait_order('confirmed', [
        ('id', '=', order['id']), ('state', '=', 'sale')], 20)
    need(not shop.holds(order['id']), 'the hold is still open')
    need(order['amount_total'] == made['total'], 'total after pairing')
    facts['c'] = {'sn': made['order_sn'], 'id': order['id'], 'channel': 'shopee'}
    facts['orders'].append(facts['c'])
    return f'held for "{holds[0][1]}", then confirmed'


@step('stock is reserved and the three axes stand')
def reserved(shop, facts):
    order = shop.order(('id', '=', facts['a']['id']))
    need(order['gtg_stage'] == 'processing', f'stage {order["gtg_stage"]}')
    need(order['gtg_goods'] in ('allocated', 'to_print'), f'goods {order["gtg_goods"]}')
    return f'{order["gtg_money"]} / {order["gtg_goods"]} / {order["gtg_info"]}'


# === 3. SHOPEE PARCELS === #

@step('staff arranges the Shopee shipments; tracking number and label come back')
def arrange(shop, facts):
    ids = [facts[key]['id'] for key in 'abc']
    shop.staff.press('sale.order', ids, 'action_gtg_arrange_shipment')
    for key in 'abc':
        package = shop.admin.wait('the label', lambda key=key: (
            (found := shop.package(facts[key]['id'])) and found['label_id'] and found),
            90)
        facts[key]['tracking'] = package['tracking_number']
        facts[key]['pages'] = shop.pages(package['label_id'][0])
        need(facts[key]['pages'] >= 1, 'an empty label')
    need(len(shop.ledger('shopee', 'ship_order')) == 3, 'arranged other than 3 times')
    return ', '.join(facts[key]['tracking'] for key in 'abc')


@step('Shopee picks up, delivers and completes')
def shopee_delivers(shop, facts):
    for key in 'abc':
        sn = facts[key]['sn']
        shop.shopee('pickup', sn)
        shop.wait_order('shipped', [('id', '=', facts[key]['id']), (
            'gtg_goods', 'in', ('shipped', 'delivered'))], 30)
        shop.shopee('deliver', sn)
        shop.shopee('complete', sn)
    for key in 'abc':
        shop.wait_order('completed', [('id', '=', facts[key]['id']), (
            'gtg_stage', '=', 'completed')], 45)
    return 'three orders completed'


# === 4. GHN PARCELS === #

@step('a phone order with COD goes by GHN: price, waybill, label')
def phone_order(shop, facts):
    order = shop.phone_order(0, [('AT-SG-DEN-M', 2), ('TUI-01', 1)])
    parcel = shop.labelled(order)
    total = shop.order(('id', '=', order))['amount_total']
    need(parcel['cod_amount'] == total, f'COD {parcel["cod_amount"]} of {total}')
    need(parcel['fee_expected'] > 0, 'no price')
    facts['d'] = {'id': order, 'channel': 'phone', 'tracking': parcel['tracking_number'],
                  'pages': shop.pages(parcel['label_attachment_id'][0])}
    facts['orders'].append(facts['d'])
    return (f'{parcel["tracking_number"]}, fee {parcel["fee_expected"]:,.0f}, '
            f'COD {total:,.0f}')


@step('an address that GHN does not know waits for one click')
def bad_address(shop, facts):
    order = shop.phone_order(1, [('QJ-31', 1)], ward='Phường Không Có Thật',
                             carrier='Hà Nội')
    parcel = shop.admin.wait('the problem', lambda: (
        (found := shop.parcel(order)) and found['problem'] and found), 30)
    need(shop.holds(order), 'no hold on the order')
    need(not parcel['tracking_number'], 'a waybill for a bad address')
    shop.choose_ward(order, 'Phường Hoàn Kiếm')
    done = shop.labelled(order)
    facts['e'] = {'id': order, 'channel': 'phone', 'tracking': done['tracking_number'],
                  'pages': shop.pages(done['label_attachment_id'][0])}
    facts['orders'].append(facts['e'])
    return f'"{parcel["problem"]}" then {done["tracking_number"]}'


@step('GHN loses its answer: the waybill is looked up, not sent twice')
def lost_answer(shop, facts):
    shop.providers.call('POST', '/ghn/faults', {
        'operation': 'create', 'mode': 'lose_response', 'times': 1})
    order = shop.phone_order(2, [('AT-SG-TRANG-L', 1)])
    parcel = shop.labelled(order)
    mine = [row for row in shop.ledger('ghn', 'create_order')
            if row['reference'] == parcel['reference']]
    need(len(mine) == 1, f'{len(mine)} waybills')
    facts['f'] = {'id': order, 'channel': 'phone', 'tracking': parcel['tracking_number'],
                  'pages': shop.pages(parcel['label_attachment_id'][0])}
    facts['orders'].append(facts['f'])
    return f'{parcel["tracking_number"]}, once'


@step('GHN is down for a while: the parcel waits and goes by itself')
def provider_down(shop, facts):
    shop.providers.call('POST', '/ghn/faults', {
        'operation': 'create', 'mode': 'status:503', 'times': 2})
    order = shop.phone_order(3, [('NON-01', 3)])
    parcel = shop.labelled(order, 150)
    facts['g'] = {'id': order, 'channel': 'phone', 'tracking': parcel['tracking_number'],
                  'pages': shop.pages(parcel['label_attachment_id'][0])}
    facts['orders'].append(facts['g'])
    return parcel['tracking_number']


@step("GHN's messages move the parcels: picked, failed attempt, delivered, COD paid out")
def ghn_delivers(shop, facts):
    for key in 'defg':
        waybill = facts[key]['tracking']
        for verb in ('picking', 'pick', 'store', 'deliver'):
            shop.ghn(verb, waybill)
        if key == 'd':
            shop.ghn('fail', waybill, reason_code='GHN-DFC1A4')
            shop.ghn('store', waybill)
            shop.ghn('deliver', waybill)
        shop.ghn('delivered', waybill)
        shop.ghn('cod_transfer', waybill)
    for key in 'defg':
        shop.wait_order('completed', [('id', '=', facts[key]['id']), (
            'gtg_stage', '=', 'completed')], 60)
        facts[key]['parcel'] = shop.parcel(facts[key]['id'])
        need(facts[key]['parcel']['cod_state'] == 'remitted', 'COD not remitted')
    told = shop.admin.call('mail.message', 'search_count', [
        ('model', '=', 'sale.order'), ('res_id', '=', facts['d']['id']),
        ('message_type', 'in', ('email', 'email_outgoing', 'comment',
                                'auto_comment', 'notification'))])
    need(told, 'the buyer was told nothing')
    return 'four parcels delivered and paid out'


# === 5. E-INVOICES === #

@step('every delivered order has its e-invoice with the code of the tax office')
def einvoices(shop, facts):
    for key in 'abcdefg':
        fact = facts[key]
        found = shop.admin.wait(f'e-invoice of order {key}', lambda fact=fact: (
            (row := shop.einvoice(fact['id'])) and row['state'] == 'coded'
            and row['xml_state'] and row), 150)
        need(found['xml_state'] == 'ok', 'the XML differs from the invoice')
        total = shop.order(('id', '=', fact['id']))['amount_total']
        need(found['amount_total'] == total,
             f'invoice {found["amount_total"]}, order {total}')
        fact['einvoice'] = found
    return ', '.join(facts[key]['einvoice']['number'] for key in 'abcdefg')


@step('a wrong tax code is refused with the field and the fix, then issued')
def wrong_tax_code(shop, facts):
    order = shop.phone_order(0, [('QJ-30', 1)], cod=False)
    partner = shop.admin.one('res.partner', [('vat', '=', '0312345673')], ['id'])['id']
    shop.admin.call('res.partner', 'write', [partner], {'vat': '0312345670'})
    shop.admin.call('sale.order', 'write', [order], {'partner_invoice_id': partner})
    parcel = shop.labelled(order)
    waybill = parcel['tracking_number']
    for verb in ('picking', 'pick', 'store', 'deliver', 'delivered'):
        shop.ghn(verb, waybill)
    holds = shop.admin.wait('the hold', lambda: shop.holds(order), 45)
    shop.admin.call('res.partner', 'write', [partner], {'vat': '0312345673'})
    shop.staff.press('sale.order', order, 'action_gtg_invoice')
    found = shop.admin.wait('the e-invoice', lambda: (
        (row := shop.einvoice(order)) and row['state'] == 'coded' and row), 120)
    facts['h'] = {'id': order, 'channel': 'phone', 'tracking': waybill,
                  'pages': shop.pages(parcel['label_attachment_id'][0]),
                  'einvoice': found}
    facts['orders'].append(facts['h'])
    return f'"{holds[0][1][:70]}" then {found["number"]}'


# === 6. THE LEDGERS === #

@step('the ledgers: every effect exactly once')
def ledgers(shop, facts):
    expected = {('shopee', 'ship_order'): 3, ('ghn', 'create_order'): 5,
                ('sinvoice', 'create_invoice'): 8}
    for (code, operation), count in expected.items():
        rows = shop.ledger(code, operation)
        need(len(rows) == count, f'{code} {operation}: {len(rows)}, not {count}')
        references = [row['reference'] for row in rows]
        need(len(set(references)) == count, f'{code}: a reference twice')
    open_tasks = shop.admin.call('gtg.connector.task', 'search_count', [
        ('state', 'in', ('failed', 'unknown'))])
    need(not open_tasks, f'{open_tasks} tasks need a person')
    return '3 shipments, 5 waybills, 8 invoices'
