"""What serves once is used once, whoever wants it: the refresh token (X14), the way
back from the seller's consent (X29)."""

from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from demo import stage
from demo.web import Session, WebError
from gtgtools import odoo

from . import webhooks
from .effects_einvoice import EINVOICES, desk, named

SHOP = stage.SHOP
STATE = 'SELECT state FROM gtg_marketplace_shop'


@pytest.fixture(scope='module')
def world():
    with webhooks.world_of_its_own('tokens') as own:
        yield own


def expire(world):
    """The shop's access token is over, there and here; the refresh token is not.

    Whoever tested the connection before has made a poll due: between the two it would
    refresh once more."""
    world.sql("UPDATE gtg_connector_health SET next_poll_at = now() + interval '1 day'")
    world.sandbox.call('POST', f'/shopee/shops/{SHOP}/expire_tokens', {})
    world.sql("UPDATE gtg_connector_token SET expires_at = now() - interval '1 hour'"
              " WHERE account_model = 'gtg.marketplace.shop'")


def test_connection(session, model='gtg.marketplace.shop', account=None):
    """Press the account's button; returns None or the sentence the user reads."""
    account = account or session.one(model, [], ['id'])['id']
    try:
        session.press(model, account, 'action_test_connection')
    except WebError as error:
        return str(error)
    return None


test_connection.__test__ = False


def test_eight_workers_refresh_once(world):
    with world.server(workers=4, cron_threads=1) as first, odoo.server(
            world.db, workers=4, cron_threads=1) as second:
        sessions = [Session(server.url, world.db, 'admin')
                    for _ in range(4) for server in (first, second)]
        before = len(world.effects('shopee', 'token_refresh'))
        expire(world)
        world.sandbox.call('POST', '/shopee/faults', {
            'operation': 'token_refresh', 'mode': 'delay', 'seconds': 5})
        told = webhooks.at_once(8, lambda n: test_connection(sessions[n]))
        assert told == [None] * 8
        assert len(world.effects('shopee', 'token_refresh')) == before + 1
        assert world.sql(STATE) == [['connected']]
        for effect in EINVOICES:
            if effect.login:  # VNPT has no token
                refresh_einvoice(world, sessions, effect)
        pids = {line.split()[2] for server in (first, second)
                for line in server.log.read_text(errors='replace').splitlines()
                if 'action_test_connection' in line and 'POST' in line}
        assert len(pids) > 2, 'several processes took part'
        assert webhooks.unexpected(first) + webhooks.unexpected(second) == []


def refresh_einvoice(world, sessions, effect):
    """The token of an e-invoice account is over: one of the eight logs in."""
    account = effect.connected(desk(world))

    def logins():
        return sum(row['operation'] == effect.login for row in world.sandbox.call(
            'GET', f'/{effect.code}/calls'))

    before = logins()
    world.sql("UPDATE gtg_connector_token SET expires_at = now() - interval '1 hour'"
              f" WHERE account_model = '{effect.account}' AND account_id = {account}")
    world.sandbox.call('POST', f'/{effect.code}/faults', {
        'operation': effect.login, 'mode': 'delay', 'seconds': 2})
    told = webhooks.at_once(8, lambda n: test_connection(
        sessions[n], effect.account, account))
    assert told == [None] * 8
    assert logins() == before + 1, named(effect)


def test_a_request_that_never_arrived_is_sent_again(world):
    with world.server():
        before = len(world.effects('shopee', 'token_refresh'))
        expire(world)
        world.sandbox.call('POST', '/shopee/faults', {
            'operation': 'token_refresh', 'mode': 'reset_before', 'times': 1})
        assert test_connection(world.session()) is None
        assert len(world.effects('shopee', 'token_refresh')) == before + 1
        assert world.sql(STATE) == [['connected']]


def test_after_a_lost_answer_a_person_is_asked_and_all_goes_on(world):
    """The token was used up and its successor is lost: Shopee knows no way back but
    the seller's consent."""
    with world.server() as server:
        before = len(world.effects('shopee', 'token_refresh'))
        expire(world)
        world.sandbox.call('POST', '/shopee/faults', {
            'operation': 'token_refresh', 'mode': 'lose_response', 'times': 1})
        admin = world.session()
        assert test_connection(admin)
        assert len(world.effects('shopee', 'token_refresh')) == before + 1
        shop = admin.one('gtg.marketplace.shop', [], ['state', 'next_action'])
        assert shop['state'] == 'reconnect'
        assert 'connect again' in shop['next_action']
        made = world.sandbox.call('POST', '/shopee/orders', {})
        order = ('SELECT state FROM sale_order'
                 f" WHERE gtg_channel_ref = '{made['order_sn']}'")
        world.wait('the message', lambda: world.sql(
            "SELECT state FROM gtg_connector_event WHERE topic = 'order'"
            f" AND object_ref = '{made['order_sn']}'") == [['new']])
        # nobody knocks with the dead token meanwhile
        assert test_connection(world.session())
        assert len(world.effects('shopee', 'token_refresh')) == before + 1
        webhooks.consent_again(world)
        world.wait('the order that waited', lambda: world.sql(order) == [['sale']])
        assert world.sql(STATE) == [['connected']]
        # the message and the poll met the same new listing: one of them ran again
        assert webhooks.unexpected(server) == []


def test_the_way_back_from_consent_serves_once(world):
    with world.server() as server:
        admin, stranger = world.session(), world.session('kho')
        shop = admin.one('gtg.marketplace.shop', [], ['id'])['id']
        link = admin.press('gtg.marketplace.shop', shop, 'action_connect')['url']
        back = requests.post(
            link.split('?')[0], timeout=120, allow_redirects=False, data={
                **dict(parse_qsl(urlsplit(link).query)), 'account': f'shop:{SHOP}',
                'days': '365'}).headers['Location']
        before = len(world.effects('shopee', 'token_exchange'))

        def visit(url, session=None):
            answer = requests.get(
                url, timeout=120, allow_redirects=False,
                cookies=session.http.cookies if session else None)
            assert 'Traceback' not in answer.text
            return answer.status_code

        state = dict(parse_qsl(urlsplit(back).query))['state']
        # missing, tampered, of another user, of nobody: the state is still good
        assert visit(back.replace(f'state={state}', 'x=1'), admin) == 400
        assert visit(back.replace(state, webhooks.other(state)), admin) == 400
        assert visit(back, stranger) == 404
        assert visit(back) == 303
        assert len(world.effects('shopee', 'token_exchange')) == before
        found = webhooks.at_once(6, lambda n: visit(back, admin))
        assert sorted(found) == [303] + [400] * 5
        assert len(world.effects('shopee', 'token_exchange')) == before + 1
        assert world.sql(STATE) == [['connected']]
        assert test_connection(admin) is None
        assert webhooks.unexpected(server) == []
