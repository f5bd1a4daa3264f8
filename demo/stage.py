"""Connects the demo company to the sandboxes, the way an administrator does it."""

from urllib.parse import parse_qsl, urlsplit

import requests

from .web import Session

SHOP = '226417938'  # "Áo Thun Sài Gòn" in the Shopee sandbox


def connect(url, db, providers):
    """Make and test the accounts of all providers.

    :param str url: of the running Odoo
    :param str db: its database
    :param providers: the running sandbox (``gtgtools.sandbox``)
    :return: dict of the account ids by provider code
    """
    admin = Session(url, db, 'admin')
    known = providers.providers()
    return {
        'ghn': connect_ghn(admin, providers, known['ghn']),
        'sinvoice': connect_sinvoice(admin, known['sinvoice']),
        'shopee': connect_shopee(admin, providers, known['shopee']),
    }


def connect_shopee(admin, providers, shopee):
    """Register the app and have the seller consent on the provider's page."""
    keys = shopee['credentials']
    app = admin.create('gtg.marketplace.app', {
        'name': 'Shopee', 'provider': 'shopee', 'environment': 'custom',
        'custom_url': shopee['url'], 'partner_id': str(keys['partner_id']),
        'partner_key': keys['partner_key'], 'push_key': keys['push_key']})
    address = admin.one('gtg.marketplace.app', [('id', '=', app)], ['webhook_url'])
    providers.call('POST', '/shopee/webhook', {'url': address['webhook_url']})
    consent(admin, admin.press('gtg.marketplace.app', app, 'action_connect_shop')['url'])
    shop = admin.one('gtg.marketplace.shop', [('app_id', '=', app)], ['state'])
    assert shop and shop['state'] == 'connected', shop
    return shop['id']


def consent(admin, link, shop=SHOP):
    """What the seller clicks on the provider's page, then back to Odoo.

    :return: the page that Odoo shows at the end
    """
    fields = dict(parse_qsl(urlsplit(link).query))
    page = link.split('?')[0]
    requests.get(link, timeout=30).raise_for_status()
    answer = requests.post(page, timeout=30, allow_redirects=False, data={
        **fields, 'account': f'shop:{shop}', 'days': '365'})
    back = answer.headers['Location']
    # the browser that began is the one that comes back
    result = admin.http.get(back, timeout=60)
    result.raise_for_status()
    return result.text


def connect_ghn(admin, providers, ghn):
    """One account for each warehouse, as GHN's shops have one address each."""
    keys = ghn['credentials']
    box = admin.create('stock.package.type', {
        'name': 'Hộp 25 x 20 x 10 cm', 'packaging_length': 250, 'width': 200,
        'height': 100, 'base_weight': 0.05})
    first = None
    for code, shop in (('HCM', keys['shop_id']), ('HN', keys['shop_id_hanoi'])):
        warehouse = admin.one('stock.warehouse', [('code', '=', code)], ['name'])
        account = admin.create('gtg.carrier.account', {
            'name': f'GHN {warehouse["name"]}', 'provider': 'ghn',
            'environment': 'custom', 'custom_url': ghn['url'],
            'warehouse_id': warehouse['id'], 'ghn_token': keys['token'],
            'ghn_shop_id': str(shop), 'package_type_id': box, 'rate_limit': 4})
        admin.press('gtg.carrier.account', account, 'action_test_connection')
        deliver_by(admin, f'GHN ({warehouse["name"]})', account)
        first = first or account
    row = admin.one('gtg.carrier.account', [('id', '=', first)], [
        'webhook_url', 'webhook_header', 'webhook_secret'])
    providers.call('POST', '/ghn/webhook', {
        'url': row['webhook_url'],
        'headers': {row['webhook_header']: row['webhook_secret']}})
    return first


def deliver_by(admin, name, account):
    """The delivery method that customers and staff choose."""
    product = admin.create('product.product', {
        'name': name, 'type': 'service', 'sale_ok': False, 'purchase_ok': False,
        'default_code': f'SHIP-{account}'})
    admin.create('delivery.carrier', {
        'name': name, 'delivery_type': 'gtg_ghn', 'gtg_account_id': account,
        'product_id': product, 'is_published': True, 'allow_cash_on_delivery': True})


def connect_sinvoice(admin, sinvoice):
    """The company's access at S-Invoice, with the series that it has published."""
    login, keys = next(
        (login, keys) for login, keys in sinvoice['credentials'].items()
        if keys['strict'])
    account = admin.create('gtg.einvoice.account', {
        'name': 'S-Invoice', 'provider': 'sinvoice', 'environment': 'custom',
        'custom_url': sinvoice['url'], 'username': login,
        'password': keys['password'], 'supplier_tax_code': keys['supplierTaxCode'],
        'time_scale': 0.1})
    admin.press('gtg.einvoice.account', account, 'action_test_connection')
    admin.press('gtg.einvoice.account', account, 'action_fetch_series')
    # the demo sells at 8 % in any year
    rate = admin.one('gtg.vat.rate', [('name', '=', '8%')], ['id'])['id']
    admin.call('gtg.vat.rate', 'write', [rate], {'valid_until': False})
    company = admin.one('gtg.einvoice.account', [('id', '=', account)], ['company_id'])
    # the accountant's decision: invoice by itself when the buyer has the goods
    admin.call('res.company', 'write', company['company_id'][:1], {
        'gtg_auto_invoice': True, 'gtg_auto_einvoice': True})
    return account
