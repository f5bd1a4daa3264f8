"""Addresses, limits and error codes of MISA. Numbers cite README.md beside."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Flavour:
    """One of MISA's two API generations that take the same documents (README 1)."""

    urls: dict
    login: str
    web: str  # prefix of the calls for drafts
    publish: str
    download: str


FLAVOURS = {
    'portal': Flavour(
        {'production': 'https://developer.misa.vn/apis/itg/meinvoice',
         'test': 'https://developer.misa.vn/apis/itg/meinvoice'},
        '/invoice/token', '/invoiceweb', '/invoice/publishing', '/invoice/Download'),
    'integration': Flavour(
        {'production': 'https://api.meinvoice.vn/api/integration',
         'test': 'https://testapi.meinvoice.vn/api/integration'},
        '/auth/token', '/webapp', '/invoice', '/invoice/download'),
}
TEMPLATES = '/invoice/templates'
STATUS = '/invoice/status'
PREVIEW = '/invoice/unpublishview'
PAGING = '/invoice/paging'
WEB_LOGIN = '/token'
WEB_INSERT = '/insert'
WEB_LIST = '/getlist'
WEB_PREVIEW = '/preview'

HSM, CASH_REGISTER = 2, 5  # SignType, README 4
BATCH = 50  # documents per question for states or drafts, README 6 and 7
PAGE = 100  # rows per list, README 11
UNKNOWN_DELAY = 60  # seconds from a lost answer to the look-up, README 5
LOOKUP_URL = 'https://www.meinvoice.vn/tra-cuu'  # README 6
TOKEN_MARGIN = 24 * 3600  # README 2: renewed a day early
TOKEN_DAYS = 7  # README 2: when the token does not tell its end

# README 3: lengths of the legal format
LIMITS = {'name': 400, 'item': 500, 'unit': 50, 'code': 50, 'phone': 20, 'email': 50,
          'note': 255}
RATE_DECIMALS = 6  # of a discount in percent, README 3

# rate of the legal format -> VATRate of drafts, README 7
WEB_RATES = {'10%': 10, '8%': 8, '5%': 5, '0%': 0, 'KCT': -1, 'KKKNT': -3}

# README 11: by ReferenceType
LIST_KINDS = {'': 'original', '0': 'original', '1': 'replacement', '2': 'adjustment'}
# README 10: ReferenceType, and EInvoiceStatus of drafts
REFERENCE_TYPES = {'replace': 1, 'adjust': 2}
WEB_STATUS = {'replace': 3, 'adjust': 4}
NEW_INVOICE = 1  # OrgInvoiceType

# README 6: (with code, SendTaxStatus) -> our state
TAX_STATES = {
    (True, 0): 'pending', (True, 1): 'pending', (True, 2): 'accepted',
    (True, 3): 'rejected',
    (False, 0): 'pending', (False, 1): 'pending', (False, 2): 'accepted',
    (False, 3): 'rejected', (False, 4): 'pending',
}
# of those that wait: MISA has not reached the tax office (it repeats by itself)
UNSENT = frozenset({(True, 1), (False, 0), (False, 4)})

# README 8
TOKEN_CODES = frozenset({'TokenExpiredCode', 'InvalidTokenCode', 'UnAuthorize'})
LOGIN_CODES = frozenset({
    'MisaIdError', 'TaxCodeNotExist', 'UserNotExist', 'InvalidAppID', 'InActiveAppID',
    'InactiveTaxCode', 'InactiveUser', 'WrongPassWord', 'TwoFactorAuthen'})
DUPLICATE_CODES = frozenset({'DuplicateInvoiceRefID', 'InvoiceDuplicated'})
# README 10: so MISA refuses a second correction, and so perhaps our own one again
CORRECTED_CODES = frozenset({
    'InvoiceCannotReplace', 'InvoiceCannotAdjust', 'HasAdjustmentInvoice'})
UNKNOWN_CODES = frozenset({'CreateInvoiceDataError', 'Exception', 'SystemError'})
# {code: seconds until the same request may go again}
TRANSIENT_CODES = {
    'InvoiceNumberNotCotinuous': 3, 'InvoiceNumberNotContinuous': 3, 'InvalidInvNo': 3,
    'SignSoftDream78Exception': 60, 'SignEsignHSMError': 60,
}
NOT_READY = 'InvoiceNotExist'
# README 8: so every invoice would be refused, of the account or of the series. Not what
# names another template: only another series on the invoice mends that.
LICENCE_CODES = frozenset({
    'LicenseInfo_NotBuy', 'LicenseInfo_OutOfInvoice', 'LicenseInfo_Expired',
    'LicenseNotExist'})
DECLARATION_CODES = frozenset({
    'DeclarationNotExist', 'InvalidDeclaration', 'ExistDeclarationNotReceive'})
CERTIFICATE_CODES = frozenset({
    'SignatureEmpty', 'InvalidSignature', 'CertRevocation',
    'InvalidCertByRegistration', 'HasRegistrationStopUseCert',
    'SigningTimeNotInRegistration', 'X509SubjectName', 'X509Certificate',
    'ValidateExpriredate', 'CannotConnectSignServer', 'InCorrectPinCode'})
BLOCKED_ACCOUNT = (
    LICENCE_CODES | DECLARATION_CODES | CERTIFICATE_CODES | {'CallSignServiceFail'})
BLOCKED_SERIES = frozenset({
    'InvoicePublishNotExist', 'InvoiceTemplateNotValidInDeclaration',
    'ExistsInvoiceNextYear', 'InvoiceIssuedDateSmallerThanLastest',
    'APINotSupportTypeInvoice'})

_ = str  # marks texts for the translators; they are translated when shown
LOGIN_HINT = _('Correct user, password, keys or tax code on the account, then connect again.')
_SERIES = _('Fetch the series on the e-invoice account and choose one that MISA still '
           'offers, then retry.')
_LICENCE = _('Buy more invoices from MISA, then press "Go on" on the e-invoice account.')
_TAX_OFFICE = _('The registration at the tax office is missing or not accepted. Settle '
               'it on the site of MISA, then press "Go on" on the e-invoice account.')
_CERTIFICATE = _('Renew or register the certificate on the site of MISA, then press '
                 '"Go on" on the e-invoice account.')
_ROUNDING = _('The amounts do not add up for MISA. Compare the invoice with the preview '
             'and tell the administrator.')
_CORRECTED = _('Look at the original on the site of MISA: one that was replaced is not '
               'corrected again, one that was adjusted only by a further adjustment.')
HINTS = {
    **dict.fromkeys(CORRECTED_CODES, _CORRECTED),
    'InvoiceCannotReplaceByStatusNew': _('The tax office has not accepted the original '
                                         'yet. Wait for its code, then retry.'),
    'TwoFactorAuthen': _('Switch off the two-step login of this user at MISA.'),
    **dict.fromkeys(LOGIN_CODES - {'TwoFactorAuthen'}, LOGIN_HINT),
    'InvalidParameter': _('Check that the keys belong to the chosen kind of API.'),
    'InvalidTaxCode': _('Correct the tax code (VAT) of the buyer, then retry.'),
    'RequireInfo_BuyerAddress': _('Enter the address of the buyer, then retry.'),
    'InvalidVatPercentage': _('Correct the VAT rates of the lines, then retry.'),
    'TaxRateInfo_VATRateName': _ROUNDING,
    'InvalidInvoiceData': _ROUNDING,
    'TaxReductionDateInValid': _('MISA does not take 8 % on this day. If the sale was while '
                               '8 % was law, keep the rate and ask MISA how to issue it. '
                               'Else correct the VAT rate, then retry.'),
    'XMLTooLong': _('The invoice has too many lines. Split it, then retry.'),
    **dict.fromkeys((
        'DuplicateTemplateName', 'DuplicateTemplateNo', 'InvoiceTemplateNotExist',
        'TemplateNotExist', 'TemplateNotSupport', 'InvoicePublishNotExist',
        'InvoiceTemplateNotValidInDeclaration', 'APINotSupportTypeInvoice'), _SERIES),
    **dict.fromkeys(LICENCE_CODES, _LICENCE),
    **dict.fromkeys(DECLARATION_CODES, _TAX_OFFICE),
    'ExistsInvoiceNextYear': _SERIES,
    'InvalidInvoiceDate': _('Check the clock of the server, then retry.'),
    'InvoiceIssuedDate': _('Check the clock of the server, then retry.'),
    'InvoiceIssuedDateSmallerThanLastest': _('A later invoice of this series exists '
                                           'already. Check the clock of the server.'),
    'CallSignServiceFail': _('This seller cannot sign in the background. Set Signing to '
                           '"On the site of MISA" on the account, then press "Go on" there.'),
    **dict.fromkeys(CERTIFICATE_CODES, _CERTIFICATE),
    'CannotConnectSignServer': _('The program that signs cannot be reached. When it can, '
                                 'press "Go on" on the e-invoice account.'),
}
DEFAULT_HINT = _('Correct what the sentence names, then retry.')
