"""A copy of the database calls nobody and says why; the original goes on (X15)."""

import subprocess

import pytest

from demo.web import Session, WebError
from gtgtools import db, odoo

from . import webhooks
from . import world as worlds
from .effects_einvoice import EINVOICES, ask, desk, prepared
from .world import PIN, due_crons, wake_crons

LAST_RUN = """SELECT count(*) FROM ir_cron c JOIN ir_act_server a
    ON a.id = c.ir_actions_server_id WHERE c.lastcall >= '%s'
    AND a.code IN ('model._drain_shard(1)', 'model._drain()',
    'model._poll_accounts()')"""
NOW = "SELECT date_trunc('second', now() AT TIME ZONE 'UTC')"


def renamed(name, source):
    """``createdb -T``: the same content under another name."""
    db.clone(name, template=source, new_uuid=False)


def duplicated(name, source):
    """Odoo's "duplicate" gives a new uuid; here the name is no help to notice it."""
    db.clone(name, template=source, new_uuid=True)
    db.sql(name, f'UPDATE gtg_connector_health SET database_pin = {PIN}'
                 ' WHERE database_pin IS NOT NULL')


def restored(name, source):
    """A dump restored under the name it was made under: uuid and name are the same."""
    db.clone(name, template=source, new_uuid=False)
    db.sql(name, "UPDATE gtg_connector_health SET database_pin = replace("
                 f"database_pin, '/{source}/', '/{name}/')")


def neutralized(name, source):
    """``odoo neutralize``, as hosters do with staging copies."""
    db.clone(name, template=source, new_uuid=True)
    subprocess.run(odoo.odoo_command('neutralize', name), cwd='/', check=True,
                   env=odoo.odoo_environ(), timeout=300, capture_output=True)
    # whoever wakes the crons of such a copy again reaches nobody either
    db.sql(name, "UPDATE ir_cron SET active = TRUE WHERE cron_name LIKE 'GTG: %'")


@pytest.fixture(scope='module')
def unfinished(connected, sandbox):
    """A world with a waybill and e-invoices to request, codes and an order to fetch
    and a poll that is due."""
    with worlds.clone_world('u', connected, sandbox) as world:
        leave_work(world)
        yield world


def leave_work(world):
    with world.server(cron_threads=2) as server:
        asked = e_invoices(world)
        made = world.sandbox.call('POST', '/shopee/orders', {})
        world.sandbox.call('POST', '/shopee/pushes/flush')
        order = webhooks.waybill_order(world)
        world.sandbox.call('POST', '/shopee/pushes/flush')
        assert webhooks.unexpected(server) == []
    assert world.sql("SELECT count(*) FROM gtg_connector_event WHERE state = 'new'"
                     ) != [['0']]
    assert [row[2] for row in world.tasks('create_waybill')] == ['queued']
    waiting = dict(world.sql(
        'SELECT operation, count(*) FROM gtg_connector_task WHERE state = '
        "'queued' AND account_model = 'gtg.einvoice.account' GROUP BY 1"))
    assert waiting == {'create_invoice': '4', 'poll_code': '4'}
    world.sql("UPDATE gtg_connector_health SET next_poll_at = '2020-01-01'")
    world.sql("UPDATE gtg_connector_task SET next_try_at = '2020-01-01'"
              " WHERE state = 'queued'")
    world.sql('UPDATE gtg_einvoice_account SET time_scale = 0.02')
    world.sql("UPDATE ir_cron SET active = TRUE WHERE cron_name LIKE 'GTG: %'")
    world.unfinished = made['order_sn'], order, asked


def e_invoices(world):
    """At each provider one whose code is to come and one that is asked for; nobody is
    left to do either.

    :return: [(effect, ids)] of those asked for
    """
    here = desk(world)
    for code in ('sinvoice', 'misa', 'vnpt'):
        world.sandbox.call('POST', f'/{code}/settings', {'code_mode': 'manual'})
    first, second = prepared(here, 1, EINVOICES), prepared(here, 1, EINVOICES)
    world.sql('UPDATE gtg_einvoice_account SET time_scale = 1')
    ask(here, first)
    for effect, ids in first:
        effect.settled(here, ids)
    world.sql("UPDATE ir_cron SET active = FALSE WHERE cron_name LIKE 'GTG: %'")
    ask(here, second)
    return second


@pytest.mark.parametrize('copied', [renamed, restored, neutralized, duplicated])
def test_a_copy_calls_nobody(unfinished, copied):
    world, name = unfinished, f'{unfinished.db}_copy'
    try:
        copied(name, world.db)
        due_crons(name)
        calls = all_calls(world)
        started = db.sql(name, NOW)[0][0]
        with odoo.server(name, cron_threads=3) as server:
            wake_crons(server)
            tell_reason(Session(server.url, name, 'admin'), copied)
            world.wait('the drains of the copy', lambda: db.sql(
                name, LAST_RUN % started) == [['3']])
            press_everything(Session(server.url, name, 'admin'))
            assert webhooks.unexpected(server) == []
        assert all_calls(world) == calls
        states = {row[0] for row in db.sql(
            name, "SELECT state FROM gtg_connector_task WHERE operation IN"
                  " ('create_waybill', 'create_invoice', 'poll_code') AND NOT applied")}
        assert states <= ({'failed', 'queued'} if copied is neutralized else {'queued'})
    finally:
        db.drop(name)
    if copied is duplicated:
        goes_on(world)


def all_calls(world):
    return {code: len(world.sandbox.call('GET', f'/{code}/calls'))
            for code in ('shopee', 'ghn', 'sinvoice', 'misa', 'vnpt')}


def tell_reason(session, copied):
    """Every account says why it is silent."""
    for model in ('gtg.marketplace.shop', 'gtg.carrier.account', 'gtg.einvoice.account'):
        for row in session.call(model, 'search_read', [], ['next_action', 'state']):
            if copied is neutralized:
                assert row['state'] == 'draft' and row['next_action']
            else:
                assert 'This database is a copy' in row['next_action'], row


def press_everything(session):
    """What users press all day must not reach a provider either."""
    shop = session.one('gtg.marketplace.shop', [], ['id'])['id']
    order = session.one('sale.order', [('carrier_id', '!=', False)], ['id'])['id']
    session.press('gtg.marketplace.shop', shop, 'action_fetch_now')
    session.press('sale.order', order, 'action_gtg_request')
    with pytest.raises(WebError):
        session.press('gtg.marketplace.shop', shop, 'action_fetch_listings')
    for account in session.call('gtg.einvoice.account', 'search', []):
        with pytest.raises(WebError):
            session.press('gtg.einvoice.account', account, 'action_fetch_series')
    session.press('gtg.einvoice', session.call('gtg.einvoice', 'search', [
        ('state', '=', 'waiting_code')]), 'action_ask_code')


def goes_on(world):
    """The original takes up its work as if there were no copies."""
    ref, order, asked = world.unfinished
    for code in ('sinvoice', 'misa', 'vnpt'):
        world.sandbox.call('POST', f'/{code}/settings', {'code_mode': 'polls'})
    with world.server() as server:
        world.wait('the order', lambda: world.sql(
            f"SELECT 1 FROM sale_order WHERE gtg_channel_ref = '{ref}'"))
        world.wait('the waybill', lambda: world.sql(
            f'SELECT tracking_number FROM gtg_parcel WHERE order_id = {order}'
            ' AND tracking_number IS NOT NULL'))
        assert len(world.effects('ghn', 'create_order')) == 1
        for effect, ids in asked:
            effect.settled(desk(world), ids)
        world.wait('all codes', lambda: world.sql(
            "SELECT count(*) FROM gtg_einvoice WHERE state = 'coded'") == [['8']])
        assert webhooks.unexpected(server) == []
