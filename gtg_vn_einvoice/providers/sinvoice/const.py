"""Addresses, limits and error keys of S-Invoice. Numbers cite README.md beside."""

BASE_URL = 'https://api-vinvoice.viettel.vn'
LOGIN = '/auth/login'
API = '/services/einvoiceapplication/api/InvoiceAPI/'
CREATE = API + 'InvoiceWS/createInvoice/'
PREVIEW = API + 'InvoiceUtilsWS/createInvoiceDraftPreview/'
FIND = API + 'InvoiceWS/searchInvoiceByTransactionUuid'
FILE = API + 'InvoiceUtilsWS/getInvoiceRepresentationFile'
TEMPLATES = API + 'InvoiceUtilsWS/getAllInvoiceTemplates'
NUMBERS_LEFT = API + 'InvoiceUtilsWS/getProvidesStatusUsingInvoice'
SEND_TO_TAX = API + 'InvoiceWS/sendInvoiceByTransactionUuid'
LIST = API + 'InvoiceUtilsWS/getInvoicesAll/'

LIST_DAYS, LIST_ROWS = 31, 100  # README 9
LIST_KINDS = {'1': 'original', '3': 'replacement', '5': 'adjustment'}

TOKEN_MARGIN = 30  # seconds before the announced end, README 2
UNKNOWN_DELAY = 90  # seconds from a lost answer to the look-up, README 5
NOT_FOUND_GAP = 30  # seconds between the two look-ups that must miss, README 5

# rate of the legal format -> taxPercentage
TAX_PERCENTAGE = {'10%': 10, '8%': 8, '5%': 5, '0%': 0, 'KKKNT': -1, 'KCT': -2}

# README 4.2: what the strictest known version takes
QUANTITY_DECIMALS = 4  # README 4
LIMITS = {
    'buyerName': 100, 'buyerLegalName': 400, 'buyerAddressLine': 400,
    'buyerPhoneNumber': 20, 'buyerEmail': 2000, 'itemCode': 50, 'itemName': 500,
    'unitName': 50, 'paymentMethodName': 50, 'invoiceNote': 500,
    'additionalReferenceDesc': 225, 'adjustedNote': 255,
}

# README 9; 7 (cancelled) is dead
ADJUSTMENT_TYPES = {'adjust': '5', 'replace': '3'}
MONEY, INFORMATION = '1', '2'

# README 6
TAX_STATES = {
    'INVOICE_HAS_CODE_NOT_SENT': 'pending',
    'INVOICE_HAS_CODE_SENT': 'pending',
    'INVOICE_HAS_CODE_APPROVED': 'accepted',
    'APPROVED': 'accepted',
    'INVOICE_HAS_CODE_DIS_APPROVED': 'rejected',
    'INVOICE_NO_CODE_NOT_SENT': 'pending',
    'INVOICE_NO_CODE_SENT': 'pending',
    'INVOICE_NO_CODE_APPROVED': 'accepted',
    'INVOICE_NO_CODE_DIS_APPROVED': 'rejected',
}

NOT_FOUND = 'NOT_FOUND_DATA'
# README 3: the call may have made an invoice, or another one is making it
UNKNOWN_KEYS = frozenset({
    'TRANSACTION_IS_BEING_PROCESSED', 'INVOICE_NO_DUPLICATED', '47', '1521', 'GENERAL',
})
AUTH_KEYS = frozenset({'INVALID_USER_PASSWORD', 'USERNAME_NOT_FOUND'})
# README 3: so every invoice would be refused, of the account or of the series
BLOCKED_ACCOUNT = frozenset({
    '1520', 'TAX_CODE_INVALID', 'INVOICE_VALID_INPUT_INVALID_TAX_CODE',
    'DONOT_HAVE_PERMISSION'})
BLOCKED_SERIES = frozenset({'OUT_OF_INVOICE_NO', '1517'})

_ = str  # marks texts for the translators; they are translated when shown
_TAX_CODE = _('The seller tax code is not the one of this login. Correct it on the '
             'S-Invoice account, then press "Go on" there.')
_UUID = _('Our reference was refused. Tell the administrator.')
_ROUNDING = _('The amounts do not add up for S-Invoice. Compare the invoice with the '
             'preview and tell the administrator.')
HINTS = {
    'TEMPLATE_NOT_FOUND': _('Template and series do not belong together or are not '
                          'published. Fetch the series on the account, then retry.'),
    'OUT_OF_INVOICE_NO': _('The number range is used up. Buy more numbers from Viettel, '
                         'then press "Go on" on the e-invoice account.'),
    'INVOICE_ISSUED_DATE_INVALID': _('A later invoice of this series exists already. '
                                   'Check the clock of the server, then retry.'),
    'INVOICE_ISSUED_DATE_OVER_CURRENT_TIME': _('Check the clock of the server.'),
    '1517': _('The series is not active. Have it activated, then press "Go on" on the '
            'e-invoice account.'),
    '1520': _TAX_CODE, 'TAX_CODE_INVALID': _TAX_CODE,
    'INVOICE_VALID_INPUT_INVALID_TAX_CODE': _TAX_CODE,
    'INVOICE_VALID_INPUT_INVALID_BUYER_TAX_CODE':
        _('Correct the tax code (VAT) of the buyer, then retry.'),
    'BUYER_PHONE_NUMBER_INVALID': _('Correct the phone number of the buyer, then retry.'),
    'BAD_REQUEST_BUYER_PHONE_INVALID':
        _('Correct the phone number of the buyer, then retry.'),
    'ITEM_NAME_NULL': _('Give every invoice line a description, then retry.'),
    'INVALID_TRANSACTION_UUID': _UUID, 'LENGTH_TRANSACTION_UUID': _UUID,
    'BAD_REQUEST_TRANSACTION_UUID_LENGTH_INVALID': _UUID, '410': _UUID, '412': _UUID,
    'INVALID_DECIMAL_POINT_PRICE': _('Lower the decimals of unit prices on the S-Invoice '
                                   'account, then retry.'),
    '43': _ROUNDING, '44': _ROUNDING, '49': _ROUNDING, '87': _ROUNDING,
    'DONOT_HAVE_PERMISSION': _('The API user lacks the right. Ask Viettel or the portal '
                             'administrator, then press "Go on" on the account.'),
}
DEFAULT_HINT = _('Correct what the sentence names, then retry.')
