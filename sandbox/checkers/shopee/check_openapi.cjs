// A third SDK against the sandbox: the signed link, tokens and reading. See README.md.
// It has no calls to ship with, and its host is fixed: the adapter below moves it.
const assert = require("node:assert/strict");
const service = require("shopee-openapi-v2/dist/utils/request").axios_service;
const sdk = require("shopee-openapi-v2").default;

const control = process.env.SANDBOX_CONTROL ?? "http://127.0.0.1:8900";

async function ask(method, path, body) {
  const answer = await fetch(control + path, {
    method,
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${await answer.clone().text()}`);
  return answer.json();
}

function good(answer) {
  assert.equal(answer.data.error, "", JSON.stringify(answer.data));
  return answer.data.response ?? answer.data;
}

async function main() {
  const providers = await ask("GET", "/providers");
  const shopee = providers.find((one) => one.code === "shopee");
  await ask("POST", "/shopee/reset");
  const keys = shopee.credentials;
  const shop_id = Number(Object.keys(keys.shops)[0]);
  const original = service.defaults.adapter;
  service.defaults.adapter = (config) =>
    original({ ...config, baseURL: shopee.url });
  sdk.setAppConfig({
    partner_id: keys.partner_id,
    partner_key: keys.partner_key,
    is_dev: false,
    redirect: "http://localhost:8069/back",
  });

  const link = new URL(sdk.getAuthLink());
  const page = await fetch(shopee.url + link.pathname + link.search);
  assert.ok((await page.text()).includes("Confirm authorization"));
  const form = new URL(page.url).searchParams;
  form.set("account", `shop:${shop_id}`);
  const back = await fetch(keys.auth_url, {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  const code = new URL(back.headers.get("location")).searchParams.get("code");
  const partner_id = keys.partner_id;
  const first = good(await sdk.getAccesstoken({ code, shop_id, partner_id }));
  const { refresh_token } = first;
  const second = good(
    await sdk.refreshAccessToken({ refresh_token, shop_id, partner_id }),
  );
  const who = { shop_id, access_token: second.access_token };
  console.log("ok  authorized by the signed link, exchanged, refreshed");

  assert.equal(good(await sdk.shop.getShopInfo({ ...who })).region, "VN");
  const made = await ask("POST", "/shopee/orders", {});
  const now = Math.floor(Date.now() / 1000);
  const list = good(
    await sdk.order.getOrderList({
      ...who,
      time_range_field: "create_time",
      time_from: now - 86400,
      time_to: now + 60,
      page_size: 20,
      cursor: "",
    }),
  );
  assert.equal(list.order_list[0].order_sn, made.order_sn);
  const detail = good(
    await sdk.order.getOrderDetail({
      ...who,
      order_sn_list: [made.order_sn],
      response_optional_fields: ["item_list", "total_amount"],
    }),
  );
  assert.equal(detail.order_list[0].total_amount, made.total);
  good(await sdk.order.setNote({ ...who, order_sn: made.order_sn, note: "Gọi trước" }));
  console.log("ok  found the order, read it, left a note");

  const item_ids = detail.order_list[0].item_list.map((line) => line.item_id);
  const bases = await sdk.product.getItemBaseInfo({ ...who, item_id_list: item_ids });
  assert.equal(good(bases).item_list[0].item_id, item_ids[0]);
  good(await sdk.product.getModelList({ ...who, item_id: item_ids[0] }));
  const escrow = await sdk.payment.getEscrowDetail({ ...who, order_sn: made.order_sn });
  assert.ok(good(escrow).order_income.escrow_amount > 0);
  console.log("ok  read the listings and the escrow");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
