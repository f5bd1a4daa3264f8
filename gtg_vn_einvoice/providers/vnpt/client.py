"""VNPT over SOAP: one method per call, dataclasses out, `lib.errors` raised."""

from dataclasses import dataclass, replace
from datetime import timedelta

from odoo.addons.gtg_connector_base.lib.clock import VIETNAM
from odoo.addons.gtg_connector_base.lib.errors import Rejected, Retryable

from ...lib.document import Issued, Template
from ...lib.symbol import split_number
from . import answers, const, soap

_ = str  # marks texts for the translators; they are translated when shown


@dataclass(frozen=True)
class Login:
    """README 2: the person who issues, and the technical account."""

    account: str
    account_password: str
    username: str
    password: str


def fetch_wsdl(wire, service):
    """Description of a service as the customer's server gives it.

    :rtype: bytes
    :raise Rejected: there is none
    """
    answer = wire.send('GET', f'/{service}.asmx?wsdl', safe=True)
    if answer.status >= 500:
        raise Retryable(_('VNPT is not available at the moment'),
                        code=f'http_{answer.status}')
    missing = set(const.NEEDED[service]) - soap.operations(answer.content, service) \
        if answer.status == 200 else {service}
    if missing:
        raise Rejected(
            _('The server lacks a part of the service.'), code='bad_wsdl', hint=_(
                'Check the address on the account or ask VNPT for the present version of '
                'the service.'))
    return answer.content


class VnptClient:
    """Calls of one seller.

    :param Transport wire: the customer's host
    :param dict wsdls: {service: bytes} from `fetch_wsdl`
    :param Login login: both logins
    """

    def __init__(self, wire, wsdls, login):
        self.wire = wire
        self.wsdls = wsdls
        self.login = login

    def publish(self, fkey, pattern, serial, xml, register):
        """Issue one document; of one series never two at once.

        :param bool register: a cash-register series
        :rtype: Issued
        :raise OutcomeUnknown, Rejected, AuthExpired:
        """
        result = self._call(
            const.PUBLISH, 'ImportAndPublishInvMTT' if register else
            'ImportAndPublishInv', safe=False, xmlInvData=xml, pattern=pattern,
            serial=serial, convert=const.UNICODE, **self._staff())
        return answers.published(result, fkey, serial, register)

    def correct(self, kind, original, fkey, pattern, serial, xml, register):
        """Issue one document that adjusts or replaces another (README 7).

        :param str kind: ``adjust`` or ``replace``
        :param str original: Fkey of the corrected document, of the same pattern
        :rtype: Issued
        :raise OutcomeUnknown, Rejected, AuthExpired:
        """
        operation, minutes = const.CORRECT[kind, register]
        staff = self._staff()
        staff['pass'] = staff.pop('password')
        result = self._call(
            const.BUSINESS, operation, safe=False, xmlInvData=xml, fkey=original,
            pattern=pattern, serial=serial, convert=const.UNICODE, **{minutes: ''},
            **({'OldPattern': pattern} if register else {}), **staff)
        if register:
            return answers.published(result, fkey, serial, True, correction=True)
        return answers.corrected(result, fkey, serial)

    def correct_outside(self, kind, original, fkey, pattern, serial, xml):
        """As `correct`, of a document that VNPT does not hold (README 7).

        :param dict original: its pattern, serial, number and day (dd/MM/yyyy)
        """
        operation = const.CORRECT_OUTSIDE[kind]
        newer = {'strOldArisingDate': original['day'],
                 'relatedInvType': const.NEW_INVOICE}
        known = soap.parameters(self.wsdls[const.BUSINESS], const.BUSINESS, operation)
        result = self._call(
            const.BUSINESS, operation, safe=False, invXml=xml, pattern=pattern,
            serial=serial, convert=const.UNICODE, oldPattern=original['pattern'],
            oldSerial=original['serial'], oldNo=original['number'],
            account=self.login.account, accPass=self.login.account_password,
            userName=self.login.username, userPass=self.login.password,
            **{name: value for name, value in newer.items() if name in known})
        return answers.corrected(result, fkey, serial)

    def check(self, pattern, serial):
        """Prove both logins with data that cannot become an invoice (README 2).

        :raise AuthExpired: one of them is wrong
        """
        result = self._call(
            const.PUBLISH, 'ImportAndPublishInv', safe=True, xmlInvData='x',
            pattern=pattern, serial=serial, convert=const.UNICODE, **self._staff())
        error = answers.error_of(result)
        if error and error[0] in const.GOOD_LOGIN:
            return
        if error:
            raise answers.refusal(*error)
        raise Rejected(_('VNPT gave no usable answer'), code='check')

    # === READ === #

    def find(self, fkey, pattern, day_from, day_to):
        """The issued document of our key: two independent calls must both miss it.

        :param datetime.date day_from: first day that is searched
        :rtype: Issued or None
        :raise Rejected: VNPT holds it as a draft: a person must decide
        """
        result = answers.read(self._call(
            const.PORTAL, 'listInvByCusFkey', safe=True, key=fkey,
            fromDate=f'{day_from:%d/%m/%Y}', toDate=f'{day_to:%d/%m/%Y}',
            userName=self.login.username, userPass=self.login.password),
            const.NOT_FOUND)
        try:
            rows = answers.listed(result)
        except answers.BadAnswer as error:
            raise Retryable(_('VNPT gave no readable list'), code='list') from error
        dates = {issued.number: issued.issued_at for _item, status, issued in rows
                 if status != const.DRAFT and issued.number}
        found = self.tax_states(pattern, [fkey]).get(fkey)
        if found:
            return replace(found, issued_at=dates.get(found.number))
        if dates:
            ((number, at), *_others) = dates.items()
            return Issued(number=number, lookup_code=fkey, issued_at=at)
        if rows:
            raise Rejected(_('VNPT holds the invoice as a draft'), code='draft',
                           hint=_("Issue or delete the draft on VNPT's site."))
        return None

    def invoices(self, pattern, serial, day_from, day_to):
        """Issued documents of one series in a period (README 8).

        :rtype: list[Listed]
        :raise Rejected: more in one day than VNPT lists
        """
        found = []
        while day_from <= day_to:
            last = min(day_from + timedelta(days=const.LIST_DAYS - 1), day_to)
            found += self._invoices(pattern, serial, day_from, last)
            day_from = last + timedelta(days=1)
        return found

    def _invoices(self, pattern, serial, first, last):
        result = self._call(
            const.PORTAL, 'GetInvViewByDate', safe=True, pattern=pattern, serial=serial,
            fromDate=f'{first:%d/%m/%Y}', toDate=f'{last:%d/%m/%Y}',
            userName=self.login.username, userPass=self.login.password)
        error = answers.error_of(result)
        if error and error[0] == const.TOO_MANY and first < last:
            middle = first + (last - first) // 2
            return self._invoices(pattern, serial, first, middle) + self._invoices(
                pattern, serial, middle + timedelta(days=1), last)
        return self._issued_rows(result)

    def _issued_rows(self, result):
        try:
            return answers.issued_rows(answers.read(result, const.NOT_FOUND))
        except answers.BadAnswer as error:
            raise Retryable(_('VNPT gave no readable list'), code='list') from error

    def numbered(self, pattern, serial, block):
        """Issued documents of one block of numbers of a series (README 8).

        :param int block: from 0
        :rtype: list[Listed]
        """
        first = block * const.BLOCK + 1
        last = first + const.BLOCK - 1
        result = self._call(
            const.PORTAL, 'listInvFromNoToNo', safe=True, invFromNo=str(first),
            invToNo=str(last), invPattern=pattern, invSerial=serial,
            userName=self.login.username, userPass=self.login.password)
        rows = self._issued_rows(result)
        if any(row.issued_at is None for row in rows):
            raise Rejected(_('VNPT does not say when the invoices were issued'),
                           code='list', hint=_("Compare on VNPT's site."))
        return [row for row in rows if first <= split_number(row.number)[1] <= last]

    def next_block(self, pattern, serial, block):
        """As `numbered`, of one block after the other.

        :raise Rejected: it holds none, and the one after it does
        """
        rows = self.numbered(pattern, serial, block)
        if not rows and self.numbered(pattern, serial, block + 1):
            self._half_listed()
        return rows

    def first_block(self, pattern, serial, day):
        """The block of numbers in which the documents of a day begin: numbers follow
        the dates.

        :raise Rejected: it holds none, though there are some: numbers are left out
        """
        def is_before(block):
            rows = self.numbered(pattern, serial, block)
            return bool(rows) and max(
                row.issued_at for row in rows).astimezone(VIETNAM).date() < day

        low, step = 0, 1
        while step < const.PART and is_before(low + step - 1):
            low, step = low + step, step * 2
        high = low + step - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if is_before(middle) else (low, middle)
        if not self.numbered(pattern, serial, low):
            self._half_listed()
        return low

    def _half_listed(self):
        raise Rejected(_('VNPT gave no readable list'), code='list',
                       hint=_("Compare on VNPT's site."))

    def tax_states(self, pattern, fkeys):
        """What the tax office says about documents of one pattern.

        :return: {Fkey: Issued}, unknown ones left out
        """
        found = {}
        for first in range(0, len(fkeys), const.BATCH):
            result = answers.read(self._call(
                const.PUBLISH, 'GetMCCQThueByFkeys', safe=True, pattern=pattern,
                fkeys='_'.join(fkeys[first:first + const.BATCH]), **self._staff()),
                const.NOT_FOUND)
            try:
                found.update(answers.tax_states(result))
            except answers.BadAnswer as error:
                raise Retryable(_('VNPT gave no readable state'), code='state') from error
        return found

    def file(self, fkey, kind):
        """Content of ``xml`` or ``pdf``; None until the tax office has accepted."""
        operation = {'xml': 'downloadInvFkeyNoPay', 'pdf': 'downloadInvPDFFkeyNoPay'}
        result = answers.read(self._call(
            const.PORTAL, operation[kind], safe=True, fkey=fkey,
            userName=self.login.username, userPass=self.login.password),
            const.NOT_READY)
        try:
            return answers.file(result)
        except answers.BadAnswer as error:
            raise Rejected(_('The file from VNPT is not readable'), code='bad_file',
                           hint=_('Try again; if it stays so, ask VNPT.')) from error

    def templates(self):
        """Series that the server lists for the usual patterns.

        :rtype: list[Template]
        """
        found = []
        for pattern in const.PATTERNS:
            try:
                result = self._call(
                    const.BUSINESS, 'getSerialByPattern', safe=True, pattern=pattern,
                    userName=self.login.username, userPass=self.login.password)
                text = answers.read(result)
            except Rejected as error:
                if error.code == 'no_operation':
                    raise
                continue  # the seller has no such pattern
            found += [Template(pattern, serial) for serial in answers.serials(text)]
        return found

    def send_to_tax(self, fkey, pattern, serial, register, certificate=''):
        """Ask to pass a document on that still waits at VNPT (README 6).

        Repeating it is harmless: who has it already keeps it.
        """
        if register:
            result = self._call(
                const.BUSINESS, 'SendInvMTTFkey', safe=True, lstFkey=fkey,
                pattern=pattern, serial=serial, serialCert=certificate, **self._staff())
        else:
            result = self._call(
                const.PUBLISH, 'SendInvToCQTByFkeys', safe=True, pattern=pattern,
                fkeys=fkey, **self._staff())
        return answers.read(result)

    def _staff(self):
        return {'Account': self.login.account, 'ACpass': self.login.account_password,
                'username': self.login.username, 'password': self.login.password}

    def _call(self, service, operation, safe, **arguments):
        return soap.call(self.wire, service, self.wsdls[service], operation, arguments,
                         safe)

