from datetime import datetime, timedelta

import pytz

from .common import OrderFlowCase

HOME = pytz.timezone("Asia/Ho_Chi_Minh")


class ClockCase(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["gtg.order.clock"].search([]).active = False
        cls.env.company.partner_id.tz = HOME.zone
        cls.template = cls.env.ref("gtg_order_flow.mail_buyer_unpaid")
        cls.owner = cls._user("owner", "gtg_order_flow.group_shop_staff")

    def _clock(self, starts, **vals):
        return self.env["gtg.order.clock"].create(
            {"name": vals.pop("name", starts), "starts": starts, **vals}
        )

    def _confirmed(self, count=1, **vals):
        orders = self._orders(count, user_id=self.owner.id, **vals)
        orders.action_confirm()
        return orders

    def _age(self, orders, **ago):
        """Everything that happened with these orders happened so much earlier."""
        for order in orders:
            for name in ("gtg_arrived_at", "date_order", "gtg_paid_at"):
                if order[name]:
                    order[name] -= timedelta(**ago)

    def _run(self):
        self.env.flush_all()
        self.env["sale.order"]._gtg_cron_clocks()

    def _utc(self, *local):
        moment = HOME.localize(datetime(*local)).astimezone(pytz.utc)
        return moment.replace(tzinfo=None)
