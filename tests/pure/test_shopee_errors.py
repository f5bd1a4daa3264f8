"""What Shopee answers -> one of five errors."""

import datetime
import json

import pytest

from odoo.addons.gtg_connector_base.lib import errors as e
from odoo.addons.gtg_connector_base.lib.transport import Answer
from odoo.addons.gtg_marketplace_connector.providers.shopee import client, envelope

NOW = datetime.datetime(2026, 11, 22, 4, 0, tzinfo=datetime.timezone.utc)


def answer(error="", message="", status=200, body=None, headers=None, **rest):
    if body is None:
        body = json.dumps({"error": error, "message": message, **rest}).encode()
    return Answer(status, headers or {}, body, 0.0)


@pytest.mark.parametrize("spelling", ["", " ", "-", "\t"])
def test_success(spelling):
    assert envelope.read(answer(spelling, response={"a": 1}), True, NOW)["response"]


@pytest.mark.parametrize(("error", "message", "safe", "kind"), [
    ("error_sign", "Wrong sign.", True, e.Rejected),
    ("invalid_acceess_token", "", True, e.AuthExpired),
    ("invalid_access_token", "", True, e.AuthExpired),
    ("error_auth", "Invalid access_token.", True, e.AuthExpired),
    ("error_auth", "Please wait for the holiday mode set", True, e.Rejected),
    ("error_auth", "No permission to current api", True, e.Rejected),
    ("common.error_auth", "Invalid refresh_token.", False, e.AuthExpired),
    ("shop_no_linked", "", True, e.AuthExpired),
    ("partner_shop_no_link", "", True, e.AuthExpired),
    ("shop_access_expired", "", True, e.AuthExpired),
    ("shop_banned", "", True, e.Rejected),
    ("source_ip_undeclared", "", True, e.Rejected),
    ("error_rate_limit", "", True, e.RateLimited),
    ("error_rate_limit", "", False, e.RateLimited),
    ("error_too_many_request", "", True, e.RateLimited),
    ("error_limit", "quota", True, e.RateLimited),
    ("order.error_limit", "Can not cancel this order", False, e.Rejected),
    ("error_server", "", True, e.Retryable),
    ("error_server", "", False, e.OutcomeUnknown),
    ("logistics.error_timeout", "", False, e.OutcomeUnknown),
    ("logistics.logistic_order_is_locked_on_creating", "", False, e.Retryable),
    ("logistics.error_param", "The order is being allocated, retry", False, e.Retryable),
    (" logistics.package_already_shipped", "", False, e.Rejected),
    ("order. error_param", "", False, e.Rejected),
    ("a_word_nobody_knows", "", False, e.Rejected),
])
def test_codes(error, message, safe, kind):
    with pytest.raises(e.ConnectorError) as caught:
        envelope.read(answer(error, message), safe, NOW)
    assert isinstance(caught.value, kind)
    if kind is e.Retryable:
        assert not isinstance(caught.value, e.RateLimited)
    assert caught.value.text


def test_prefixes_spaces_and_tabs():
    assert envelope.code_of({"error": " logistics.package_already_shipped\t"})[1] == (
        "package_already_shipped")
    assert envelope.code_of({"error": "order. error_param"})[1] == "error_param"


@pytest.mark.parametrize("broken", [
    answer(body=b"<html>502</html>", status=502), answer(body=b""),
    answer(body=b'{"error":"","resp'), answer(body=b"[]"), answer(body=b"null"),
    answer(body=b"{}"), answer(body=b'{"response":{}}'),
    answer("whatever", status=503), answer(body=b"<html>200</html>")])
def test_unreadable_answers(broken):
    with pytest.raises(e.Retryable):
        envelope.read(broken, True, NOW)
    with pytest.raises(e.OutcomeUnknown):
        envelope.read(broken, False, NOW)


def test_a_foreign_address_gets_a_hint():
    with pytest.raises(e.Rejected) as caught:
        envelope.read(answer(body=b"<html>denied</html>", status=403), False, NOW)
    assert "whitelist" in caught.value.hint


def test_throttling_says_how_long():
    with pytest.raises(e.RateLimited) as caught:
        envelope.read(answer("error_rate_limit", status=429,
                             headers={"Retry-After": "7"}), True, NOW)
    assert caught.value.after == 7


def test_the_daily_quota_starts_anew_at_midnight_utc_plus_8():
    # 04:00 UTC is 12:00 there
    assert 12 * 3600 <= envelope.seconds_to_new_quota(NOW) <= 12 * 3600 + 120


class Script:
    """A wire that gives the next answer of a list."""

    def __init__(self, *answers):
        self.answers, self.tokens = list(answers), []

    def send(self, method, path, *, params, **options):
        self.tokens.append(dict(params).get("access_token"))
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def api(wire):
    def token(stale=None):
        return "second" if stale else "first"
    return client.ShopeeClient(wire, 1, "key", 5, token, clock=lambda: 1793000000)


BAD_TOKEN = answer("invalid_acceess_token", "Invalid access_token", status=403)


def test_a_refused_token_is_renewed_once():
    wire = Script(BAD_TOKEN, answer(shop_name="x"))
    assert api(wire).shop_info()["shop_name"] == "x"
    assert wire.tokens == ["first", "second"]
    wire = Script(BAD_TOKEN, BAD_TOKEN)
    with pytest.raises(e.AuthExpired):
        api(wire).shop_info()
    assert wire.tokens == ["first", "second"]


def test_error_auth_that_a_new_token_does_not_cure_is_a_refusal():
    odd = answer("error_auth", "Something about the shop", status=403)
    with pytest.raises(e.Rejected):
        api(Script(odd, odd)).shop_info()


def test_an_old_timestamp_is_signed_again_once():
    old = answer("error_param", "Timestamp is expired.", status=403)
    assert api(Script(old, answer())).shop_info()
    with pytest.raises(e.Rejected):
        api(Script(old, old)).shop_info()


def test_a_lost_refresh_is_tried_once_more():
    lost = e.OutcomeUnknown("no answer")
    wire = Script(lost, answer(access_token="a", refresh_token="b", expire_in=1))
    assert api(wire).refresh("r")["access_token"] == "a"
    with pytest.raises(e.OutcomeUnknown):
        api(Script(lost, lost)).refresh("r")


def test_half_a_list_is_not_an_empty_list():
    with pytest.raises(e.Retryable):
        api(Script(answer())).order_list(1, 2)


def test_rows_of_a_batch_that_failed_as_a_whole():
    rows = [{"order_sn": "A", "fail_error": "logistics.package_can_not_print"}]
    wire = Script(answer("common.batch_api_all_failed", "Failed",
                         response={"result_list": rows}))
    assert api(wire).document_result([{"order_sn": "A"}]) == rows


def test_a_label_or_a_refusal():
    assert api(Script(answer(body=b"%PDF-1.4"))).download_document(
        [], "T") == b"%PDF-1.4"
    with pytest.raises(e.Rejected):
        api(Script(answer("logistics.order_status_error"))).download_document([], "T")
    with pytest.raises(e.RateLimited):
        api(Script(answer("error_rate_limit", status=429))).download_document([], "T")
