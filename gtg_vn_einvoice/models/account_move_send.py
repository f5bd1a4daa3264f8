from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError

from .einvoice import STANDING

EDI = 'gtg_einvoice'


class AccountMoveSend(models.AbstractModel):
    _inherit = 'account.move.send'

    @api.model
    def _get_all_extra_edis(self):
        return {**super()._get_all_extra_edis(), EDI: {
            'label': self.env._('Issue e-invoice'),
            # a mail sent once more must not issue what was issued in another program
            'is_applicable': lambda move: (
                move._gtg_can_issue() and not move._gtg_may_be_issued_elsewhere()
                and self._gtg_may_ask(move)),
            'help': self.env._(
                'The buyer gets it by mail once it has its tax-authority code.'),
        }}

    @api.model
    def _gtg_may_ask(self, move):
        """Whether who sends may issue too; where nobody does, the rule decides."""
        user = self.env.user
        if user.id == SUPERUSER_ID:  # core's cron works for whoever asked for it
            user = user.browse((move.sudo().sending_data or {}).get('author_user_id'))
            if user.id in (False, SUPERUSER_ID):
                return move._gtg_is_due_by_rule()
        return move.with_user(user).has_access('write')

    @api.model
    def _get_invoice_extra_attachments(self, move):
        # as on the portal: never what differs from the invoice
        files = move._gtg_buyer_files() if move.gtg_einvoice_state in STANDING else {}
        return super()._get_invoice_extra_attachments(move) + (
            self.env['ir.attachment'].concat(*files.values()))

    @api.model
    def _get_alerts(self, moves, moves_data):
        alerts = super()._get_alerts(moves, moves_data)
        for move in moves.filtered(lambda m: EDI in moves_data[m]['extra_edis']):
            problems = move._gtg_einvoice_problems()
            if problems:
                alerts[f'{EDI}_{move.id}'] = {
                    'level': 'danger' if len(moves) == 1 else 'warning',
                    'message': '\n'.join([self.env._(
                        'E-invoice of %s:', move.display_name), *problems])}
        for move in moves.filtered(lambda m: m.gtg_xml_state == 'mismatch'):
            alerts[f'{EDI}_xml_{move.id}'] = {'level': 'warning', 'message': self.env._(
                'The XML of e-invoice %s differs from the invoice, so it is not attached. '
                'Compare both and ask the provider.', move.gtg_einvoice_number)}
        return alerts

    @api.model
    def _hook_invoice_document_before_pdf_report_render(self, invoice, invoice_data):
        # only asks the outbox: no provider is called inside this transaction
        super()._hook_invoice_document_before_pdf_report_render(invoice, invoice_data)
        if EDI not in invoice_data['extra_edis'] or invoice_data.get('error'):
            return
        try:  # core works with sudo, and salesmen may send
            invoice.with_user(invoice_data['author_user_id']).check_access('write')
            problems = invoice._gtg_einvoice_problems()
        except AccessError as error:
            problems = [str(error)]
        if problems:
            invoice_data['error'] = {
                'error_title': self.env._('The e-invoice cannot be issued yet:'),
                'errors': problems}
        else:
            invoice._gtg_issue_einvoice()

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        # an invoice without its code is not valid: the mail follows with the code
        for move, data in moves_data.items():
            if EDI in data['extra_edis'] and move.gtg_einvoice_state not in (
                    False, *STANDING):
                data['sending_methods'] = [
                    method for method in data['sending_methods'] if method != 'email']
        return super()._hook_if_success(moves_data, from_cron=from_cron)
