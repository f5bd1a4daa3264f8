"""Who may read what, asked over RPC as a browser does (X26, X27)."""

import pytest
import requests

from demo.web import WebError

from . import webhooks
from .effects import Einvoice
from .effects_einvoice import desk

SECRETS = [
    ('gtg.marketplace.app', 'partner_key'), ('gtg.marketplace.app', 'push_key'),
    ('gtg.marketplace.app', 'custom_url'), ('gtg.carrier.account', 'ghn_token'),
    ('gtg.carrier.account', 'webhook_secret'), ('gtg.einvoice.account', 'username'),
    ('gtg.einvoice.account', 'password'), ('gtg.einvoice.account', 'misa_client_id'),
    ('gtg.einvoice.account', 'misa_client_secret'),
    ('gtg.einvoice.account', 'vnpt_service_user'),
    ('gtg.einvoice.account', 'vnpt_service_password'),
    ('gtg.einvoice.account', 'vnpt_wsdl'), ('gtg.connector.token', 'access_token'),
    ('gtg.connector.token', 'refresh_token'), ('gtg.connector.event', 'body'),
    ('gtg.connector.task', 'payload'), ('gtg.connector.task', 'result'),
    ('gtg.connector.health', 'webhook_token'),
]
# the same fields, from records that everybody may read
DETOURS = [
    ('sale.order', 'gtg_shop_id.app_id.partner_key'),
    ('sale.order', 'gtg_parcel_ids.account_id.ghn_token'),
    ('gtg.marketplace.shop', 'app_id.push_key'),
    ('gtg.parcel', 'account_id.webhook_secret'),
    ('gtg.parcel', 'gtg_task_ids.payload'),
    ('delivery.carrier', 'gtg_account_id.ghn_token'),
    ('gtg.einvoice.series', 'account_id.password'),
    ('gtg.einvoice', 'account_id.misa_client_secret'),
    ('gtg.einvoice', 'series_id.account_id.vnpt_service_password'),
    ('gtg.einvoice', 'gtg_task_ids.payload'),
    ('account.move', 'gtg_series_id.account_id.misa_client_id'),
    ('account.move', 'gtg_einvoice_ids.gtg_task_ids.result'),
    ('sale.order', 'invoice_ids.gtg_einvoice_id.account_id.vnpt_service_user'),
]
# what accountants do read: who bills may not
ACCOUNTANTS = [('gtg.einvoice', 'payload'), ('gtg.einvoice', 'lookup_code'),
               ('gtg.einvoice', 'buyer_named')]
# related fields: Odoo would group and sort by them as superuser, whatever their groups
RELATED = [('account.move', 'gtg_lookup_code'), ('gtg.marketplace.shop', 'custom_url')]
THEIR_DETOURS = [
    ('account.move', 'gtg_einvoice_id.lookup_code'),
    ('account.move', 'gtg_einvoice_ids.payload'),
    ('account.move.line', 'move_id.gtg_einvoice_ids.lookup_code'),
    ('sale.order', 'invoice_ids.gtg_einvoice_ids.payload'),
    ('gtg.einvoice', 'original_id.lookup_code'),
    ('gtg.einvoice', 'move_id.gtg_lookup_code'),
]


def refused(call):
    try:
        call()
    except WebError:
        return True
    return False


def ways(session, model, name, record):
    """{how: whether it is refused} for one field."""
    def call(*args, **kwargs):
        return lambda: session.call(model, *args, **kwargs)
    return {
        'read': refused(call('read', [record], [name])),
        'search_read': refused(call('search_read', [], [name])),
        'web_search_read': refused(call('web_search_read', [], {name: {}})),
        'domain': refused(call('search', [(name, 'like', 'a')])),
        'not in domain': refused(call('search_count', [(name, '!=', False)])),
        'or in domain': refused(call('search', [
            '|', ('id', '=', 0), (name, '=like', '%')])),
        'order': refused(call('search', [], order=f'{name} desc')),
        'group': refused(call('formatted_read_group', [], [name], ['__count'])),
        'export': refused(call('export_data', [record], [name])),
    }


def make_user(world, login, groups, company=None):
    admin = world.session()
    xmlids = {group: admin.call('ir.model.data', 'search_read', [
        ('module', '=', group.split('.')[0]), ('name', '=', group.split('.')[1])],
        ['res_id'])[0]['res_id'] for group in groups}
    values = {'name': login, 'login': login, 'password': login,
              'group_ids': [(6, 0, list(xmlids.values()))]}
    if company:
        values.update(company_id=company, company_ids=[(6, 0, [company])])
    return admin.create('res.users', values)


def our_models(world):
    return [row[0] for row in world.sql(
        "SELECT model FROM ir_model WHERE model LIKE 'gtg.%' AND NOT abstract"
        ' ORDER BY 1')]


def test_only_administrators_read_credentials(served):
    world, server = served
    webhooks.waybill(world)
    world.sandbox.call('POST', '/shopee/orders', {})
    world.wait('an order', lambda: world.sql(
        'SELECT 1 FROM sale_order WHERE gtg_shop_id IS NOT NULL'))
    make_user(world, 'truong', ['gtg_order_flow.group_shop_manager',
                                'account.group_account_manager'])
    make_user(world, 'lap', ['account.group_account_invoice',
                             'sales_team.group_sale_salesman_all_leads'])
    issued(world)
    ids = {model: int(world.sql(
        f'SELECT min(id) FROM {table}')[0][0]) for model, table in (
        (model, model.replace('.', '_'))
        for model, _name in [*SECRETS, *ACCOUNTANTS, *RELATED])}
    assert leaks(world, ('kho', 'ketoan', 'truong', 'lap'),
                 ids, SECRETS, DETOURS) == []
    assert leaks(world, ('kho', 'lap'), ids, ACCOUNTANTS, THEIR_DETOURS) == []
    # others do read them: the test asks for the right names
    for login, names, paths in (('admin', SECRETS, DETOURS),
                                ('truong', ACCOUNTANTS, THEIR_DETOURS)):
        reader = world.session(login)
        for model, name in names:
            reader.call(model, 'read', [ids[model]], [name])
        for model, path in paths:
            reader.call(model, 'search', [(path, 'like', 'a')])
    assert webhooks.unexpected(server) == []
    # what cannot be SQL is refused by an exception, which is logged
    assert leaks(world, ('kho', 'lap'), ids, RELATED, []) == []
    world.session('truong').call('account.move', 'read', [
        ids['account.move']], ['gtg_lookup_code'])


def issued(world):
    """An e-invoice, by the button."""
    here = desk(world)
    moves = Einvoice().prepare(here, 1)
    here.admin.press('account.move', moves, 'action_gtg_issue')
    world.wait('an e-invoice', lambda: world.sql(
        f'SELECT number FROM gtg_einvoice WHERE move_id = {moves[0]}'
        ' AND number IS NOT NULL'))


def leaks(world, logins, ids, names, paths):
    """What these users get at: fields in all ways, and the detours to them."""
    found = []
    for login in logins:
        session = world.session(login)
        for model, name in names:
            found += [(login, model, name, way) for way, shut in ways(
                session, model, name, ids[model]).items() if not shut]
        found += [(login, model, path) for model, path in paths if not refused(
            lambda model=model, path=path, session=session: session.call(
                model, 'search', [(path, 'like', 'a')]))]
    return found


def test_customers_and_strangers_reach_nothing(served):
    world, _server = served
    make_user(world, 'khach', ['base.group_portal'])
    customer = world.session('khach')
    open_models = [model for model in our_models(world) if not all(
        refused(lambda name=name, args=args, model=model: customer.call(
            model, name, *args)) for name, args in (
            ('search_read', ([], ['id'])), ('search_count', ([],)),
            ('create', ([{}],)), ('read', ([1], ['id']))))]
    assert open_models == []
    answer = requests.post(
        f'{world.url}/web/dataset/call_kw', timeout=120, json={
            'jsonrpc': '2.0', 'params': {
                'model': 'gtg.parcel', 'method': 'search_read', 'args': [[]],
                'kwargs': {}}})
    assert 'result' not in answer.json()
    page = requests.get(
        f'{world.url}/gtg/marketplace/callback/shopee?state=x&code=y&shop_id=1',
        timeout=120, allow_redirects=False)
    assert page.status_code == 303 and '/web/login' in page.headers['Location']


def test_another_companys_manager_sees_nothing(served):
    world, _server = served
    _parcel, number, _order = webhooks.waybill(world)
    world.sandbox.call('POST', f'/ghn/orders/{number}/pick', {})
    world.sandbox.call('POST', '/shopee/orders', {'items': [
        {'sku': 'KHONG-CO', 'qty': 1}]})
    world.wait('a hold', lambda: world.sql('SELECT 1 FROM gtg_order_hold'))
    world.wait('a report', lambda: world.sql('SELECT 1 FROM gtg_parcel_event'))
    issued(world)
    admin = world.session()
    mine = int(world.sql('SELECT min(id) FROM res_company')[0][0])
    other = admin.create('res.company', {'name': 'Khác'})
    make_user(world, 'khac', [
        'gtg_order_flow.group_shop_manager', 'account.group_account_manager',
        'gtg_connector_base.group_connector_manager'], other)
    session, seen, checked = world.session('khac'), {}, []
    for model in our_models(world):
        table = model.replace('.', '_')
        if not world.sql('SELECT 1 FROM information_schema.columns WHERE'
                         f" table_name = '{table}' AND column_name = 'company_id'"):
            continue
        ids = [int(row[0]) for row in world.sql(
            f'SELECT id FROM {table} WHERE company_id = {mine}')]
        if not ids:
            continue
        checked.append(model)
        try:
            found = session.call(model, 'search', [('id', 'in', ids)])
        except WebError:
            found = []  # no access at all
        if found or not refused(lambda model=model, ids=ids: session.call(
                model, 'read', ids, ['id'])):
            seen[model] = found
    assert seen == {}
    assert {'gtg.parcel', 'gtg.parcel.event', 'gtg.order.hold',
            'gtg.marketplace.shop', 'gtg.carrier.account', 'gtg.einvoice.account',
            'gtg.einvoice', 'gtg.connector.task', 'gtg.connector.event'} <= set(checked)
    with pytest.raises(WebError):
        session.press('gtg.parcel', int(world.sql(
            'SELECT min(id) FROM gtg_parcel')[0][0]), 'action_gtg_retry')
