from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _set_done(self, **kwargs):
        done = super()._set_done(**kwargs)
        (
            done.sale_order_ids | done.source_transaction_id.sale_order_ids
        )._gtg_read_money()
        return done

    def _post_process(self):
        """The buyer chose cash on delivery at checkout: the carrier collects."""
        cod = self.filtered(
            lambda tx: (
                tx.state == "pending"
                and tx.provider_id.custom_mode == "cash_on_delivery"
            )
        )
        cod.sale_order_ids.filtered(lambda o: not o.gtg_is_cod).gtg_is_cod = True
        return super()._post_process()
