from odoo import api, models
from odoo.exceptions import AccessError


class GtgOwnFields(models.AbstractModel):
    """Records some of whose fields only their own steps write, with locks and a trace,
    not a call from outside: `readonly` is but the screen's.
    """

    _name = "gtg.own.fields"
    _description = "Records Written by their Buttons"

    def _gtg_own_fields(self):
        """:return: names of the fields that only the record's steps write. Extend."""
        return set()

    def _gtg_check_own(self, vals):
        if not self.env.su and (own := self._gtg_own_fields() & vals.keys()):
            raise AccessError(
                self.env._(
                    "%s is set by the buttons only: they leave a trace and lock.",
                    ", ".join(sorted(self._fields[name].string for name in own)),
                )
            )

    def _gtg_fixed_fields(self):
        """:return: names of the fields of this record that are settled. Extend."""
        self.ensure_one()
        return set()

    def _gtg_check_fixed(self, vals):
        if self.env.su:
            return
        for record in self:
            if fixed := record._gtg_fixed_fields() & vals.keys():
                raise AccessError(
                    self.env._(
                        "%(record)s: %(fields)s cannot be changed any more.",
                        record=record.display_name,
                        fields=", ".join(
                            sorted(self._fields[name].string for name in fixed)
                        ),
                    )
                )

    def write(self, vals):
        self._gtg_check_own(vals)
        self._gtg_check_fixed(vals)
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._gtg_check_own(vals)
        return super().create(vals_list)
