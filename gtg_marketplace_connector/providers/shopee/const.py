"""Shopee Open Platform v2: hosts, words and limits (README 1, 3, 5)."""

from ...lib import orders as o

API_HOSTS = {
    'production': 'https://partner.shopeemobile.com',
    'test': 'https://openplatform.sandbox.test-stable.shopee.sg',
}
AUTH_PAGES = {
    'production': 'https://open.shopee.com/auth',
    'test': 'https://open.sandbox.test-stable.shopee.com/auth',
}

DETAIL_BATCH = 50  # orders or packages per detail call
PAGE_SIZE = 100
DOCUMENT_BATCH = 50
WINDOW_SECONDS = 15 * 86400 - 3600  # the limit is 15 days; stay inside
GIVE_UP_AFTER = 3  # orders asked for alone without any answer: it is Shopee
MAX_PAGES = 500  # a list that is longer than this loops
OVERLAP_SECONDS = 600
QUOTA_ZONE_HOURS = 8  # daily quotas start anew at midnight UTC+8

# README 4: what is not asked for by name is absent from the answer
ORDER_FIELDS = ','.join((
    'buyer_user_id', 'buyer_username', 'estimated_shipping_fee',
    'recipient_address', 'actual_shipping_fee', 'note', 'item_list', 'pay_time',
    'split_up', 'buyer_cancel_reason', 'cancel_by', 'cancel_reason',
    'actual_shipping_fee_confirmed', 'fulfillment_flag', 'pickup_done_time',
    'package_list', 'shipping_carrier', 'payment_method', 'total_amount',
    'invoice_data', 'order_chargeable_weight_gram', 'edt', 'payment_info',
))

ORDER_STATUS = {
    'UNPAID': o.UNPAID,
    'PENDING': o.PENDING,
    'INVOICE_PENDING': o.PENDING,
    'READY_TO_SHIP': o.TO_SHIP,
    'PROCESSED': o.ARRANGED,
    'RETRY_SHIP': o.RETRY_SHIP,
    'SHIPPED': o.SHIPPED,
    'TO_CONFIRM_RECEIVE': o.DELIVERED,
    'COMPLETED': o.COMPLETED,
    'IN_CANCEL': o.CANCEL_REQUESTED,
    'CANCELLED': o.CANCELLED,
    'TO_RETURN': o.RETURNING,
}

PACKAGE_STATUS = {
    'LOGISTICS_NOT_START': o.PACKAGE_WAITING,
    'LOGISTICS_PENDING_ARRANGE': o.PACKAGE_READY,
    'LOGISTICS_READY': o.PACKAGE_READY,
    'LOGISTICS_REQUEST_CREATED': o.PACKAGE_ARRANGED,
    'LOGISTICS_PICKUP_RETRY': o.PACKAGE_RETRY,
    'LOGISTICS_PICKUP_DONE': o.PACKAGE_SHIPPED,
    'LOGISTICS_DELIVERY_DONE': o.PACKAGE_DELIVERED,
    'LOGISTICS_INVALID': o.PACKAGE_CANCELLED,
    'LOGISTICS_REQUEST_CANCELED': o.PACKAGE_CANCELLED,
    'LOGISTICS_PICKUP_FAILED': o.PACKAGE_CANCELLED,
    'LOGISTICS_COD_REJECTED': o.PACKAGE_CANCELLED,
    'LOGISTICS_DELIVERY_FAILED': o.PACKAGE_RETURNING,
    'LOGISTICS_LOST': o.PACKAGE_LOST,
}

# --- error groups (README 3), matched after stripping and without module prefix ---
TOKEN_BAD = {'invalid_acceess_token', 'invalid_access_token'}
AUTHORIZATION_OVER = {
    'shop_no_linked', 'partner_shop_no_link', 'merchant_no_linked',
    'user_no_linked', 'shop_access_expired', 'merchant_access_expired',
    'refresh_token_expired', 'error_shop_refresh_token',
    'error_merchant_refresh_token',
}
PLATFORM_SANCTION = {
    'shop_banned', 'merchant_banned', 'partner_frozen', 'error_api_call_restricted',
    'api_suspended', 'error_kyc_auth',
}
_ = str  # marks texts for the translators; they are translated when shown
CONFIGURATION = {
    'error_sign': _('Check the partner key and the environment of the app.'),
    'invalid_partner_id': _('Check the partner id and the environment of the app.'),
    'source_ip_undeclared':
        _("Add this server's address to the IP whitelist in the Shopee console."),
    'error_partner_key_expired':
        _('Reset the API key in the Shopee console and enter it on the app.'),
    'error_permission': _('The Shopee app may not call this; check its category.'),
    'error_api_permission': _('The Shopee app may not call this; check its category.'),
    'error_ashop_api_permission': _('This kind of shop may not call this.'),
}
THROTTLED = {'error_rate_limit', 'error_too_many_request'}
TRANSIENT = {
    'error_server', 'error_network', 'error_inner', 'error_system_busy',
    'system_busy', 'internal_error', 'error_other', 'error_data', 'error_database',
    'error_too_many_invoke_function', 'error_timeout', 'error_third_party_server',
    'error_connection', 'business_process_error',
}
# refused before anything happened, and fine a little later: never "unknown"
NOT_YET = {'logistic_order_is_locked_on_creating', 'download_later'}

# code of a push -> topic in the inbox (README 6)
PUSH_TOPICS = {
    1: 'authorized', 2: 'deauthorized', 3: 'order', 4: 'tracking', 8: 'stock',
    12: 'authorization ends', 15: 'label', 29: 'return', 30: 'package', 47: 'package',
}
ORDER_TOPICS = ('order', 'tracking', 'label', 'return', 'package')
SHOP_TOPICS = ('authorized', 'deauthorized', 'authorization ends')

# regions whose buyers ask for invoices on the platform (README 4)
INVOICE_REGIONS = ('VN', 'TH', 'PH')
_PERSON = {'name': ('name',), 'email': ('email',), 'tax_code': ('tax_id',),
           'id_number': ('national_id',), 'address': ('address',)}
# invoice_type -> our kind, and where our fields stand in invoice_detail
INVOICE_BUYERS = {
    'company': ('company', {
        'name': ('company_name',), 'email': ('company_email',),
        'tax_code': ('company_tax_id',), 'address': ('company_address',)}),
    'household': ('household', _PERSON),
    'personal': ('person', _PERSON),
}
