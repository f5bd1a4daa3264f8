"""Shopee's payloads -> orders: exact money, tolerance, and no guesses."""

import copy
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.gtg_marketplace_connector.lib import orders as o
from odoo.addons.gtg_marketplace_connector.providers.shopee import const, mapping

COD_ORDER = {
    "order_sn": "2611220A1B2C3D", "region": "VN", "currency": "VND", "cod": True,
    "order_status": "READY_TO_SHIP", "message_to_seller": "Giao giờ hành chính",
    "create_time": 1792990000, "update_time": 1792990420, "ship_by_date": 1793163600,
    "total_amount": 274500, "buyer_user_id": 1170319091, "buyer_username": "huong.ng92",
    "estimated_shipping_fee": 16500, "payment_method": "Cash on Delivery",
    "shipping_carrier": "SPX Instant", "pay_time": 0, "note": "", "split_up": False,
    "fulfillment_flag": "fulfilled_by_local_seller", "invoice_data": None,
    "recipient_address": {
        "name": "N******g", "phone": "******18", "town": "", "region": "VN",
        "district": "Phường Bến Nghé", "city": "Quận 1", "state": "TP. Hồ Chí Minh",
        "zipcode": "", "full_address": "12******"},
    "item_list": [{
        "item_id": 23812345678, "item_name": "Áo thun cổ tròn", "item_sku": "AT-SG",
        "model_id": 198765432101, "model_name": "Đen,L", "model_sku": "AT-SG-DEN-L",
        "model_quantity_purchased": 2, "model_original_price": 149000,
        "model_discounted_price": 129000, "order_item_id": 23812345678,
        "promotion_group_id": 0}],
    "package_list": [{
        "package_number": "OFG210987654321", "logistics_status": "LOGISTICS_READY",
        "shipping_carrier": "SPX Express", "group_shipment_id": 0, "item_list": [{
            "item_id": 23812345678, "model_id": 198765432101, "model_quantity": 2,
            "order_item_id": 23812345678, "promotion_group_id": 0}]}],
}


def changed(**values):
    return {**copy.deepcopy(COD_ORDER), **values}


def test_a_cod_order():
    order = mapping.order(COD_ORDER)
    assert (order.ref, order.status, order.is_cod) == (
        "2611220A1B2C3D", o.TO_SHIP, True)
    assert order.total == order.sale_total == Decimal(274500)
    assert order.difference == 0
    assert not mapping.needs_escrow(COD_ORDER, order)
    assert order.paid_at is None
    assert order.recipient.masked == {"name", "phone", "street"}
    assert order.recipient.district == "Quận 1"
    assert order.recipient.ward == "Phường Bến Nghé"
    assert order.ship_by.isoformat() == "2026-10-28T05:00:00+00:00"
    (line,) = order.lines
    assert (line.sku, line.quantity, line.price) == ("AT-SG-DEN-L", 2, 129000)
    (package,) = order.packages
    assert package.status == o.PACKAGE_READY
    assert package.shippable
    assert not package.arranged
    assert package.quantities == ((line.line_key, 2),)


def test_numbers_may_be_text_floats_or_decimals():
    rows = json.loads(json.dumps(COD_ORDER["item_list"]))
    rows[0].update(model_quantity_purchased="2", model_discounted_price="129000.00",
                   model_original_price=149000.0)
    order = mapping.order(changed(item_list=rows, total_amount="274500.0",
                                  buyer_user_id="1170319091",
                                  create_time="1792990000"))
    assert order.digest == mapping.order(COD_ORDER).digest


def test_only_the_default_fields():
    names = ("order_sn", "region", "currency", "cod", "order_status",
             "message_to_seller", "create_time", "update_time", "ship_by_date")
    bare = {name: COD_ORDER[name] for name in names}
    with pytest.raises(o.Unreadable):
        mapping.order(bare)
    order = mapping.order({**bare, "item_list": COD_ORDER["item_list"]})
    assert order.total is None
    assert order.recipient.empty
    assert order.packages == ()


def test_free_shipping_is_not_a_mismatch():
    payload = changed(total_amount=258000)
    order = mapping.order(payload)
    assert (order.shipping, order.difference) == (0, 0)
    assert mapping.needs_escrow(payload, order), "the escrow knows better"


def test_vouchers_of_both_sides():
    payload = changed(total_amount=239500)
    assert mapping.needs_escrow(payload, mapping.order(payload))
    order = mapping.order(payload, {
        "buyer_paid_shipping_fee": 16500, "voucher_from_seller": 20000,
        "voucher_from_shopee": 10000, "coins": "5000"})
    assert order.sale_total == 254500
    assert (order.seller_discount, order.platform_discount) == (20000, 15000)
    assert order.difference == 0


def test_what_nobody_explains_stays_visible():
    payload = changed(total_amount=270000)
    assert mapping.order(payload).difference == -4500
    assert mapping.order(payload, {"buyer_paid_shipping_fee": 16500}).difference == -4500


def test_a_bundle_takes_its_price_from_the_escrow():
    rows = copy.deepcopy(COD_ORDER["item_list"])
    rows[0].update(model_discounted_price=0, model_quantity_purchased=3)
    payload = changed(item_list=rows, total_amount=116500)
    assert mapping.needs_escrow(payload, mapping.order(payload))
    order = mapping.order(payload, {"buyer_paid_shipping_fee": 16500, "items": [{
        "item_id": 23812345678, "model_id": 198765432101, "quantity_purchased": 3,
        "discounted_price": 100000}]})
    assert order.difference == 0
    assert o.priced_parts(order.lines[0], 0) == [(2, 33333), (1, 33334)]


def test_the_same_article_twice_is_two_lines():
    rows = COD_ORDER["item_list"] * 2
    order = mapping.order(changed(item_list=rows, total_amount=532500))
    assert len({line.line_key for line in order.lines}) == 2
    assert order.goods == 516000


@pytest.mark.parametrize("word", list(const.ORDER_STATUS))
def test_every_status_has_a_meaning(word):
    assert mapping.order(changed(order_status=word)).status != o.UNKNOWN


def test_a_new_status_is_never_acted_upon():
    order = mapping.order(changed(order_status="TELEPORTED"))
    assert (order.status, order.platform_status) == (o.UNKNOWN, "TELEPORTED")


@pytest.mark.parametrize("values", [
    {"fulfillment_flag": "fulfilled_by_shopee"}, {"advance_package": True},
    {"booking_sn": "B1"}, {"package_list": [
        {**COD_ORDER["package_list"][0], "group_shipment_id": 7}]}])
def test_parcels_that_are_not_ours_to_ship(values):
    assert not mapping.order(changed(**values)).packages[0].shippable


@pytest.mark.parametrize("values", [
    {"item_list": []}, {"item_list": None}, {"order_sn": ""}, {"order_status": None},
    {"total_amount": "NaN"}, {"total_amount": True}, {"total_amount": "1e99"},
    {"item_list": [{**COD_ORDER["item_list"][0], "model_quantity_purchased": 0}]},
    {"item_list": [{**COD_ORDER["item_list"][0], "model_discounted_price": -1}]}])
def test_what_would_make_a_wrong_order_is_refused(values):
    with pytest.raises(o.Unreadable):
        mapping.order(changed(**values))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(key=st.sampled_from(sorted(COD_ORDER)), value=JSON)
def test_any_nonsense_is_an_order_or_unreadable(key, value):
    try:
        order = mapping.order(changed(**{key: value}))
    except o.Unreadable:
        return
    assert order.digest
    assert "\0" not in order.buyer_note + order.recipient.name


@settings(max_examples=300, deadline=None)
@given(key=st.sampled_from(sorted(COD_ORDER["item_list"][0])), value=JSON)
def test_nonsense_in_a_line(key, value):
    rows = [{**COD_ORDER["item_list"][0], key: value}]
    try:
        order = mapping.order(changed(item_list=rows))
    except o.Unreadable:
        return
    assert order.goods >= 0


@settings(max_examples=300, deadline=None)
@given(total=st.integers(0, 10**9), pieces=st.integers(1, 500),
       decimals=st.sampled_from([0, 2]))
def test_a_bundle_is_split_to_the_last_unit(total, pieces, decimals):
    amount = Decimal(total).scaleb(-decimals)
    line = o.OrderLine("k", "1", "0", "", "", Decimal(pieces), Decimal(0), total=amount)
    parts = o.priced_parts(line, decimals)
    assert sum(quantity * price for quantity, price in parts) == amount
    assert sum(quantity for quantity, _price in parts) == pieces
    assert len({price for _quantity, price in parts}) <= 2


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_a_mask_is_two_stars_at_least(text):
    assert o.is_masked(text) == ("**" in text)


@pytest.mark.parametrize(("push", "shops", "order"), [
    ({"code": 3, "shop_id": 5, "data": {"ordersn": "A"}}, ["5"], "A"),
    ({"code": 29, "shop_id": "5", "data": {"order_sn": "A"}}, ["5"], "A"),
    ({"code": 2, "partner_id": 1, "data": {
        "extra": "shop id 226417938 (VN) has been cancelled its authorization"}},
     ["226417938"], ""),
    ({"code": 12, "data": {"shop_expire_soon": [7, 8]}}, ["7", "8"], ""),
    ({"code": 1, "data": {"shop_id_list": ["7"], "main_account_id": 3}}, ["7"], ""),
    ({"code": 5, "data": "text"}, [], ""),
])
def test_what_a_push_names(push, shops, order):
    assert mapping.push_shops(push) == shops
    assert mapping.push_order(push) == order


def offer(**values):
    return {"info_needed": {"dropoff": [], "pickup": ["address_id", "pickup_time_id"]},
            "dropoff": {"branch_list": None}, "pickup": {"address_list": [
                {"address_id": 1, "address_flag": ["return_address"],
                 "time_slot_list": [{"pickup_time_id": "a"}]},
                {"address_id": 2, "address_flag": ["default_address", "pickup_address"],
                 "time_slot_list": [{"pickup_time_id": "b"}, {
                     "pickup_time_id": "c", "flags": ["recommended"]}]}]}, **values}


def test_hand_over():
    assert mapping.hand_over(offer()) == (
        "pickup", {"address_id": 2, "pickup_time_id": "c"})
    assert mapping.hand_over(offer(), "dropoff") == ("dropoff", {})
    only = offer(info_needed={"pickup": ["address_id"]}, pickup={
        "address_list": [{"address_id": 9, "time_slot_list": None}]})
    assert mapping.hand_over(only) == ("pickup", {"address_id": 9})
    with pytest.raises(o.Unreadable):
        mapping.hand_over(offer(info_needed={"non_integrated": ["tracking_no"]}))
    with pytest.raises(o.Unreadable):
        mapping.hand_over({})


def test_lifetime_may_be_a_date():
    flat = {"access_token": "a", "refresh_token": "r", "shop_id": 5}
    assert mapping.tokens({**flat, "expire_in": 14400}, 0).lifetime == 14400
    odd = mapping.tokens({**flat, "expire_in": 1767001812}, 1767000000)
    assert (odd.lifetime, odd.shop_refs) == (1812, ("5",))


@pytest.mark.parametrize(("row", "wanted"), [
    ({"invoice_type": "company", "invoice_detail": {
        "company_name": "CÔNG TY A", "company_tax_id": "0312345678",
        "company_address": "12 Nguyễn Huệ", "company_email": "a@b.example"}},
     o.InvoiceBuyer("company", "CÔNG TY A", "0312345678", "", "12 Nguyễn Huệ",
                    "a@b.example")),
    ({"invoice_type": "personal", "invoice_detail": {
        "name": "Bưởi", "tax_id": None, "national_id": "001188001234",
        "address": "1 Hàng Bạc", "email": ""}},
     o.InvoiceBuyer("person", "Bưởi", "", "001188001234", "1 Hàng Bạc")),
    ({"invoice_type": "household", "invoice_detail": {
        "name": "Hộ kinh doanh Bưởi", "tax_id": 8012345678}},
     o.InvoiceBuyer("household", "Hộ kinh doanh Bưởi", "8012345678")),
    ({"invoice_type": "company", "invoice_detail": {
        "company_name": "CÔNG TY A", "company_tax_id": "****"}}, None),
    ({"invoice_type": "company", "invoice_detail": {}}, None),
    ({"invoice_type": "", "invoice_detail": None,
      "error": "receipt settings not found"}, None),
    ({"invoice_type": "kingdom", "invoice_detail": {"name": "x"}}, None),
])
def test_whom_the_invoice_shall_name(row, wanted):
    assert mapping.invoice_buyer(row) == wanted
