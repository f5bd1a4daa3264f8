"""The draft group (README 9): pushed by us, signed by a person on MISA's site."""

import base64

from sandbox.einvoice import paper, words
from sandbox.einvoice.document import local
from sandbox.frame import ControlError

from . import draft_fields
from . import invoice as inv
from .envelope import EMPTY_DATE, Problem, flag, parsed, texts
from .login import A
from .tenants import cash_register, with_code

NOT_NUMBERED = '<Chưa cấp số>'
STATUS = {0: 1, 1: 3, 2: 4}  # ReferenceType -> EInvoiceStatus of this group
MAX_PAGE = 100


class Drafts:
    """Part of Provider. ``self.drafts``: by tenant and lower-case RefID."""

    # === TEMPLATES === #

    def web_templates(self, request):
        """No token here: the log-in stands in the body."""
        options = request.route.options
        if options['flavour'] == A:
            self.client(request)
        tenant, _user = self.person(request, options['flavour'])
        code = flag(request, 'invoiceWithCode')
        return self.done(self.packed(self.template_rows(tenant, code)), pascal=True)

    def ticket_templates(self, request):
        body = parsed(request, dict)
        start, length = body.get('start', 0), body.get('length', MAX_PAGE)
        if not all(isinstance(n, int) for n in (start, length)) or length > MAX_PAGE:
            raise Problem('InvalidParameter', request=True)
        rows = [
            self.template_row(request.tenant, row) for row in request.tenant['series']
            if body.get('invoiceCalcu') and cash_register(row['series'])]
        return self.done(self.packed(rows[start:start + length]), pascal=True)

    # === IN === #

    def draft_data(self, tenant, body, code):
        """(canonical RefID, the draft in words of the publish group)"""
        ref = draft_fields.same_guid(body.get('RefID'))
        if not ref:
            raise Problem('InvalidParameter', 'RefID phải là GUID')
        row = self.series_row(tenant, body.get('InvSeries'))
        data = draft_fields.checked(body, tenant, row, self.settings, code)
        self.original(tenant, data, check=True)
        return ref, data

    def insert(self, request):
        """README 9: a RefID that is there already is no error."""
        bodies = parsed(request, list)
        if not bodies or not all(isinstance(one, dict) for one in bodies):
            raise Problem('InvalidParameter', request=True)
        if len(bodies) > self.settings['max_drafts']:
            raise Problem('InvoiceQuantityTooLarge', request=True, status=400)
        request.reference = ','.join(str(one.get('RefID') or '') for one in bodies)
        tenant, code = request.tenant, flag(request, 'invoiceWithCode')
        accepted, refused = [], []
        for body in bodies:
            try:
                ref, data = self.draft_data(tenant, body, code)
            except Problem as problem:
                refused.append({
                    'RefID': body.get('RefID'), 'ErrorCode': problem.code,
                    'ErrorMessage': problem.text})
                continue
            if not self.keep_draft(tenant, ref, data):
                continue
            accepted.append({
                'RefID': body['RefID'], 'InvSeries': data['InvSeries'],
                'InvDate': self.shown_day(data['InvDate']),
                'EInvoiceStatus': STATUS[data['ReferenceType']]})
        answer = self.done(self.packed(accepted), pascal=True, error=refused)
        answer.refused = ' '.join(r['ErrorCode'] for r in refused) or None
        return answer

    def keep_draft(self, tenant, ref, data):
        """Is it now the draft of this RefID? An old one is overwritten in silence."""
        key = f'{tenant["tax_code"]} {ref}'
        old = self.drafts.get(key)
        if old and (old['signed'] or self.settings['draft_twice'] == 'drop'):
            return False
        if self.by_ref(tenant, data['RefID']):
            return False
        self.drafts[key] = {
            'id': ref, 'tenant': tenant['tax_code'], 'ref_id': data['RefID'],
            'series': data['InvSeries'], 'data': data, 'inserted': self.time(),
            'signed': None}
        if not old:
            self.effect('insert_draft', data['RefID'], ref)
        return True

    def delete_draft(self, request):
        ref = request.query.get('refid') or request.query.get('RefID')
        draft = self.my_draft(request, ref)
        if not draft:
            raise Problem('InvoiceNotExist', request=True)
        if draft['signed']:
            raise Problem('InvoiceCannotDelete', 'Hóa đơn đã phát hành', request=True)
        self.remove_draft(draft['id'], {})
        return self.done(True, pascal=True)

    # === OUT === #

    def my_draft(self, request, ref):
        """Only with the flag of its series."""
        ref = draft_fields.same_guid(ref)
        draft = self.drafts.get(f'{request.tenant["tax_code"]} {ref}')
        right = draft and with_code(draft['series']) == flag(request, 'invoiceWithCode')
        return draft if right else None

    def get_list(self, request):
        refs = texts(request, 50)
        request.reference = ','.join(refs)
        found = [self.my_draft(request, ref) for ref in refs]
        rows = [self.draft_row(draft) for draft in found if draft]
        return self.done(self.packed(rows), pascal=True)

    def draft_row(self, draft, poll=True):
        signed = self.invoices.get(draft['signed']) if draft['signed'] else None
        row = {
            'RefID': draft['ref_id'], 'InvNo': NOT_NUMBERED, 'TransactionID': None,
            'PublishStatus': 0, 'InvSeries': draft['series'],
            'EInvoiceStatus': STATUS[draft['data']['ReferenceType']],
            'InvDate': self.shown_day(draft['data']['InvDate']),
            'InvoiceCode': '', 'PublishedTime': EMPTY_DATE}
        if signed:
            self.advance(signed, poll)
            number = signed['number']
            row.update(
                InvNo=number if self.settings['numbers_as_int'] else f'{number:08d}',
                TransactionID=signed['id'], PublishStatus=self.publish_status(signed),
                InvDate=self.shown_day(signed['date']),
                InvoiceCode=signed['filing']['code'] or '',
                PublishedTime=self.shown_time(signed['published']))
        return row

    def publish_status(self, invoice):
        state = invoice['filing']['state']
        return {'accepted': 6, 'refused': 7}.get(state, 4)

    def web_paging(self, request, calculating=False):
        body = parsed(request, dict)
        start, length = body.get('Start', 0), body.get('Length', MAX_PAGE)
        if not all(isinstance(n, int) and n >= 0 for n in (start, length)) or (
            length > MAX_PAGE
        ):
            raise Problem('InvalidParameter', request=True)
        first, last = (str(body.get(name) or default)[:10] for name, default in (
            ('FromDate', '0001-01-01'), ('ToDate', '9999-12-31')))
        rows = [
            self.draft_row(draft) for draft in self.drafts.values()
            if draft['tenant'] == request.tenant['tax_code']
            and cash_register(draft['series']) == calculating
            and first <= draft['data']['InvDate'] <= last]
        wanted = body.get('PublishStatus')
        if wanted is not None:
            rows = [row for row in rows if row['PublishStatus'] == wanted]
        return self.done(self.packed({
            'Total': len(rows), 'PageData': rows[start:start + length]}), pascal=True)

    def web_paging_register(self, request):
        return self.web_paging(request, calculating=True)

    def web_preview(self, request):
        body = parsed(request, dict)
        tenant = request.tenant
        try:
            row = self.series_row(tenant, body.get('InvSeries'))
            _ref, data = self.draft_data(tenant, body, with_code(row['series']))
        except Problem as problem:
            problem.request = True
            raise
        return self.done(self.draft_paper(tenant, data, row), pascal=True)

    def draft_paper(self, tenant, data, row):
        data = {**data, 'TotalAmountInWords': words.amount(data['TotalAmountOC'])}
        draft = inv.new(tenant, row, data, self.time())
        doc = inv.document(draft, tenant, draft=True)
        return base64.b64encode(paper.pdf(doc, draft=True)).decode()

    def view_draft(self, request):
        draft = self.my_draft(request, request.query.get('RefID'))
        if not draft:
            raise Problem('InvoiceNotExist', request=True)
        row = self.series_row(request.tenant, draft['series'])
        return self.done(
            self.draft_paper(request.tenant, draft['data'], row), pascal=True)

    # === A PERSON ON THE SITE === #

    def find_draft(self, name):
        found = next((d for d in self.drafts.values()
                      if name.lower() in (d['id'], d['ref_id'].lower())), None)
        if not found:
            raise ControlError(f'no draft {name}', 404)
        return found

    def sign_draft(self, name, payload):
        """A person signs: now it has a number. A day that is past the series' last
        one becomes today."""
        draft = self.find_draft(name)
        if draft['signed']:
            raise ControlError(f'{name} is signed', 409)
        tenant = self.tenants[draft['tenant']]
        data = dict(draft['data'])
        try:
            row = self.series_row(tenant, draft['series'])
            self.original(tenant, data, check=True)
            self.licence(tenant)
        except Problem as problem:
            raise ControlError(problem.code, 409) from None
        today = local(self.time()).date().isoformat()
        if not row['last_date'] <= data['InvDate'] <= today:
            data['InvDate'] = today
        data['TotalAmountInWords'] = words.amount(data['TotalAmountOC'])
        invoice = self.number(tenant, row, data, operation='sign_draft', source='web')
        draft['signed'] = invoice['id']
        return self.draft_row(draft, poll=False)

    def remove_draft(self, name, payload):
        draft = self.find_draft(name)
        if draft['signed']:
            raise ControlError(f'{name} is signed', 409)
        del self.drafts[f'{draft["tenant"]} {draft["id"]}']
        self.effect('delete_draft', draft['ref_id'], draft['id'])
        return {'id': draft['id'], 'deleted': True}

    def draft_rows(self):
        return [{
            'id': d['id'], 'tenant': d['tenant'], 'series': d['series'],
            'buyer': d['data'].get('BuyerLegalName') or d['data'].get('BuyerFullName'),
            'total': d['data']['TotalAmountOC'], 'signed': d['signed'],
            '_verbs': [] if d['signed'] else ['sign', 'delete'],
        } for d in self.drafts.values()]
