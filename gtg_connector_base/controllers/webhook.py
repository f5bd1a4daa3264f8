import logging

from odoo import SUPERUSER_ID, http
from odoo.http import Response, request

from ..lib.errors import BadSignature

_logger = logging.getLogger(__name__)

MAX_BODY = 512 * 1024  # bytes; the largest documented push is a few kilobytes


class WebhookController(http.Controller):

    @http.route(
        '/gtg/webhook/<string:provider>/<string:token>', type='http', auth='none',
        methods=['POST'], csrf=False, save_session=False, max_content_length=MAX_BODY)
    def receive(self, provider, token):
        """Verify, store, answer: the transaction is committed before the answer
        leaves, and nothing else is done here, for providers wait a second at most."""
        # auth='none': no user, no session; the token in the path names the account
        env = request.env(user=SUPERUSER_ID)
        account = self._account(env, provider, token)
        if account is None:
            return Response(status=404)
        adapter = account._adapter()
        body = request.httprequest.get_data()
        try:
            notices = adapter._webhook_notices(
                account, request.httprequest.headers, body)
        except BadSignature as error:
            _logger.warning('webhook of %s refused: %s', account, error.text)
            return self._answer(adapter, account, 'bad_signature')
        except (ValueError, ArithmeticError, RecursionError) as error:
            # no JSON, endless numbers and the like, perhaps from a stranger: one
            # line will do.
            # Anything else is a mistake of ours: the provider gets a 500 and repeats
            # the message when it is mended
            _logger.warning('webhook of %s unreadable: %s', account,
                            type(error).__name__)
            return self._answer(adapter, account, 'unreadable')
        env['gtg.connector.event']._store(account, notices, body)
        return self._answer(adapter, account, 'stored')

    def _account(self, env, provider, token):
        health = env['gtg.connector.health'].search_fetch(
            [('webhook_token', '=', token), ('provider', '=', provider)],
            ['account_model', 'account_id', 'company_id'], limit=1)
        if not health or health.account_model not in env:
            return None
        account = env[health.account_model].browse(health.account_id)
        return account.with_company(health.company_id)

    def _answer(self, adapter, account, outcome):
        status, headers, body = adapter._webhook_answer(account, outcome)
        return Response(body, status=status, headers=list(headers.items()))
