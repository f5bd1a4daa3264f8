"""Every case of shopee.json that concerns the client, run against the client.

The recorded requests of other people's SDKs are replayed into the sandbox by its own
tests; here our client builds the same calls, and method, path, signature, parameters
and body must agree with what was recorded.
"""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from odoo.addons.gtg_connector_base.lib.transport import Answer
from odoo.addons.gtg_marketplace_connector.providers.shopee import client, signing

FILE = Path(__file__).parents[2].parent / "shared" / "vectors" / "shopee.json"
if not FILE.exists():
    pytest.skip("no shared vectors here", allow_module_level=True)
CASES = json.loads(FILE.read_text("utf-8"))
COMMON = {"partner_id", "timestamp", "sign", "access_token", "shop_id"}


def cases(*kinds):
    chosen = [case for case in CASES if case["inputs"]["kind"] in kinds]
    assert chosen, kinds
    return pytest.mark.parametrize("case", chosen, ids=lambda case: case["name"])


def test_every_kind_is_looked_at():
    assert {case["inputs"]["kind"] for case in CASES} == {
        "api_sign", "auth_link_2026", "auth_link_legacy", "cancel_auth_link_2026",
        "push_verify", "http_request"}


@cases("api_sign")
def test_signature(case):
    given, wanted = case["inputs"], case["expected"]
    base = signing.base_string(
        given["partner_id"], given["path"], given["timestamp"],
        given.get("access_token"), given.get("id"))
    assert base == wanted["base_string"]
    assert signing.sign(given["partner_key"], base) == wanted["sign"]


def test_a_missing_token_is_never_signed_as_text():
    with pytest.raises(ValueError, match="both"):
        signing.base_string(1, "/api/v2/shop/get_shop_info", 1, None, 5)


@cases("auth_link_2026")
def test_consent_link(case):
    given = case["inputs"]
    link = client.authorization_link(
        given["auth_page"], given["partner_id"], given["redirect_uri"], given["state"])
    query = {key: value[0] for key, value in parse_qs(urlsplit(link).query).items()}
    assert query == case["expected"]["query"]
    assert link.startswith(given["auth_page"] + "?")


@cases("push_verify")
def test_push(case):
    given = case["inputs"]
    assert signing.push_is_genuine(
        ["another key", given["push_key"], ""], given["callback_url"],
        given["raw_body"].encode(), given["authorization"],
    ) is case["expected"]["valid"]


class Wire:
    """A wire that only remembers what should have left."""

    def send(self, method, path, **options):
        self.method, self.path, self.options = method, path, options
        return Answer(200, {}, b'{"error":"","response":{"more":false}}', 0.0)


def call(wire, case):
    """Make our client do what the recorded SDK call did.

    :return: False if our client never does it
    """
    given = case["inputs"]
    args = given.get("arguments") or {}
    api = client.ShopeeClient(
        wire, given["partner_id"], given["partner_key"], given.get("shop_id"),
        lambda stale=None: given["access_token"], clock=lambda: given["timestamp"])
    sn = args.get("order_sn")
    parcel = (sn, args.get("package_number"))
    calls = {
        "http_token_get_shop": lambda: api.token_from_code(
            args["code"], args["shop_id"]),
        "http_token_get_main_account": lambda: api.token_from_code(
            args["code"], main_account_id=args["main_account_id"]),
        "http_refresh_shop": lambda: api.refresh(
            args["refresh_token"], args["shop_id"]),
        "http_get_shop_info": api.shop_info,
        "http_get_order_list_next_page": lambda: api.order_list(
            args["time_from"], args["time_to"], args["cursor"]),
        "http_get_order_detail": lambda: api.order_detail(
            args["order_sn_list"].split(",")),
        "http_get_shipping_parameter": lambda: api.shipping_parameter(*parcel),
        "http_ship_order_pickup": lambda: api.ship_order(
            sn, "pickup", args["pickup"]),
        "http_ship_order_pickup_split_package": lambda: api.ship_order(
            sn, "pickup", args["pickup"], args["package_number"]),
        "http_ship_order_non_integrated": lambda: api.ship_order(
            sn, "non_integrated", args["non_integrated"]),
        "http_get_tracking_number": lambda: api.tracking_number(*parcel),
        "http_create_shipping_document": lambda: api.create_document(
            args["order_list"]),
        "http_get_shipping_document_result": lambda: api.document_result(
            args["order_list"]),
        "http_handle_buyer_cancellation": lambda: api.answer_cancellation(
            sn, args["operation"] == "ACCEPT"),
        "http_get_model_list": lambda: api.model_list(args["item_id"]),
        "http_oa_get_item_base_info_comma_joined": lambda: api.item_base_info(
            args["item_id_list"]),
        "http_oa_get_order_list": lambda: api.order_list(
            args["time_from"], args["time_to"], field="create_time"),
        "http_get_escrow_detail": lambda: api.escrow_detail(sn),
        "http_get_package_detail": lambda: api.package_detail(
            str(args["package_number_list"]).split(",")),
        "http_get_shops_by_partner": lambda: api.shops_by_partner(),
    }
    if case["name"] not in calls:
        return False
    calls[case["name"]]()
    return True


# what another SDK leaves to the default, or asks differently
OURS = {"response_optional_fields", "request_order_status_pending", "page_size",
        "page_no"}


OUR_REQUESTS = [case for case in CASES if case["inputs"]["kind"] == "http_request"
                and call(Wire(), case)]


@pytest.mark.parametrize("case", OUR_REQUESTS, ids=lambda case: case["name"])
def test_request(case):
    wire = Wire()
    call(wire, case)
    wanted = case["expected"]
    assert (wire.method, wire.path) == (wanted["method"], wanted["path"])
    sent = dict(wire.options["params"])
    assert sent["sign"] == wanted["sign"]
    recorded = dict(wanted["query"])
    assert {key: str(sent[key]) for key in COMMON & set(sent)} == {
        key: recorded[key] for key in COMMON & set(recorded)}
    own = {key: str(value) for key, value in sent.items() if key not in COMMON | OURS}
    assert own == {key: value for key, value in recorded.items()
                   if key not in COMMON | OURS}
    if wanted["method"] == "POST":
        assert wire.options["json"] == wanted["body_json"]
    else:
        assert wire.options["json"] is None


def test_none_of_our_calls_is_forgotten():
    assert len(OUR_REQUESTS) == 20
