from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestAccess(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, 'gtg_clerk', groups='base.group_user')
        cls.user = new_test_user(
            cls.env, 'gtg_user', groups='gtg_connector_base.group_connector_user')
        cls.manager = new_test_user(
            cls.env, 'gtg_mgr', groups='gtg_connector_base.group_connector_manager')

    def _task(self, **values):
        """A row as the engine leaves it; no provider is needed to look at it."""
        return self.env['gtg.connector.task'].create({
            'account_model': 'res.partner', 'account_id': self.env.user.partner_id.id,
            'operation': 'create_waybill', 'res_model': 'res.partner',
            'res_id': self.env.user.partner_id.id, 'state': 'failed',
            'company_id': self.env.company.id, **values})

    def test_clerks_without_the_group_see_nothing(self):
        task = self._task()
        with self.assertRaises(AccessError):
            task.with_user(self.clerk).read(['state'])

    def test_users_see_and_retry_but_do_not_decide(self):
        task = self._task(unsure=True).with_user(self.user)
        task.action_retry()
        self.assertEqual(task.state, 'unknown', 'a retry of a doubtful task looks first')
        task.sudo().state = 'failed'
        for decision in (task.action_send_again, task.action_mark_done,
                         task.action_cancel):
            with self.assertRaises(UserError):
                decision()
        with self.assertRaises(AccessError):
            task.write({'state': 'done'})
        with self.assertRaises(AccessError):
            task.read(['payload'])
        with self.assertRaises(AccessError):
            task.read(['result'])

    def test_a_doubtful_task_cannot_be_given_up(self):
        doubtful = self._task(unsure=True).with_user(self.manager)
        with self.assertRaisesRegex(UserError, 'Look at the provider'):
            doubtful.action_cancel()
        refused = self._task(operation='x', res_model='gtg.gone').with_user(self.manager)
        refused.action_cancel()
        self.assertFalse(refused.exists())

    def test_send_again_is_a_first_sending(self):
        task = self._task(unsure=True).with_user(self.manager)
        task.action_send_again()
        self.assertEqual((task.state, task.unsure), ('queued', False))

    def test_other_companies_are_hidden(self):
        other = self.env['res.company'].create({'name': 'Other'})
        task = self._task(company_id=other.id)
        self.assertFalse(self.env['gtg.connector.task'].with_user(self.user).search(
            [('id', '=', task.id)]))

    def test_tokens_are_for_administrators(self):
        with self.assertRaises(AccessError):
            self.env['gtg.connector.token'].with_user(self.manager).search([])
        with self.assertRaises(AccessError):
            self.env['gtg.connector.event'].with_user(self.user).search([])
