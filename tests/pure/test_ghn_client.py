"""GHN's client and mapping without Odoo."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.gtg_connector_base.lib import errors, transport
from odoo.addons.gtg_vn_carriers.lib import shipping
from odoo.addons.gtg_vn_carriers.lib.shipping import Box, Item, Limits, Party, Shipment
from odoo.addons.gtg_vn_carriers.providers.ghn import client, const, mapping

TO = Party("Bưởi", "0912345678", "12 Lê Lợi", "Phường Sài Gòn", "Hồ Chí Minh")
ONE = Shipment("WHOUT00042-1-1", TO, Box(800, 15, 15, 15), cod=Decimal(350000),
               value=Decimal(9000000), items=(Item("Áo", "A", 1, Decimal(350000), 800),))


class Wire:
    def __init__(self, status=200, body=b"", headers=None):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers = [transport.Answer(status, headers or {}, content, 0.0)]
        self.sent = []

    def send(self, method, path, **options):
        self.sent.append((method, path, options))
        return self.answers[min(len(self.sent), len(self.answers)) - 1]


def ghn(status=200, body=b"", headers=None):
    return client.Ghn(Wire(status, body, headers), "canary-token", 200123)


# === REQUESTS === #


def test_the_two_level_model_has_no_district():
    body = mapping.create_body(ONE)
    assert body["is_new_to_address"] is True
    assert body["to_ward_name"] == "Phường Sài Gòn"
    assert not {key for key in body if "district" in key}
    assert body["insurance_value"] == 5_000_000
    assert all(isinstance(body[key], int) for key in (
        "weight", "length", "cod_amount", "insurance_value", "payment_type_id"))


@pytest.mark.parametrize("street", ["", "  ", "1** Lê ***"])
def test_a_masked_street_is_replaced_by_the_ward(street):
    body = mapping.create_body(replace(ONE, to=replace(TO, street=street)))
    assert body["to_address"] == "Phường Sài Gòn, Hồ Chí Minh"


def test_a_heavy_box_is_one_row():
    body = mapping.create_body(replace(ONE, box=Box(25000, 60, 40, 40)))
    assert body["service_type_id"] == const.HEAVY
    row, = body["items"]
    assert (row["quantity"], row["weight"], row["length"]) == (1, 25000, 60)


def test_the_token_goes_in_a_header_only():
    wire = Wire(200, {"code": 200, "data": {"order_code": "A1", "total_fee": "34000"}})
    answer = client.Ghn(wire, "canary-token", 1).create(ONE)
    assert answer.fee == 34000
    (_method, path, options), = wire.sent
    assert "canary" not in path + json.dumps(options["json"])
    assert options["headers"]["Token"] == "canary-token"


# === ANSWERS === #

UNKNOWN = [
    (200, b""), (200, b"<html>"), (200, {"code": 500, "message": "x"}), (502, b"<html>"),
    (500, {"code": 200, "data": {}}), (200, {"code": 200, "data": {}}),
    (200, {"code": 200, "data": {"order_code": ""}}), (200, {"code": 200}),
    (400, {"code": 400, "message": "[online] Chưa init Redis"}), (504, b""),
    (400, {"code": 400, "message": "Too many request. This request is processing"}),
    (200, b"[]"), (302, b""), (408, {"code": 408}),
    # a success, or its contrary, that names no code or another one proves nothing
    (200, {}), (200, {"message": "Success", "data": {}}), (201, {"code": "x"}),
    (400, {"code": 200, "data": {}}),
    # an outage hides behind a machine code that nobody knows
    (400, {"code": 400, "message": "redis timeout", "code_message": "XYZ_FAILED"}),
    # whatever a broken server writes, it is the server that broke
    (500, {"code": 500, "message": "code=401, message=Token is not valid!"}),
    (500, {"code": 500, "message": "Order not found"}),
    (502, {"code": 400, "message": "x", "code_message": "SHOP_NOT_FOUND"}),
    (500, {"code": 429}), (200, {"code": 500, "message": "code=401"}),
]


@pytest.mark.parametrize("status,body", UNKNOWN)
def test_a_create_that_may_have_worked_is_never_a_failure(status, body):
    with pytest.raises(errors.OutcomeUnknown):
        ghn(status, body).create(ONE)


@pytest.mark.parametrize("status,body", UNKNOWN)
def test_the_same_on_a_read_is_just_tried_again(status, body):
    with pytest.raises(errors.Retryable):
        ghn(status, body).preview(ONE)


@pytest.mark.parametrize("status,body", [
    (200, {"code": 400, "message": "no", "code_message": "USER_ERR_COMMON"}),
    (400, {"code": 400, "message": "Sai timeout?", "code_message": "PHONE_INVALID"}),
    (400, {"code": 400, "message": "no connection", "code_message": "USER_ERR_COMMON"}),
    (400, {"code": 400, "message": "no", "code_message": "NEW_RULE"}),
])
def test_a_refusal_is_a_refusal(status, body):
    with pytest.raises(errors.Rejected):
        ghn(status, body).create(ONE)


def test_missing_fields_are_named():
    text = ("Key: 'ShiipCreate.ToName' Error:Field validation for 'ToName' failed on "
            "the 'required' tag\nKey: 'ShiipCreate.Weight' Error: …")
    with pytest.raises(errors.Rejected) as caught:
        ghn(400, {"code": 400, "message": text}).create(ONE)
    assert "the name of the buyer, the weight" in caught.value.hint


def test_throttled():
    with pytest.raises(errors.RateLimited) as caught:
        ghn(429, {"code": 429, "message": "x"}, {"Retry-After": "7"}).create(ONE)
    assert caught.value.after == 7


@pytest.mark.parametrize("body", [
    {"code": 400, "message": "code=401, message=Token is not valid!"},
    {"code": 400, "message": "Token is required!", "code_message": "USER_ERR_COMMON"},
    {"code": 400, "message": "x", "code_message": "SHOP_NOT_FOUND"},
])
def test_authorization_is_recognised_by_text_too(body):
    with pytest.raises(errors.AuthExpired):
        ghn(400, body).create(ONE)


def test_an_answer_with_a_waybill_is_a_waybill():
    """Whatever else is odd in it: the parcel exists."""
    data = {"order_code": "A1", "total_fee": {}, "sort_code": 7,
            "expected_delivery_time": "soon"}
    answer = ghn(200, {"code": 200, "data": data}).create(ONE)
    assert (answer.tracking, answer.fee, answer.expected_at) == ("A1", 0, None)
    assert answer.sort_code == "7"
    quote = ghn(200, {"code": 200, "data": {"total": 34000,
                                            "expected_delivery_time": 9}}).preview(ONE)
    assert (quote.fee, quote.expected_at) == (34000, None)


@pytest.mark.parametrize("reference", ["", "X" * 51])
def test_nothing_is_created_without_an_idempotency_key(reference):
    wire = Wire(200, {"code": 200, "data": {"order_code": "A1", "total_fee": 1}})
    with pytest.raises(errors.Rejected):
        client.Ghn(wire, "t", 1).create(replace(ONE, reference=reference))
    assert not wire.sent
    assert client.Ghn(wire, "t", 1).preview(replace(ONE, reference="")).fee == 1


def test_more_cash_than_the_portal_allows_is_not_even_asked():
    wire = Wire(200, {"code": 200, "data": None})
    with pytest.raises(errors.Rejected):
        client.Ghn(wire, "t", 1).update_cod("A1", 5_000_001)
    assert not wire.sent
    client.Ghn(wire, "t", 1).update_cod("A1", 5_000_000)
    assert wire.sent


def test_a_refusal_by_something_before_ghn_says_where_to_look():
    with pytest.raises(errors.Retryable) as caught:
        ghn(403, b"<html>Forbidden</html>").preview(ONE)
    assert "addresses" in caught.value.hint


def test_cancel_false_is_a_refusal():
    rows = [{"order_code": "A1", "result": False, "message": "Trạng thái không hợp lệ"}]
    with pytest.raises(errors.Rejected) as caught:
        ghn(200, {"code": 200, "data": rows}).cancel("A1")
    assert caught.value.text == "Trạng thái không hợp lệ"
    for rows in ([], None, [{"order_code": "B2", "result": True}], {}):
        with pytest.raises(errors.OutcomeUnknown):
            ghn(200, {"code": 200, "data": rows}).cancel("A1")


def test_unknown_reference_is_certainly_absent():
    body = {"code": 400, "message": "Lỗi: code=404, message=Đơn hàng không tồn tại"}
    assert ghn(400, body).detail_by_reference("X") is None
    with pytest.raises(errors.Retryable):
        ghn(502, b"").detail_by_reference("X")


@pytest.mark.parametrize("wrap", [lambda d: d, lambda d: [d]])
def test_detail_as_object_or_list(wrap):
    data = {"order_code": "A1", "client_order_code": "X", "status": "delivered",
            "cod_amount": "350000", "is_cod_transferred": False,
            "cod_transfer_date": "0001-01-01T00:00:00Z",
            "updated_date": "2026-11-21T04:30:11.120Z",
            "log": [{"status": "picked", "updated_date": "2026-11-20T03:00:00Z"}]}
    known = ghn(200, {"code": 200, "data": wrap(data)}).detail("A1")
    assert [e.code for e in known.events] == ["picked", "delivered"]
    assert known.cod == 350000
    assert known.cod_transferred_at is None


def test_of_several_parcels_ours_is_read():
    def row(code, status, shop):
        return {"order_code": code, "client_order_code": "X", "status": status,
                "shop_id": shop, "updated_date": "2026-11-21T04:30:11Z"}
    rows = [row("OTHER1", "ready_to_pick", 9), row("OLD1", "cancel", 200123),
            row("LIVE1", "ready_to_pick", 200123)]
    body = {"code": 200, "data": rows}
    assert ghn(200, body).detail_by_reference("X").tracking == "LIVE1"
    assert ghn(200, {"code": 200, "data": rows[:2]}).detail_by_reference(
        "X").tracking == "OLD1"
    # a parcel of another shop is told as such: the adapter refuses it
    known = ghn(200, {"code": 200, "data": rows[:1]}).detail_by_reference("X")
    assert known.extra["shop_id"] == "9"


def test_cash_collected_without_a_date_counts_from_the_last_change():
    data = {"order_code": "A1", "status": "delivered", "sort_code": "40-G",
            "updated_date": "2026-11-21T04:30:11.120Z", "is_cod_collected": True}
    known = mapping.snapshot(data)
    assert known.cod_collected_at == known.updated_at
    assert known.extra["sort_code"] == "40-G"
    assert mapping.snapshot({**data, "is_cod_collected": False}).cod_collected_at is None


def test_label_pages():
    token = json.dumps({"code": 200, "data": {"token": "t"}}).encode()
    for content, expected in ((b"%PDF-1.4", True), (b"<p>A1</p>", False)):
        wire = Wire(200, token)
        wire.answers.append(transport.Answer(200, {}, content, 0.0))
        assert client.Ghn(wire, "t", 1).label("A1") == (content, expected)
    wire = Wire(200, token)
    wire.answers.append(transport.Answer(200, {}, b"<p>expired</p>", 0.0))
    with pytest.raises(errors.Retryable):
        client.Ghn(wire, "t", 1).label("A1")


def test_pages_end_even_if_the_server_ignores_the_offset():
    rows = [{"_id": n, "name": str(n), "status": 1} for n in range(200)]
    assert len(ghn(200, {"code": 200, "data": rows}).provinces()) == 200


def test_closed_places_are_left_out():
    rows = [{"_id": n, "name": str(n), "status": n} for n in (1, 2, 10)]
    assert [u["ext_id"] for u in mapping.units(rows, "ward", "new")] == ["1"]
    old = [{"WardCode": "030712", "WardName": "x", "DistrictID": 1, "Status": 1}]
    assert mapping.units(old, "ward", "old")[0]["ext_id"] == "030712"
    for support, usable in ((0, 0), ("1", 0), (2, 1), (3, 1), (None, 1)):
        assert len(mapping.units([{**old[0], "SupportType": support}], "ward",
                                 "old")) == usable
    assert mapping.units([{"_id": 1, "name": "x", "status": "1"}], "ward", "new")


# === WEBHOOKS === #


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
        ["OrderCode", "Time", "Type", "Status", "CODAmount", "Weight", "TotalFee"]),
        inner)))
def test_nothing_a_stranger_sends_breaks_the_reader(payload):
    try:
        mapping.callback(payload)
    except ValueError:
        pass


def test_another_time_is_another_fact():
    base = {"OrderCode": "A1", "Type": "switch_status", "Status": "delivery_fail",
            "Time": "2026-11-20T03:10:00.000Z", "ShopID": 1}
    first = mapping.callback(base)
    assert first.dedupe_key == mapping.callback({**base, "Reason": "x"}).dedupe_key
    for change in ({"Time": "2026-11-20T03:10:00.001Z"}, {"Type": "update_fee"},
                   {"Status": "delivered"}, {"OrderCode": "A2"}):
        assert mapping.callback({**base, **change}).dedupe_key != first.dedupe_key


def test_unreadable_extras_do_not_lose_a_report():
    call = mapping.callback({
        "OrderCode": "A1", "Type": "switch_status", "Status": "delivered", "ShopID": 1,
        "Time": "2026-11-20T03:10:00.000Z", "Weight": {}, "ConvertedWeight": "1e999999",
        "TotalFee": "NaN", "CODAmount": "?"})
    assert (call.event.code, call.weight, call.converted_weight) == ("delivered", 0, 0)
    assert (call.fee, call.cod) == (0, None)
    for missing in ("OrderCode", "Time"):
        with pytest.raises(ValueError):
            mapping.callback({"OrderCode": "A1", "Time": "2026-11-20T03:10:00Z",
                              missing: ""})


@pytest.mark.parametrize("kind,tells", [
    ("create", True), ("Switch_Status", True), ("cod", False), ("update_fee", False),
    ("update_weight", False), ("update_cod", False), ("", False)])
def test_only_a_change_of_status_is_an_event(kind, tells):
    call = mapping.callback({"OrderCode": "A1", "Type": kind, "Status": "delivery_fail",
                             "Time": "2026-11-20T03:10:00.000Z"})
    assert bool(call.event) == tells


# === NEUTRAL === #


@pytest.mark.parametrize("text,expected", [
    ("+84 912 345 678", "0912345678"), ("84912345678", "0912345678"),
    ("0912.345.678", "0912345678"), ("0084912345678", "0912345678"),
    ("+840912345678", "0912345678"), ("(024) 3825 1234", "02438251234"),
])
def test_phones(text, expected):
    assert shipping.local_phone(text) == expected


@pytest.mark.parametrize("text", ["", None, "123", "******78", "+1 212 555 0100",
                                  "09123456789", "0012345678", "0123456789"])
def test_no_phones(text):
    with pytest.raises(errors.Rejected):
        shipping.local_phone(text)


@pytest.mark.parametrize("change", [
    {"to": replace(TO, phone="(024) 3825 1234")},  # README 2: ten digits
    {"service": "2", "box": Box(20000, 15, 15, 15)},
])
def test_what_ghn_refuses_is_told_before(change):
    limits = Limits(50000, 150, Decimal(50_000_000))
    assert mapping.check(ONE, limits).to.phone == "0912345678"
    with pytest.raises(errors.Rejected):
        mapping.check(replace(ONE, **change), limits)


def test_the_fee_call_knows_a_lower_cod():
    assert mapping.fee_body(TO, ONE.box, Decimal(12_000_000))["cod_value"] == 10_000_000
    assert mapping.create_body(replace(ONE, cod=Decimal(12_000_000)))[
        "cod_amount"] == 12_000_000


def test_limits():
    limits = Limits(50000, 150, Decimal(50_000_000))
    for box in (Box(0, 1, 1, 1), Box(1, 0, 1, 1), Box(50001, 1, 1, 1),
                Box(1, 151, 1, 1)):
        with pytest.raises(errors.Rejected):
            shipping.check_box(box, limits)
    shipping.check_box(Box(50000, 150, 150, 150), limits)
    for cod in (Decimal(-1), Decimal("0.5"), Decimal(50_000_001)):
        with pytest.raises(errors.Rejected):
            shipping.check_cod(cod, limits)


@given(st.text(max_size=80), st.integers(1, 99), st.integers(1, 99))
def test_references_fit_and_differ(document, box, generation):
    one = shipping.reference(document, box, generation, "K3QF")
    assert len(one) <= 50 and one.isascii()
    assert one != shipping.reference(document, box, generation + 1, "K3QF")
    assert one != shipping.reference(document, box, generation, "ZZZZ")
