"""Shopee sandbox: the consent page, tokens, and what the gateway refuses."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from .shopee_caller import SHOP

REDIRECT = 'http://localhost:8069/gtg/oauth/shopee?db=shop'
INFO = 'shop/get_shop_info'


def page_fields(shopee, **changes):
    fields = {
        'auth_type': 'seller',
        'partner_id': shopee.partner_id,
        'redirect_uri': REDIRECT,
        'response_type': 'code',
        'state': 'a b&c',
    }
    return fields | changes


def consent(shopee, account=f'shop:{SHOP}', **changes):
    """Press the button of the consent page; return what the redirect carries."""
    answer = requests.post(
        f'{shopee.url}/auth',
        data=page_fields(shopee, account=account, **changes),
        allow_redirects=False,
        timeout=60,
    )
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers['Location'])
    assert parts.netloc == 'localhost:8069'
    return {key: values[0] for key, values in parse_qs(parts.query).items()}


# === THE PAGES === #


def test_page_offers_the_shops(shopee):
    page = requests.get(f'{shopee.url}/auth', params=page_fields(shopee), timeout=60)
    assert page.status_code == 200
    assert 'Áo Thun Sài Gòn' in page.text and 'Confirm authorization' in page.text


def test_redirect_carries_code_shop_state_and_keeps_its_own_query(shopee):
    back = consent(shopee)
    assert back['db'] == 'shop' and back['state'] == 'a b&c'
    assert back['shop_id'] == str(SHOP) and len(back['code']) == 32


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        ({'redirect_uri': 'https://evil.example/x'}, 'not consistent'),
        ({'redirect_uri': 'javascript:alert(1)'}, 'Invalid redirect_uri'),
        ({'partner_id': 1}, 'Invalid partner_id'),
        ({'auth_type': 'buyer'}, 'Invalid auth_type'),
        ({'response_type': 'token'}, 'Invalid response_type'),
    ],
)
def test_page_refuses(shopee, changes, text):
    fields = page_fields(shopee, **changes)
    answer = requests.get(f'{shopee.url}/auth', params=fields, timeout=60)
    assert answer.json()['error'] == 'error_param' and text in answer.json()['msg']


def test_legacy_link_leads_to_the_page(shopee):
    answer = shopee.send(
        'GET', 'shop/auth_partner', {'redirect': REDIRECT}, public=True
    )
    assert answer.status_code == 302
    page = requests.get(answer.headers['Location'], timeout=60)
    assert 'Confirm authorization' in page.text
    bad = shopee.send(
        'GET', 'shop/auth_partner', {'redirect': REDIRECT}, public=True, sign='0' * 64
    )
    assert bad.json()['error'] == 'error_sign'


def test_cancel_page_ends_the_link(shopee):
    shopee.ok(shopee.get(INFO))
    answer = requests.post(
        f'{shopee.url}/cancel_auth',
        data=page_fields(shopee, account=f'shop:{SHOP}'),
        allow_redirects=False,
        timeout=60,
    )
    assert answer.status_code == 302
    assert shopee.code(shopee.get(INFO)) == 'shop_no_linked'
    assert shopee.code(shopee.refresh()) == 'shop_no_linked'


# === TOKENS === #


def test_exchange_once_and_only_for_the_right_shop(shopee, box):
    code = consent(shopee)['code']
    assert shopee.code(shopee.exchange(code, shop_id=226417939)) == 'invalid_shop_id'
    body = shopee.exchange(code, shop_id=SHOP).json()
    assert body['error'] == '' and body['expire_in'] == 14400
    assert body['shop_id_list'] == [SHOP] and 'response' not in body
    again = shopee.exchange(code, shop_id=SHOP)
    assert again.status_code == 403
    assert again.json()['error'] == 'error_auth'
    assert again.json()['message'] == 'Invalid code'
    assert len(box.ledger('shopee', 'token_exchange')) == 1


def test_code_lives_ten_minutes(shopee, box):
    code = consent(shopee)['code']
    box.post('/clock', {'advance': 601})
    assert shopee.code(shopee.exchange(code, shop_id=SHOP)) == 'error_auth'


def test_exchange_wants_exactly_one_owner_and_integers(shopee):
    code = consent(shopee)['code']
    assert shopee.code(shopee.exchange(code)) == 'error_param'
    both = shopee.exchange(code, shop_id=SHOP, main_account_id=1)
    assert shopee.code(both) == 'error_param'
    assert shopee.code(shopee.exchange(code, shop_id=str(SHOP))) == 'error_param'


def test_refresh_rotates_and_the_old_access_token_lives_300_seconds(shopee, box):
    old_access, old_refresh = shopee.access_token, shopee.refresh_token
    body = shopee.refresh().json()
    assert body['error'] == '' and body['shop_id'] == SHOP
    assert body['refresh_token'] != old_refresh
    replay = shopee.refresh(old_refresh)
    assert replay.status_code == 403
    assert replay.json()['message'] == 'Invalid refresh_token.'
    shopee.ok(shopee.get(INFO))
    box.post('/clock', {'advance': 301})
    late = shopee.send('GET', INFO, access_token=old_access)
    assert late.status_code == 403 and shopee.code(late) == 'invalid_acceess_token'
    shopee.adopt(body)
    shopee.ok(shopee.get(INFO))
    assert len(box.ledger('shopee', 'token_refresh')) == 1


def test_access_token_lives_four_hours_refresh_token_thirty_days(shopee, box):
    box.post('/clock', {'advance': 4 * 3600 - 60})
    shopee.ok(shopee.get(INFO))
    box.post('/clock', {'advance': 61})
    assert shopee.code(shopee.get(INFO)) == 'invalid_acceess_token'
    box.post('/clock', {'advance': 30 * 86400})
    assert shopee.code(shopee.refresh()) == 'refresh_token_expired'


def test_authorizing_again_kills_the_old_chain(shopee):
    old = shopee.refresh_token
    fresh = shopee.exchange(consent(shopee)['code'], shop_id=SHOP).json()
    assert shopee.code(shopee.get(INFO)) == 'error_auth'
    assert shopee.code(shopee.refresh(old)) == 'error_auth'
    shopee.adopt(fresh)
    shopee.ok(shopee.get(INFO))


def test_main_account_refreshes_once_per_shop(shopee):
    back = consent(shopee, account='main:1203398')
    assert back['main_account_id'] == '1203398' and 'shop_id' not in back
    first = shopee.exchange(back['code'], main_account_id=1203398).json()
    assert first['shop_id_list'] == [SHOP, SHOP + 1]
    for shop_id in first['shop_id_list']:
        own = shopee.refresh(first['refresh_token'], shop_id=shop_id).json()
        assert own['error'] == ''
        shopee.shop_id = shop_id
        shopee.access_token = first['access_token']
        shopee.ok(shopee.get(INFO))
        shopee.adopt(own)
        shopee.ok(shopee.get(INFO))
        used = shopee.refresh(first['refresh_token'], shop_id=shop_id)
        assert shopee.code(used) == 'error_auth'


def test_refresh_token_of_another_shop(shopee):
    answer = shopee.refresh(shop_id=226417939)
    assert shopee.code(answer) == 'error_shop_refresh_token'


def test_authorization_ends(shopee, box):
    code = consent(shopee, days='7')['code']
    shopee.adopt(shopee.exchange(code, shop_id=SHOP).json())
    box.post('/clock', {'advance': 7 * 86400 - 60})
    shopee.adopt(shopee.refresh().json())
    box.post('/clock', {'advance': 61})
    assert shopee.code(shopee.get(INFO)) == 'shop_access_expired'
    assert shopee.code(shopee.refresh()) == 'shop_access_expired'


# === THE GATEWAY === #


def test_shop_info_is_flat(shopee):
    body = shopee.get(INFO).json()
    assert body['shop_name'] == 'Áo Thun Sài Gòn' and body['region'] == 'VN'
    assert 'response' not in body and body['expire_time'] > shopee.now


@pytest.mark.parametrize(
    ('changes', 'code', 'message'),
    [
        ({'partner_id': None}, 'error_param', 'There is no partner_id in query.'),
        ({'timestamp': None}, 'error_param', 'There is no timestamp in query.'),
        ({'sign': None}, 'error_param', 'There is no sign in query.'),
        ({'access_token': None}, 'error_sign', 'Wrong sign.'),
        ({'timestamp': 'soon'}, 'error_param', 'Invalid timestamp'),
        ({'partner_id': 77}, 'invalid_partner_id', 'Invalid partner_id.'),
        ({'sign': 'f' * 64}, 'error_sign', 'Wrong sign.'),
        ({'access_token': 'nonsense'}, 'invalid_acceess_token', 'invalid access_token'),
        ({'shop_id': 226417939}, 'error_auth', 'Invalid partner_id or shopid.'),
    ],
)
def test_gateway_refuses_with_403(shopee, changes, code, message):
    answer = shopee.send('GET', INFO, **changes)
    assert answer.status_code == 403
    assert answer.json()['error'] == code and message in answer.json()['message']


@pytest.mark.parametrize('seconds', [-301, 301])
def test_timestamp_window(shopee, seconds):
    answer = shopee.send('GET', INFO, timestamp=shopee.now + seconds)
    assert answer.json()['message'] == 'Timestamp is expired.'
    near = shopee.send('GET', INFO, timestamp=shopee.now + (seconds // 301) * 295)
    shopee.ok(near)


def test_public_sign_does_not_open_a_shop(shopee):
    sign = shopee.sign(f'/api/v2/{INFO}', shopee.now)
    assert shopee.code(shopee.send('GET', INFO, sign=sign)) == 'error_sign'


def test_unknown_path_and_all_200(shopee, box):
    answer = shopee.get('order/no_such_thing')
    assert answer.status_code == 403 and 'path incorrect' in answer.json()['message']
    box.post('/shopee/settings', {'all_200': True})
    assert shopee.send('GET', INFO, sign='0' * 64).status_code == 200


def test_burst_limit(shopee, box):
    box.post('/shopee/settings', {'calls_per_second': 3})
    codes = [shopee.get(INFO).status_code for _ in range(8)]
    assert codes[:3] == [200] * 3 and 429 in codes


def test_shops_by_partner(shopee):
    answer = shopee.send('GET', 'public/get_shops_by_partner', public=True)
    assert [row['shop_id'] for row in answer.json()['authed_shop_list']] == [SHOP]


def test_fault_expires_the_token(shopee, box):
    box.faults('shopee', 'get_shop_info', 'expire_token')
    assert shopee.code(shopee.get(INFO)) == 'invalid_acceess_token'
    shopee.adopt(shopee.refresh().json())
    shopee.ok(shopee.get(INFO))


def test_fault_with_a_code_of_choice(shopee, box):
    box.faults('shopee', 'get_shop_info', 'error', error='error_inner')
    assert shopee.code(shopee.get(INFO)) == 'error_inner'
    shopee.ok(shopee.get(INFO))


def test_revoked_and_banned(shopee, box):
    box.post(f'/shopee/shops/{SHOP}/revoke', {'how': 'banned'})
    assert shopee.code(shopee.get(INFO)) == 'shop_banned'
