"""One legal document per invoice, whatever happens to the calls."""


class ExactlyOne:
    """For whoever issues with an account of its own: `EinvoiceCase` with a ``bench``."""

    allow_inherited_tests_method = True  # or Odoo's own runner leaves these out

    def created(self):
        return self.bench.created(self.sandbox)

    def fault(self, mode, **options):
        self.sandbox.faults(self.bench.provider, self.bench.create, mode,
                            **{'times': 1, **options})

    def complete(self, einvoice):
        """Until the code is there and the files are fetched."""
        self.drain('poll_code')
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.drain('fetch_files')

    def test_two_clicks_are_one_invoice(self):
        move = self.make_invoice()
        move.action_gtg_issue()
        move.action_gtg_issue()
        self.drain('create_invoice')
        move.action_gtg_issue()
        self.drain('create_invoice')
        self.assertEqual(self.created(), [move.gtg_einvoice_number])

    def test_lost_answer_is_found_again(self):
        self.fault('lose_response')
        einvoice = self.issue(self.make_invoice())
        self.assertEqual(einvoice.state, 'queued')
        self.assertEqual(einvoice._create_task().state, 'unknown')
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_unreadable_answers_are_found_again(self):
        for mode in ('truncated', 'empty', 'html'):
            with self.subTest(mode):
                before = len(self.created())
                self.fault(mode, **({'process': True} if mode != 'truncated' else {}))
                einvoice = self.issue(self.make_invoice())
                self.assertEqual(einvoice._create_task().state, 'unknown')
                self.drain('create_invoice')
                self.assertEqual(self.created()[before:], [einvoice.number])

    def test_nothing_is_sent_again_before_two_misses(self):
        self.fault('html', process=False)
        einvoice = self.issue(self.make_invoice())
        task = einvoice._create_task()
        self.assertEqual(task.state, 'unknown')
        self.drain('create_invoice')
        self.assertEqual((task.state, self.created()), ('unknown', []))
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_retry_does_not_shorten_the_wait(self):
        self.account.time_scale = 1.0
        self.fault('lose_response')
        einvoice = self.issue(self.make_invoice())
        before = len(self.sandbox.calls(self.bench.provider))
        einvoice._create_task().action_retry()
        self.drain('create_invoice')
        self.assertEqual(einvoice.state, 'queued')
        self.assertEqual(len(self.sandbox.calls(self.bench.provider)), before)

    def test_token_dies_before_its_time(self):
        self.bench.expire_tokens(self.sandbox)
        einvoice = self.issue(self.make_invoice())
        self.assertEqual([einvoice.number], self.created())

    def test_half_a_look_up_is_no_miss(self):
        """Two misses mean that nothing was issued. A look-up of which one question is
        not answered is none, whatever the other says."""
        self.fault('html', process=False)
        task = self.issue(self.make_invoice())._create_task()
        for before in ('', 'missed_once'):
            for operation, after in self.bench.questions:
                if before:
                    self.drain('create_invoice')
                    self.assertEqual(task.error_code, before)
                self.sandbox.faults(self.bench.provider, operation, 'status:503',
                                    times=1, after=after)
                self.drain('create_invoice')
                self.assertEqual(task.state, 'unknown')
                self.assertNotIn(task.error_code, ('', 'missed_once'))
        self.assertEqual(self.created(), [])
        self.drain('create_invoice', rounds=2)
        self.assertEqual(len(self.created()), 1)
