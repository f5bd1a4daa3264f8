"""Operations, limits and error numbers of VNPT. Numbers cite README.md beside."""

NAMESPACE = 'http://tempuri.org/'
PUBLISH, BUSINESS, PORTAL = 'PublishService', 'BusinessService', 'PortalService'
SERVICES = (PUBLISH, BUSINESS, PORTAL)
HOST = '.vnpt-invoice.com.vn'  # README 1
# README 3: what a customer's build must offer
NEEDED = {
    PUBLISH: ('ImportAndPublishInv', 'GetMCCQThueByFkeys', 'SendInvToCQTByFkeys'),
    BUSINESS: (),
    PORTAL: ('listInvByCusFkey', 'downloadInvPDFFkeyNoPay', 'downloadInvFkeyNoPay'),
}
PATTERNS = ('1/001', '2/001', '1', '2')  # asked for their series, README 4
UNICODE = 0  # convert, README 1
BATCH = 100  # documents per question for tax states, README 6

# README 7: (kind, cash register) -> operation and its parameter for minutes
CORRECT = {
    ('adjust', False): ('AdjustInvoiceAction', 'AttachFile'),
    ('replace', False): ('ReplaceInvoiceAction', 'Attachfile'),  # sic
    ('adjust', True): ('AdjustInvMTT', 'AttachFile'),
    ('replace', True): ('ReplaceInvMTT', 'AttachFile'),
}
# README 7: of originals that VNPT does not hold; none for cash registers is known
CORRECT_OUTSIDE = {'adjust': 'AdjustWithoutInv', 'replace': 'ReplaceWithoutInv'}
NEW_INVOICE = 1  # relatedInvType
ROOTS = {'adjust': 'DieuChinhHD', 'replace': 'ThayTheHD'}
INCREASE, DECREASE, INFORMATION, COMBINED = '2', '3', '4', '6'  # Type, README 7

LIST_DAYS = 7  # README 8
TOO_MANY = '10'
BLOCK = 100  # numbers of one list by number
PART = 10 ** 6  # blocks of one series: a page is named by both

# README 5: what the strictest known version takes
LIMITS = {'name': 400, 'person': 100, 'item': 500, 'unit': 50, 'code': 50, 'phone': 20,
          'email': 50, 'payment': 50, 'note': 255}
RATE_STYLES = {
    'number': {'10%': '10', '8%': '8', '5%': '5', '0%': '0', 'KCT': '-1', 'KKKNT': '-2'},
    'text': {rate: rate for rate in ('10%', '8%', '5%', '0%', 'KCT', 'KKKNT')},
}

TAX_STATES = {'0': 'pending', '1': 'pending', '2': 'accepted', '3': 'rejected'}
DRAFT = '0'  # status in lists, README 6

# README 4: numbers of ImportAndPublishInv; other operations use them differently
LOGIN = frozenset({'1', '7'})
KNOWN = frozenset({'13', '21', '22'})  # Fkey or number exists: look it up
UNKNOWN = frozenset({'', '5'})
# so every invoice would be refused, of the account or of the series
BLOCKED_ACCOUNT, BLOCKED_SERIES = frozenset({'29'}), frozenset({'6', '35'})
# README 7: the original was corrected already; perhaps by our own first attempt
CORRECTED = frozenset({'8', '9'})
GOOD_LOGIN = frozenset({'3', '20', '35'})  # answers to garbage, README 2
NOT_FOUND = frozenset({'2', '6'})
NOT_READY = frozenset({'6', '12', '13'})

_ = str  # marks texts for the translators; they are translated when shown
LOGIN_HINT = _('Correct both logins on the account, and the right of the first one on '
              'this pattern at VNPT, then connect again.')
_SERIES = _('Correct pattern and serial on the series, then retry.')
_PATTERN = _('Correct pattern and serial on the series, then press "Go on" on the '
             'e-invoice account.')
HINTS = {
    '3': _('VNPT finds the data wrong. Tell the administrator.'),
    '6': _('The number range is used up. Register more numbers at VNPT, then press "Go '
           'on" on the e-invoice account.'),
    '10': _('Tell the administrator.'),
    '20': _SERIES, '35': _PATTERN,
    '29': _('Renew the certificate at VNPT, then press "Go on" on the e-invoice '
            'account.'),
    '30': _('A later invoice of this series exists already. Check the clock of VNPT with '
          'its support.'),
}
_ORIGINAL = _('Look at the original on the site of VNPT. One that was replaced, or is '
              'not accepted by the tax office, cannot be corrected.')
_OTHER = _('Choose a series of the same form, pattern and kind as that of the original, '
           'then retry.')
CORRECTION_HINTS = {
    **HINTS,
    **dict.fromkeys(('2', '8', '9', '12'), _ORIGINAL),
    **dict.fromkeys(('19', '60', '61', '62'), _OTHER),
    '14': _('Wait a moment, then retry.'),
}
TEXTS = {
    '1': _('VNPT refused the login, or it has no right on this pattern'),
    '3': _('VNPT refused the data of the invoice'),
    '6': _('Not enough invoice numbers are left'),
    '7': _('VNPT refused the service login'),
    '10': _('Too many invoices at once for VNPT'),
    '11': _('VNPT wants the invoice marked as paid first'),
    '13': _('VNPT knows the invoice already'),
    '20': _('Pattern and serial do not fit together at VNPT'),
    '21': _('VNPT knows the invoice number already'),
    '22': _('VNPT knows the invoice number already'),
    '29': _('The certificate at VNPT has expired'),
    '30': _('The date lies before the last invoice of the series'),
    '35': _('VNPT wants pattern and serial'),
}
CORRECTION_TEXTS = {
    **TEXTS,
    '2': _('VNPT does not find the original'),
    '8': _('VNPT says that the original is replaced or adjusted already'),
    '9': _('VNPT says that the original cannot be corrected as it is'),
    '12': _('VNPT does not take the date of the original'),
    '14': _('VNPT could not give a number'),
    '15': TEXTS['3'],
    '19': _('The pattern is not that of the original'),
    '21': TEXTS['13'],
    '60': _('The original and this series are of different kinds: with and without code'),
    '61': _('The original is of another form'),
    '62': _('The original is of another kind: summary or detail'),
}
DEFAULT_HINT = _('Ask VNPT what the number means, correct it, then retry.')
SEPARATORS = frozenset('_;')  # README 4: of keys in a list
