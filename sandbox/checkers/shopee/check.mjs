// Works a Shopee order to its end with somebody else's SDK, against the sandbox.
// See README.md. Every step that goes wrong ends the run with status 1.
import assert from "node:assert/strict";
import { ShopeeSDK } from "@congminh1254/shopee-sdk";

const control = process.env.SANDBOX_CONTROL ?? "http://127.0.0.1:8900";
const redirect = "http://localhost:8069/back";

async function ask(method, path, body) {
  const answer = await fetch(control + path, {
    method,
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${await answer.clone().text()}`);
  return answer.json();
}

function step(text) {
  console.log("ok  " + text);
}

const providers = await ask("GET", "/providers");
const shopee = providers.find((one) => one.code === "shopee");
await ask("POST", "/shopee/reset");
const keys = shopee.credentials;
const shopId = Number(Object.keys(keys.shops)[0]);
const sdk = new ShopeeSDK({
  partner_id: keys.partner_id,
  partner_key: keys.partner_key,
  shop_id: shopId,
  base_url: shopee.url + "/api/v2",
  base_auth_url: keys.auth_url,
});

// === AUTHORIZE === //
const page = new URL(sdk.getAuthorizationUrl(redirect, { state: "s1" }));
assert.ok((await (await fetch(page)).text()).includes("Confirm authorization"));
const form = new URLSearchParams(page.searchParams);
form.set("account", `shop:${shopId}`);
const back = await fetch(keys.auth_url, {
  method: "POST",
  body: form,
  redirect: "manual",
});
const landed = new URL(back.headers.get("location"));
assert.equal(landed.searchParams.get("state"), "s1");
const token = await sdk.authenticateWithCode(landed.searchParams.get("code"), shopId);
assert.equal(token.expire_in, 14400);
step("authorized and exchanged the code");

const renewed = await sdk.refreshToken();
assert.notEqual(renewed.refresh_token, token.refresh_token);
await ask("POST", `/shopee/shops/${shopId}/expire_tokens`);
const info = await sdk.shop.getShopInfo();
assert.equal(info.region, "VN");
step("refreshed; an expired token is refreshed by the SDK itself");

// === READ === //
const made = await ask("POST", "/shopee/orders", {
  items: [{ sku: "AT-SG-DEN-L", qty: 2 }],
});
const now = Math.floor(Date.now() / 1000);
const list = await sdk.order.getOrderList({
  time_range_field: "update_time",
  time_from: now - 86400,
  time_to: now + 60,
  page_size: 50,
  response_optional_fields: "order_status",
});
assert.equal(list.response.order_list[0].order_sn, made.order_sn);
const detail = await sdk.order.getOrderDetail({
  order_sn_list: [made.order_sn],
  response_optional_fields: ["item_list", "package_list", "total_amount"],
});
const order = detail.response.order_list[0];
assert.equal(order.total_amount, made.total);
assert.equal(order.item_list[0].model_sku, "AT-SG-DEN-L");
step("found the order and read it");

const items = await sdk.product.getItemList({
  offset: 0,
  page_size: 50,
  item_status: ["NORMAL", "UNLIST"],
});
const ids = items.response.item.map((one) => one.item_id);
const bases = await sdk.product.getItemBaseInfo({ item_id_list: ids });
assert.equal(bases.response.item_list.length, ids.length);
const models = await sdk.product.getModelList({ item_id: ids[0] });
assert.ok(models.response.model.length > 1);
await sdk.product.updateStock({
  item_id: ids[0],
  stock_list: [
    { model_id: models.response.model[0].model_id, seller_stock: [{ stock: 7 }] },
  ],
});
step("read the listings, wrote a stock");

// === SHIP === //
const parameter = await sdk.logistics.getShippingParameter({ order_sn: made.order_sn });
const address = parameter.response.pickup.address_list[0];
const shipment = {
  order_sn: made.order_sn,
  pickup: {
    address_id: address.address_id,
    pickup_time_id: address.time_slot_list[0].pickup_time_id,
  },
};
await sdk.logistics.shipOrder(shipment);
await assert.rejects(sdk.logistics.shipOrder(shipment), /already/);
const tracking = await sdk.logistics.getTrackingNumber({ order_sn: made.order_sn });
assert.match(tracking.response.tracking_number, /^SPXVN/);
step("arranged the shipment once, got " + tracking.response.tracking_number);

const row = { order_sn: made.order_sn, shipping_document_type: "THERMAL_AIR_WAYBILL" };
await sdk.logistics.getShippingDocumentParameter({ order_list: [row] });
await sdk.logistics.createShippingDocument({
  order_list: [{ ...row, tracking_number: tracking.response.tracking_number }],
});
const result = await sdk.logistics.getShippingDocumentResult({ order_list: [row] });
assert.equal(result.response.result_list[0].status, "READY");
const label = await sdk.logistics.downloadShippingDocument({
  shipping_document_type: "THERMAL_AIR_WAYBILL",
  order_list: [{ order_sn: made.order_sn }],
});
assert.equal(label.subarray(0, 4).toString(), "%PDF");
step(`printed a label of ${label.length} bytes`);

// === MONEY === //
for (const verb of ["pickup", "deliver", "complete"]) {
  await ask("POST", `/shopee/orders/${made.order_sn}/${verb}`);
}
const info2 = await sdk.logistics.getTrackingInfo({ order_sn: made.order_sn });
assert.equal(info2.response.logistics_status, "LOGISTICS_DELIVERY_DONE");
const escrow = await sdk.payment.getEscrowDetail({ order_sn: made.order_sn });
const batch = await sdk.payment.getEscrowDetailBatch({ order_sn_list: [made.order_sn] });
const released = await sdk.payment.getEscrowList({
  release_time_from: now - 60,
  release_time_to: now + 600,
});
assert.equal(
  released.response.escrow_list[0].payout_amount,
  escrow.response.order_income.escrow_amount,
);
assert.equal(batch.response[0].escrow_detail.order_sn, made.order_sn);
step("delivered and paid out " + escrow.response.order_income.escrow_amount);

const returns = await sdk.returns.getReturnList({ page_no: 0, page_size: 40 });
assert.deepEqual(returns.response.return, []);
const config = await sdk.push.getAppPushConfig();
assert.ok(config.response.push_config_on_list.includes(3));
await sdk.public.getShopsByPartner({ page_size: 100, page_no: 1 });
step("returns, push configuration, authorized shops");

const ledger = await ask("GET", "/shopee/ledger");
const arranged = ledger.filter((effect) => effect.operation === "ship_order");
assert.equal(arranged.length, 1);
step("the ledger has one ship_order");
