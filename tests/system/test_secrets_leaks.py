"""Credentials are in their own field and nowhere else, whatever goes wrong (X25)."""

import pytest

from demo import stage
from demo.web import WebError

from . import webhooks
from .effects_einvoice import Misa, MisaIntegration, Vnpt, desk

# where each secret belongs
FIELDS = {
    ('gtg_marketplace_app', 'partner_key'), ('gtg_marketplace_app', 'push_key'),
    ('gtg_connector_token', 'access_token'), ('gtg_connector_token', 'refresh_token'),
    ('gtg_carrier_account', 'ghn_token'), ('gtg_carrier_account', 'webhook_secret'),
    ('gtg_einvoice_account', 'password'), ('gtg_einvoice', 'lookup_code'),
    ('gtg_einvoice_account', 'misa_client_id'),
    ('gtg_einvoice_account', 'misa_client_secret'),
    ('gtg_einvoice_account', 'vnpt_service_user'),
    ('gtg_einvoice_account', 'vnpt_service_password'),
}
ADDONS = ('gtg_connector_base', 'gtg_order_flow', 'gtg_marketplace_connector',
          'gtg_vn_carriers', 'gtg_vn_einvoice', 'gtg_vn_einvoice_sale')
OTHERS = Misa(), MisaIntegration(), Vnpt()  # beside the demo company's S-Invoice
EINVOICE = 'gtg.einvoice.account'
ACCOUNTS = [
    ('shopee', 'gtg.marketplace.shop', []), ('ghn', 'gtg.carrier.account', []),
    ('sinvoice', EINVOICE, [('provider', '=', 'sinvoice')]),
    *((effect.code, EINVOICE, [('name', '=', effect.title)]) for effect in OTHERS)]
# what may be typed wrongly: account, credentials
WRONG = [
    ('gtg.carrier.account', [], ['ghn_token']), ('gtg.marketplace.app', [], [
        'partner_key']),
    (EINVOICE, [('provider', '=', 'sinvoice')], ['password']),
    (EINVOICE, [('name', '=', Misa.title)], ['password', 'misa_client_secret']),
    (EINVOICE, [('name', '=', MisaIntegration.title)], ['password', 'misa_client_id']),
    (EINVOICE, [('name', '=', Vnpt.title)], ['password', 'vnpt_service_password'])]
COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = 'public' AND data_type IN (
    'text', 'character varying', 'jsonb', 'json') AND table_name IN (
    SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')
 ORDER BY 1, 2"""


@pytest.fixture(scope='module')
def world():
    with webhooks.world_of_its_own('secrets') as own:
        yield own


def secrets(world):
    """{secret: its field} of this moment; two tokens may share a column."""
    return {part: f'{table}.{column}' for table, column in sorted(FIELDS)
            for (value,) in world.sql(
                f'SELECT {column} FROM {table} WHERE {column} IS NOT NULL')
            for part in value.split()}


def found_elsewhere(world, values):
    """[(table, column)] of the whole database that hold one of them."""
    patterns = ', '.join("'%" + value.replace("'", "''") + "%'" for value in values)
    found = []
    # what a document says stands in its index too, for whoever may read the document
    known = {*FIELDS, ('ir_attachment', 'index_content')}
    columns = [row for row in world.sql(COLUMNS) if tuple(row) not in known]
    for start in range(0, len(columns), 300):
        query = ' UNION ALL '.join(
            f"SELECT DISTINCT '{table}', '{column}' FROM"
            f' "{table}" WHERE "{column}"::text LIKE ANY (ARRAY[{patterns}])'
            for table, column in columns[start:start + 300])
        found += [tuple(row) for row in world.sql(query)]
    return found


def fail_once(world, code, *modes, operation='*'):
    for mode in modes:
        world.sandbox.call('POST', f'/{code}/faults', {
            'operation': operation, 'mode': mode, 'times': 1})


def the_whole_flow(world):
    """Shopee order to label, GHN parcel to delivery and its e-invoice, with all
    kinds of failures on the way."""
    admin = world.session()
    fail_once(world, 'shopee', 'truncated', operation='get_order_detail')
    fail_once(world, 'shopee', 'lose_response', operation='ship_order')
    fail_once(world, 'ghn', 'truncated', operation='create')
    fail_once(world, 'sinvoice', 'expire_token')
    ref = world.sandbox.call('POST', '/shopee/orders', {})['order_sn']
    world.wait('the first try has failed', lambda: world.sql(
        'SELECT 1 FROM gtg_connector_event WHERE attempt > 0 OR error_text IS NOT NULL'))
    shop = admin.one('gtg.marketplace.shop', [], ['id'])['id']
    admin.press('gtg.marketplace.shop', shop, 'action_fetch_now')  # who can wait?
    order = world.wait('the order', lambda: admin.one(
        'sale.order', [('gtg_channel_ref', '=', ref), ('state', '=', 'sale')], ['id']))
    world.sandbox.call('POST', f'/shopee/shops/{stage.SHOP}/expire_tokens', {})
    admin.press('sale.order', order['id'], 'action_gtg_arrange_shipment')
    _parcel, number, sold = webhooks.waybill(world)
    for verb in ('pick', 'deliver', 'delivered'):
        world.sandbox.call('POST', f'/ghn/orders/{number}/{verb}', {})
    world.wait('the e-invoice or a refusal', lambda: world.sql(
        "SELECT 1 FROM gtg_connector_task WHERE operation = 'create_invoice'"
        " AND state IN ('done', 'failed')"))
    world.wait('the shipment or a refusal', lambda: world.sql(
        "SELECT 1 FROM gtg_connector_task WHERE operation = 'ship_order'"
        " AND state IN ('done', 'failed')"))
    return sold


def einvoices_elsewhere(world):
    """At the other providers: tokens that die, lost answers, files, previews."""
    admin = world.session()
    here = desk(world)
    faults = {'misa': ('expire_token', 'lose_response'),
              'vnpt': ('status:500', 'lose_response')}
    for effect in OTHERS:
        moves = effect.prepare(here, 2)
        fail_once(world, effect.code, *faults[effect.code], operation=effect.call)
        effect.ask(admin, moves)
        world.wait(f'e-invoices at {effect.title}', lambda effect=effect, moves=moves: (
            {task[0] for task in effect.tasks(world, moves).values()} == {'done'}))
        assert effect.count(here, moves) == dict.fromkeys(moves, 1)
        world.wait('their files', lambda moves=moves: world.sql(
            'SELECT 1 FROM gtg_einvoice WHERE xml_sha256 IS NOT NULL'
            f' AND move_id IN ({moves[0]}, {moves[1]}) HAVING count(*) = 2'))
        admin.press('account.move', effect.prepare(here, 1), 'action_gtg_preview')
    # MISA's drafts have a login and a token of their own
    account = admin.one(EINVOICE, [('name', '=', Misa.title)], ['id'])['id']
    admin.call(EINVOICE, 'write', [account], {'misa_signing': 'draft'})
    admin.press(EINVOICE, account, 'action_test_connection')


def failing_answers(world):
    """Every kind of bad answer to a user who waits; what the user reads."""
    admin, told = world.session(), []
    for code, model, domain in ACCOUNTS:
        record = admin.one(model, domain, ['id'])['id']
        for mode in ('status:500', 'status:403', 'html', 'truncated', 'empty',
                     'rate_limit', 'reset_before', 'lose_response'):
            fail_once(world, code, mode)
            try:
                admin.press(model, record, 'action_test_connection')
            except WebError as error:
                told.append(str(error))
        world.sandbox.call('DELETE', f'/{code}/faults')
        world.sql("UPDATE gtg_connector_pace SET not_before = '2000-01-01'")
    assert len(told) > 10
    return told


def wrong_credentials(world):
    """Every provider refuses what it is given; the user reads its sentence."""
    admin = world.session()
    told = []
    for model, domain, names in WRONG:
        record = admin.one(model, domain, names)
        for name in names:
            admin.call(model, 'write', [record['id']], {name: f'canary-wrong-{name}'})
            with pytest.raises(WebError) as refusal:
                admin.press(model, record['id'], 'action_test_connection')
            told.append(str(refusal.value))
            if model != 'gtg.marketplace.app':
                admin.call(model, 'write', [record['id']], {name: record[name]})
    return told


def test_secrets_are_nowhere_else(world):
    levels = [f'--log-handler=odoo.addons.{name}:DEBUG' for name in ADDONS]
    with world.server(options=levels) as server:
        known = secrets(world)
        the_whole_flow(world)
        einvoices_elsewhere(world)
        known.update(secrets(world))
        told = failing_answers(world) + wrong_credentials(world)
        letter = webhooks.signed(world, {'code': 3, 'data': {}})
        letter.send(headers={'Authorization': 'canary-signature-wrong'})
        known.update(secrets(world))
        known['canary-wrong-'] = known['canary-signature-wrong'] = 'typed wrongly'
        assert FIELDS <= {tuple(field.split('.')) for field in known.values()
                          if '.' in field}
        assert len(known) >= 30 and min(map(len, known)) >= 8, known
        log = server.log.read_text(errors='replace')
    assert ' DEBUG ' in log and 'request' in log
    assert [field for value, field in known.items() if value in log] == []
    assert [field for value, field in known.items()
            for text in told if value in text] == []
    codes = {value for value, field in known.items() if field.endswith('lookup_code')}
    assert codes, 'an e-invoice was issued'
    keys = [value for value, field in known.items() if value not in codes
            and field != 'typed wrongly']
    assert found_elsewhere(world, keys) == []
    # the legal XML names its look-up code: who may read the file may read its text;
    # the law wants it told to the buyer, in the mail that the invoice shows; VNPT's is
    # the key that our request names, which only those read who read the code
    assert set(found_elsewhere(world, codes)) <= {
        ('ir_attachment', 'index_content'), ('mail_mail', 'body_html'),
        ('mail_message', 'body'), ('gtg_einvoice', 'payload')}
