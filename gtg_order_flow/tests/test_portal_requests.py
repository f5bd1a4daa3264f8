import base64
from datetime import timedelta

from odoo import fields, http
from odoo.tests import HttpCase, tagged

from .return_cases import ReturnCase

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestPortalRequests(ReturnCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.portal = self._user("portal-lan", "base.group_portal")
        self.order = self._delivered(2, partner_id=self.portal.partner_id.id)
        self.tea_line = self.order.order_line[0]

    def _post(self, path, data=None, login="portal-lan", files=None, order=None):
        self.authenticate(login, login)
        order = order or self.order
        return self.url_open(
            f"/my/orders/{order.id}/{path}",
            data={"csrf_token": http.Request.csrf_token(self), **(data or {})},
            files=files,
        )

    def _form(self, **values):
        return {
            f"qty_{self.tea_line.id}": "1",
            "reason_id": str(self.reason.id),
            "wish": "refund",
            "note": "Too big",
            **values,
        }

    def _returns(self):
        return self.env["gtg.order.return"].search([("order_id", "=", self.order.id)])

    def test_portal_return_tour(self):
        self.start_tour(
            self.order.get_portal_url(),
            "gtg_order_flow_portal_return",
            login="portal-lan",
        )
        one = self._returns()
        self.assertEqual(one.line_ids.mapped("quantity"), [1])
        self.assertEqual((one.note, one.by_buyer), ("Tin is too big", True))

    def test_return_with_photo(self):
        answer = self._post(
            "return",
            self._form(wish="exchange"),
            files=[("photos", ("../../x.svg", PNG, "image/svg+xml"))],
        )
        one = self._returns()
        self.assertEqual(one.wish, "exchange")
        self.assertEqual(one.photo_ids.mimetype, "image/png")
        self.assertEqual(one.photo_ids.name, f"{one.name}-1.png")
        self.assertIn(one.name, answer.text)

    def test_hostile_and_wrong_input_writes_nothing(self):
        line = self.tea_line.id
        foreign = self._delivered(5).order_line[0]
        svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
        cases = [
            ({f"qty_{line}": "3"}, None, "from 0 to 2"),
            ({f"qty_{line}": "-1"}, None, "from 0 to 2"),
            ({f"qty_{line}": "nan"}, None, "from 0 to 2"),
            ({f"qty_{line}": "1e999"}, None, "from 0 to 2"),
            ({f"qty_{line}": "'; DROP TABLE sale_order; --"}, None, "from 0 to 2"),
            ({f"qty_{line}": "0.0000001"}, None, "from 0 to 2"),
            ({f"qty_{line}": ""}, None, "how many"),
            ({f"qty_{line}": "0"}, None, "how many"),
            ({f"qty_{foreign.id}": "1"}, None, "cannot be returned"),
            ({"qty_x": "1"}, None, "cannot be returned"),
            ({"qty_": "1"}, None, "cannot be returned"),
            ({"reason_id": "999999999999"}, None, "choose why"),
            ({"reason_id": "1 OR 1=1"}, None, "choose why"),
            ({"reason_id": ""}, None, "choose why"),
            ({}, [("photos", ("a.png", svg, "image/png"))], "JPEG, PNG"),
            ({}, [("photos", ("a.png", b"MZ" + b"\0" * 99, "image/png"))], "JPEG"),
            ({}, [("photos", ("a.png", b"", "image/png"))], "JPEG"),
            ({}, [("photos", ("a.png", PNG, "image/png"))] * 6, "5 photos"),
            (
                {},
                [("photos", ("a.png", PNG + b"\0" * 5 * 1024 * 1024, "image/png"))],
                "5 MB",
            ),
        ]
        for changes, files, sentence in cases:
            with self.subTest(changes=changes, files=bool(files)):
                answer = self._post("return", self._form(**changes), files=files)
                self.assertEqual(answer.status_code, 200)
                self.assertIn(sentence, answer.text)
                self.assertFalse(self._returns())

    def test_hostile_note_is_text(self):
        note = "<script>alert(1)</script>{{ object.name }}${7*7}\x00\x07" + "A" * 5000
        answer = self._post("return", self._form(note=note))
        self.assertEqual(answer.status_code, 200)
        one = self._returns()
        self.assertEqual(len(one.note), 2000)
        self.assertNotIn("\x00", one.note)
        bad = self._post("return", self._form(note=note, reason_id="x"))
        self.assertNotIn("<script>alert(1)", bad.text)

    def test_only_the_owner_or_who_has_the_link(self):
        self._user("portal-minh", "base.group_portal")
        self._post("return", self._form(), login="portal-minh")
        self.assertFalse(self._returns())
        self._post("return", self._form(access_token="wrong"), login="portal-minh")
        self.assertFalse(self._returns())
        self._post("cancel_request", {}, login="portal-minh")
        self.assertFalse(self.order.gtg_cancel_request_ids)
        page = self.url_open(f"/my/orders/{self.order.id}/return")
        self.assertNotIn("Oolong tea", page.text)
        huge = self.url_open("/my/orders/99999999999999999999/return")
        self.assertEqual(huge.status_code, 200)
        token = self.order._portal_ensure_token()
        self._post("return", self._form(access_token=token), login="portal-minh")
        self.assertEqual(len(self._returns()), 1)

    def test_without_csrf_token_nothing_happens(self):
        self.authenticate("portal-lan", "portal-lan")
        with self.assertLogs("odoo.http", "WARNING"):
            answer = self.url_open(
                f"/my/orders/{self.order.id}/return", data=self._form()
            )
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._returns())

    def test_window_flags_and_marketplaces(self):
        clothes, underwear = self.env["product.category"].create(
            [{"name": "Clothes", "gtg_not_returnable": True}, {"name": "Underwear"}]
        )
        underwear.parent_id = clothes
        cases = [
            (
                lambda: self.order.write(
                    {"gtg_delivered_at": fields.Datetime.now() - timedelta(days=8)}
                ),
                "7 days",
            ),
            (lambda: self.order.write({"gtg_delivered_at": False}), "not been"),
            (lambda: self.phone.write({"return_days": 0}), "contact us"),
            (
                lambda: (self.tea | self.cup).write({"gtg_not_returnable": True}),
                "Nothing of this order",
            ),
            (
                lambda: (self.tea | self.cup).write({"categ_id": underwear.id}),
                "Nothing of this order",
            ),
            (lambda: self.phone.write({"kind": "marketplace"}), "where you bought"),
        ]
        for change, sentence in cases:
            with self.subTest(sentence), self.cr.savepoint() as savepoint:
                change()
                self.assertIn(sentence, self.order._gtg_why_no_return())
                answer = self._post("return", self._form())
                self.assertFalse(self._returns())
                self.assertIn(sentence, answer.text)
                page = self.url_open(self.order.get_portal_url())
                self.assertNotIn("o_gtg_ask_return", page.text)
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(self.order._gtg_why_no_return(), "")

    def test_same_goods_are_asked_once(self):
        self._post("return", self._form(**{f"qty_{self.tea_line.id}": "2"}))
        answer = self._post("return", self._form())
        self.assertIn("cannot be returned", answer.text)
        self.assertEqual(len(self._returns()), 1)

    def test_asking_again_and_again_has_an_end(self):
        for __ in range(7):
            self._post("return", self._form())
            self._returns()[:1].answer = "No"
            self._returns()[:1].action_refuse()
        self.assertEqual(len(self._returns()), 5)
        self.assertIn("contact us", self.order._gtg_why_no_return())

    def test_photo_may_be_demanded(self):
        self.reason.photo_required = True
        answer = self._post("return", self._form())
        self.assertIn("add a photo", answer.text)
        self.assertFalse(self._returns())

    def test_cancel_request(self):
        order = self._orders(partner_id=self.portal.partner_id.id)
        order.action_confirm()
        page = self._post("cancel_request", {"note": "Found cheaper"}, order=order)
        self.assertIn("o_gtg_cancel_request", page.text)
        self._post("cancel_request", {"note": "again"}, order=order)
        request = order.gtg_cancel_request_ids
        self.assertEqual(request.mapped("note"), ["Found cheaper"])
        self.assertEqual(order.gtg_info, "on_hold")
        request.action_accept()
        page = self.url_open(order.get_portal_url())
        self.assertIn("Cancelled", page.text)

    def test_who_has_not_transferred_yet_may_cancel(self):
        order = self._orders(
            partner_id=self.portal.partner_id.id,
            website_id=self.env["website"].search([], limit=1).id,
        )
        quotation = self._orders(partner_id=self.portal.partner_id.id)
        (order | quotation).write({"state": "sent"})
        page = self._post("cancel_request", {"note": "Changed my mind"}, order=order)
        self.assertIn("o_gtg_steps", page.text)
        request = order.gtg_cancel_request_ids
        self.assertEqual(request.note, "Changed my mind")
        request.action_accept()
        self.assertEqual(order.state, "cancel")
        self._post("cancel_request", {"note": "No"}, order=quotation)
        self.assertFalse(quotation.gtg_cancel_request_ids)

    def test_handed_over_is_not_cancelled(self):
        order = self._orders(partner_id=self.portal.partner_id.id)
        order.action_confirm()
        order.picking_ids.carrier_tracking_ref = "GHN777"
        self._deliver(order)
        page = self._post("cancel_request", {"note": "Stop"}, order=order)
        self.assertFalse(order.gtg_cancel_request_ids)
        self.assertIn("handed over to the carrier", page.text)
        self.assertIn("GHN777", page.text)
