"""GHN's words: hosts, paths, limits, statuses, reasons (README 1, 4, 6, 7)."""

from dataclasses import dataclass
from decimal import Decimal

from ...lib import tracking as T

HOSTS = {
    'production': 'https://online-gateway.ghn.vn',
    'test': 'https://dev-online-gateway.ghn.vn',
}
TRACKING_PAGES = {
    'production': 'https://donhang.ghn.vn/?order_code=',
    'test': 'https://tracking.ghn.dev/?order_code=',
}
API = '/shiip/public-api'
PRINT_PAGES = {
    'A5': '/a5/public-api/printA5',
    '80x80': '/a5/public-api/print80x80',
    '52x70': '/a5/public-api/print52x70',
}

PAYER = {'shop': 1, 'buyer': 2}
INSPECTION = {
    'no': 'KHONGCHOXEMHANG',
    'look': 'CHOXEMHANGKHONGTHU',
    'try': 'CHOTHUHANG',
}
LIGHT, HEAVY = 2, 5
HEAVY_FROM = 20_000  # g

# README 6: pages of GHN disagree; these are what its gateway took in 2026
MAX_WEIGHT = 50_000  # g
MAX_SIDE = 150  # cm
MAX_COD = Decimal(50_000_000)
MAX_COD_UPDATE = Decimal(5_000_000)
MAX_COD_FEE = Decimal(10_000_000)  # the fee call alone
MAX_VALUE = Decimal(5_000_000)
MAX_REFERENCE = 50
MAX_NAME = 1024
MAX_ITEM_NAME = 512
MAX_CONTENT = 2000
MAX_NOTE = 5000
PAGE = 200

CANCEL_REASON = 'GHN-CANCEL-OTHER'


_ = str  # marks texts for the translators; they are translated when shown


@dataclass(frozen=True)
class Status:
    """What one status of GHN means for the shop."""

    status: str  # normalised
    vi: str
    en: str
    ends: bool = False  # GHN calls it final
    holds: bool = True  # GHN has the goods
    attention: str = ''


_PICKUP = {'status': T.READY, 'holds': False}
STATUSES = {
    'ready_to_pick': Status(vi='Chờ lấy hàng', en='waiting for pickup', **_PICKUP),
    'picking': Status(vi='Đang đến lấy hàng', en='courier on the way to the shop',
                      **_PICKUP),
    'money_collect_picking': Status(
        vi='Đang tương tác với người gửi', en='courier is with the sender', **_PICKUP),
    'picked': Status(T.PICKED, 'Đã lấy hàng', 'picked up'),
    'storing': Status(T.IN_TRANSIT, 'Đang ở kho', 'in a depot'),
    'transporting': Status(T.IN_TRANSIT, 'Đang luân chuyển', 'between depots'),
    'sorting': Status(T.IN_TRANSIT, 'Đang phân loại', 'being sorted'),
    'delivering': Status(T.OUT_FOR_DELIVERY, 'Đang giao hàng', 'out for delivery'),
    'money_collect_delivering': Status(
        T.OUT_FOR_DELIVERY, 'Đang tương tác với người nhận',
        'courier is with the buyer'),
    'delivered': Status(T.DELIVERED, 'Đã giao hàng', 'delivered', ends=True,
                        holds=False),
    'delivery_fail': Status(T.FAILED_ATTEMPT, 'Giao không thành công',
                            'delivery attempt failed'),
    'waiting_to_return': Status(
        T.FAILED_ATTEMPT, 'Chờ xác nhận giao lại hoặc trả',
        'waits for your decision: deliver again or return',
        attention=_('Decide: deliver again or let it come back.')),
    'return': Status(T.RETURNING, 'Chuyển hoàn', 'will be returned'),
    'return_transporting': Status(T.RETURNING, 'Đang luân chuyển hàng trả',
                                  'on the way back'),
    'return_sorting': Status(T.RETURNING, 'Đang phân loại hàng trả',
                             'being sorted for return'),
    'returning': Status(T.RETURNING, 'Đang trả hàng', 'courier brings it back'),
    'return_fail': Status(T.RETURNING, 'Trả hàng không thành công', 'return failed',
                          attention=_('The return failed: GHN still has the goods.')),
    'returned': Status(T.RETURNED, 'Đã trả hàng', 'back at the shop', ends=True,
                       holds=False),
    'cancel': Status(T.CANCELLED, 'Đã huỷ', 'cancelled', ends=True, holds=False),
    # README 4: not a result; nothing may be concluded from it
    'exception': Status('', 'Ngoại lệ, GHN đang xử lý', 'irregular, GHN must handle it',
                        ends=True, attention=_('Irregular: ask GHN what happened.')),
    'lost': Status(T.LOST, 'Thất lạc', 'lost', ends=True, holds=False,
                   attention=_('Lost: claim the compensation.')),
    'damage': Status(T.DAMAGED, 'Hư hỏng', 'damaged', ends=True, holds=False,
                     attention=_('Damaged: claim the compensation.')),
    'scrap': Status(T.DAMAGED, 'Đã tiêu huỷ', 'destroyed', ends=True, holds=False,
                    attention=_('Destroyed: claim the compensation.')),
}
CANCELLABLE = frozenset(('ready_to_pick', 'picking', 'money_collect_picking'))
RETURNABLE = frozenset(('delivery_fail', 'storing', 'waiting_to_return', 'return'))
REDELIVERABLE = frozenset(('waiting_to_return',))
# what proves that the wish was heard: the parcel is on its way back, or to the buyer
SENT_BACK = frozenset(code for code, row in STATUSES.items()
                      if row.status in (T.RETURNING, T.RETURNED))
SENT_AGAIN = frozenset(
    code for code, row in STATUSES.items()
    if row.status in (T.IN_TRANSIT, T.OUT_FOR_DELIVERY, T.DELIVERED))

# code -> (Vietnamese, English); all carry the prefix GHN- (README 4)
REASONS = {
    'PFA1A0': ('Người gửi hẹn lại ngày lấy hàng', 'The sender postponed the pickup'),
    'PFA2A2': ('Thông tin lấy hàng sai', 'Wrong pickup address or phone'),
    'PFA2A1': ('Không liên lạc được người gửi', 'The sender could not be reached'),
    'PFA2A3': ('Người gửi không nghe máy', 'The sender did not answer'),
    'PFA1A1': ('Người gửi muốn gửi hàng tại bưu cục',
               'The sender will drop it at a post office'),
    'PCB0B2': ('Hàng vi phạm quy định kích thước, khối lượng',
               'Size or weight is not allowed'),
    'PFA4A1': ('Hàng đóng gói không đạt', 'The packing is not good enough'),
    'PCB0B1': ('Người gửi không muốn gửi nữa', 'The sender gave up'),
    'PFA4A2': ('Hàng không được vận chuyển', 'These goods are not carried'),
    'PFA3A2': ('Nhân viên gặp sự cố', 'The courier had an incident'),
    'DFC1A0': ('Người nhận hẹn lại ngày giao', 'The buyer postponed the delivery'),
    'DFC1A2': ('Không liên lạc được người nhận', 'The buyer could not be reached'),
    'DFC1A4': ('Người nhận không nghe máy', 'The buyer did not answer'),
    'DCD0A1': ('Sai địa chỉ hoặc số điện thoại', 'Wrong address or phone'),
    'DFC1A1': ('Người nhận đổi địa chỉ giao', 'The buyer changed the address'),
    'DFC1A7': ('Người nhận từ chối vì không được xem, thử hàng',
               'Refused: opening or trying was not allowed'),
    'DCD0A6': ('Người nhận từ chối vì sai sản phẩm', 'Refused: wrong product'),
    'DCD0A7': ('Người nhận từ chối vì sai tiền thu hộ', 'Refused: wrong amount to pay'),
    'DCD0A5': ('Người nhận từ chối vì hàng hư hỏng', 'Refused: damaged'),
    'DCD1A5': ('Người nhận không có tiền', 'The buyer had no money'),
    'DCD0A8': ('Người nhận đổi ý, không mua nữa', 'The buyer changed their mind'),
    'DCD1A1': ('Người nhận báo không đặt hàng', 'The buyer says they did not order'),
    'DFC1A6': ('Nhân viên gặp sự cố', 'The courier had an incident'),
    'DCD1A3': ('Hàng hư hỏng khi vận chuyển', 'Broken in transport'),
    'RFE0A0': ('Người gửi hẹn lại ngày trả', 'The sender postponed the return'),
    'RFE0A1': ('Người gửi đổi địa chỉ trả', 'The sender changed the return address'),
    'RFE0A6': ('Người gửi không nghe máy', 'The sender did not answer'),
    'RFE0A3': ('Người gửi không nhận vì sai sản phẩm',
               'The sender refused: wrong product'),
    'RFE0A4': ('Người gửi không nhận vì hàng hư hỏng',
               'The sender refused: damaged'),
    'RFE0A5': ('Nhân viên gặp sự cố', 'The courier had an incident'),
    'CO001': ('Lấy hàng quá chậm', 'Pickup too slow'),
    'CO002': ('Hết hàng', 'Out of stock'),
    'CO003': ('Người mua không mua nữa', 'The buyer dropped out'),
    'CANCEL-OTHER': ('Lý do khác', 'Another reason'),
}

ADDRESS_CODES = frozenset((
    'PROVINCE_NAME_NOT_VALID', 'DISTRICT_NAME_NOT_VALID', 'WARD_NAME_NOT_VALID',
    'WARD_IS_INVALID', 'TO_ADDRESS_CONVERT_FAIL', 'ADDRESS_CONFLICT'))
CONFIG_CODES = frozenset(('CLIENT_NOT_OWNER_OF_SHOP', 'SHOP_NOT_FOUND'))

#: what to do, by GHN's code (README 2)
HINTS = {
    'PHONE_INVALID': _('Correct the phone number, then retry.'),
    'PROVINCE_NAME_NOT_VALID': _('Choose the province and ward again, then retry.'),
    'DISTRICT_NAME_NOT_VALID': _('Choose the ward again, then retry.'),
    'WARD_NAME_NOT_VALID': _('Choose the ward again, then retry.'),
    'WARD_IS_INVALID': _('Choose the ward again, then retry.'),
    'TO_ADDRESS_CONVERT_FAIL': _('Ask the buyer for a better address, then retry.'),
    'ADDRESS_CONFLICT': _('The street is not in this ward: correct the ward, or leave '
                        'out the house number.'),
    'FROM_ADDRESS_CONVERT_FAIL': _("Complete the shop's address on GHN's portal."),
    'SHOP_INFO_ERROR': _("Complete the shop's profile on GHN's portal."),
    'ROUTE_NOT_FOUND_SERVICE': _('GHN does not go there: use another carrier.'),
    'SERVICE_NOT_FOUND_CONFIG_FEE': _('No price for this service: choose another one '
                                    'or ask GHN.'),
    'CLIENT_NOT_OWNER_OF_SHOP': _('Check the token and the ShopId of the account.'),
    'SHOP_NOT_FOUND': _('Check the ShopId of the account.'),
    'OTP_NOT_VALID': _("Change it on GHN's portal: GHN asks for a code by SMS."),
    'PERMISSION_DENIED_EDIT_COD': _("Change it on GHN's portal: GHN asks for a code by "
                                  'SMS.'),
    'SIZE_EXCEEDED': _('Use a smaller box or split the parcel.'),
    # no codes of GHN
    'FORBIDDEN': _('If it stays like this: allow the IP addresses of this server for '
                   "the token on GHN's portal."),
    'REFERENCE': _('Cancel this parcel here and make a new one.'),
}
#: machine codes whose meaning is known, whatever the text beside them says
KNOWN_CODES = CONFIG_CODES | ADDRESS_CODES | HINTS.keys() | {
    'USER_ERR_COMMON', 'ORDER_NOT_FOUND'}
#: fields of GHN's create call in the user's words
FIELD_HINTS = {
    'ToName': 'the name of the buyer', 'ToPhone': 'the phone of the buyer',
    'ToAddress': 'the street of the buyer', 'ToWardName': 'the ward of the buyer',
    'ToProvinceName': 'the province of the buyer', 'Weight': 'the weight',
    'Length': 'the length', 'Width': 'the width', 'Height': 'the height',
    'Content': 'the content',
}
