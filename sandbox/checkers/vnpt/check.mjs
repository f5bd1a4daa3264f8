// node-soap issues, polls, fetches and adjusts an invoice at the VNPT sandbox.
import assert from "node:assert/strict";
import soap from "soap";

const control = process.env.SANDBOX_CONTROL ?? "http://127.0.0.1:8900";
const get = async (path) => (await fetch(control + path)).json();
const post = async (path, body = {}) =>
    (await fetch(control + path, { method: "POST", body: JSON.stringify(body) })).json();

await post("/vnpt/reset");
const { credentials } = (await get("/providers")).find((one) => one.code === "vnpt");
const customer = credentials.giomoi;
const serial = customer.series[0].split(" ")[1];
const place = { pattern: "1/001", serial };
const staff = { Account: customer.Account, ACpass: customer.ACpass };
const technical = { username: customer.username, password: customer.password };
const portal = { userName: customer.username, userPass: customer.password };

const clients = {};
for (const name of ["PublishService", "BusinessService", "PortalService"]) {
    clients[name] = await soap.createClientAsync(`${customer.base}/${name}.asmx?wsdl`);
}
const call = async (service, operation, args) => {
    const [answer] = await clients[service][`${operation}Async`](args);
    return answer[`${operation}Result`];
};
const content = (net, tax) => `<TTChung><DVTTe>VND</DVTTe></TTChung><NDHDon>
<NMua><Ten>Công ty A &amp; B</Ten><DChi>Hà Nội</DChi></NMua><DSHHDVu><HHDVu><TChat>1</TChat>
<THHDVu>Áo thun</THHDVu><SLuong>1</SLuong><DGia>${net}</DGia><ThTien>${net}</ThTien>
<TSuat>10</TSuat><TThue>${tax}</TThue></HHDVu></DSHHDVu><TToan><THTTLTSuat><LTSuat>
<TSuat>10</TSuat><ThTien>${net}</ThTien><TThue>${tax}</TThue></LTSuat></THTTLTSuat>
<TgTTTBSo>${net + tax}</TgTTTBSo><TgTTTBChu>x</TgTTTBChu></TToan></NDHDon>`;
const batch = `<DSHDon><HDon><key>NODE1</key><DLHDon>${content(100000, 10000)}</DLHDon></HDon></DSHDon>`;

const order = { ...staff, xmlInvData: batch, ...technical, ...place, convert: 0 };
assert.equal(await call("PublishService", "ImportAndPublishInv", order), `OK:1/001;${serial}-NODE1_1`);
assert.equal(await call("PublishService", "ImportAndPublishInv", order), "ERR:13");
const pdf = () => call("PortalService", "downloadInvPDFFkeyNoPay", { fkey: "NODE1", ...portal });
assert.equal(await pdf(), "ERR:12");
const states = [];
for (let poll = 0; poll < 2; poll++) {
    const text = await call("PublishService", "GetMCCQThueByFkeys", {
        ...staff, ...technical, pattern: "1/001", fkeys: "NODE1",
    });
    states.push(Buffer.from(text, "base64").toString().match(/<TThai>(\d)/)[1]);
}
assert.equal(states.at(-1), "2");
assert.ok(Buffer.from(await pdf(), "base64").toString("latin1").startsWith("%PDF-"));
const xml = await call("PortalService", "downloadInvFkeyNoPay", { fkey: "NODE1", ...portal });
assert.ok(xml.includes("Công ty A &amp; B"));
const adjusted = await call("BusinessService", "AdjustInvoiceAction", {
    ...staff,
    xmlInvData: `<DieuChinhHD><key>NODE2</key><Type>3</Type>${content(50000, 5000)}</DieuChinhHD>`,
    username: technical.username, pass: technical.password,
    fkey: "NODE1", AttachFile: "", convert: 0, ...place,
});
assert.equal(adjusted, `OK: 1/001;${serial};0000002`);
console.log("node-soap: issued, accepted, fetched, adjusted");
