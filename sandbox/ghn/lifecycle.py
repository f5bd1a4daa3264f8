"""The 23 statuses of a GHN order, which carrier event leads from where to where, and
the reason codes (README, "Statuses")."""

from dataclasses import dataclass

PICKUP = ('ready_to_pick', 'picking', 'money_collect_picking')
CARRIED = ('picked', 'storing', 'transporting', 'sorting', 'delivering',
           'money_collect_delivering', 'delivery_fail')
WAITING = ('waiting_to_return',)
BACKWARD = ('return', 'return_transporting', 'return_sorting', 'returning',
            'return_fail')
GONE = ('exception', 'lost', 'damage', 'scrap')
FINAL = ('delivered', 'returned', 'cancel', *GONE)
STATUSES = (*PICKUP, *CARRIED, *WAITING, *BACKWARD, *FINAL)
UNDERWAY = (*CARRIED, *WAITING, *BACKWARD)

CANCELLABLE = PICKUP
RETURNABLE = ('delivery_fail', 'storing', 'waiting_to_return', 'return')
REDELIVERABLE = WAITING


@dataclass(frozen=True)
class Move:
    """A carrier event: the status it leads to and the statuses it may leave.

    GHN really skips steps, so sources are wide; a final status is never left.
    """
    status: str
    sources: tuple
    reason: str = ''


MOVES = {
    'picking': Move('picking', PICKUP),
    'collect_at_sender': Move('money_collect_picking', PICKUP),
    'fail_pickup': Move('ready_to_pick', PICKUP, 'GHN-PFA2A3'),
    'pick': Move('picked', PICKUP),
    'store': Move('storing', (*PICKUP, *CARRIED, *WAITING)),
    'transport': Move('transporting', (*PICKUP, *CARRIED)),
    'sort': Move('sorting', (*PICKUP, *CARRIED)),
    'deliver': Move('delivering', (*PICKUP, *CARRIED)),
    'collect_at_buyer': Move('money_collect_delivering', CARRIED),
    'fail': Move('delivery_fail', (*PICKUP, *CARRIED), 'GHN-DFC1A4'),
    'delivered': Move('delivered', (*PICKUP, *CARRIED)),
    'wait_return': Move('waiting_to_return', CARRIED),
    'return': Move('return', (*CARRIED, *WAITING)),
    'return_transport': Move('return_transporting', (*WAITING, *BACKWARD)),
    'return_sort': Move('return_sorting', (*WAITING, *BACKWARD)),
    'returning': Move('returning', (*WAITING, *BACKWARD)),
    'fail_return': Move('return_fail', BACKWARD, 'GHN-RFE0A6'),
    'returned': Move('returned', (*WAITING, *BACKWARD)),
    'exception': Move('exception', UNDERWAY),
    'lost': Move('lost', (*UNDERWAY, 'exception')),
    'damage': Move('damage', (*UNDERWAY, 'exception')),
    'scrap': Move('scrap', (*UNDERWAY, 'exception')),
    'cancel': Move('cancel', PICKUP, 'GHN-CANCEL-OTHER'),
}
# the usual next event, for the control page's "advance"
HAPPY_PATH = {
    'ready_to_pick': 'picking', 'picking': 'pick', 'money_collect_picking': 'pick',
    'picked': 'store', 'storing': 'transport', 'transporting': 'sort',
    'sorting': 'deliver', 'delivering': 'delivered',
    'money_collect_delivering': 'delivered', 'delivery_fail': 'store',
    'waiting_to_return': 'return', 'return': 'returning',
    'return_transporting': 'returning', 'return_sorting': 'returning',
    'return_fail': 'returning', 'returning': 'returned',
}
# only these statuses carry a reason in the callback
WITH_REASON = ('ready_to_pick', 'delivery_fail', 'return_fail', 'damage', 'lost', 'cancel')

REASONS = {
    'GHN-PFA1A0': 'Người gửi hẹn lại ngày lấy hàng',
    'GHN-PFA2A2': 'Thông tin lấy hàng sai',
    'GHN-PFA2A1': 'Không liên lạc được người gửi',
    'GHN-PFA2A3': 'Người gửi không nghe máy',
    'GHN-PFA1A1': 'Người gửi muốn gửi hàng tại bưu cục',
    'GHN-PCB0B2': 'Hàng vi phạm quy định kích thước, khối lượng',
    'GHN-PFA4A1': 'Hàng hóa đóng gói không đúng quy định',
    'GHN-PCB0B1': 'Người gửi không muốn gửi hàng nữa',
    'GHN-PFA4A2': 'Hàng hóa GHN không vận chuyển',
    'GHN-PFA3A2': 'Nhân viên lấy hàng gặp sự cố',
    'GHN-DFC1A0': 'Người nhận hẹn lại ngày giao',
    'GHN-DFC1A2': 'Không liên lạc được người nhận',
    'GHN-DFC1A4': 'Người nhận không nghe máy',
    'GHN-DCD0A1': 'Sai địa chỉ hoặc số điện thoại người nhận',
    'GHN-DFC1A1': 'Người nhận đổi địa chỉ giao hàng',
    'GHN-DFC1A7': 'Người nhận từ chối do không cho xem, thử hàng',
    'GHN-DCD0A6': 'Người nhận từ chối do sai sản phẩm',
    'GHN-DCD0A7': 'Người nhận từ chối do sai tiền thu hộ',
    'GHN-DCD0A5': 'Người nhận từ chối do hàng hư hỏng',
    'GHN-DCD1A5': 'Người nhận không có tiền',
    'GHN-DCD0A8': 'Người nhận đổi ý không mua nữa',
    'GHN-DCD1A1': 'Người nhận báo không đặt hàng',
    'GHN-DFC1A6': 'Nhân viên giao hàng gặp sự cố',
    'GHN-DCD1A3': 'Hàng hư hỏng trong quá trình vận chuyển',
    'GHN-RFE0A0': 'Người gửi hẹn lại ngày nhận hàng trả',
    'GHN-RFE0A1': 'Người gửi đổi địa chỉ trả hàng',
    'GHN-RFE0A6': 'Người gửi không nghe máy',
    'GHN-RFE0A3': 'Người gửi từ chối do sai sản phẩm',
    'GHN-RFE0A4': 'Người gửi từ chối do hàng hư hỏng',
    'GHN-RFE0A5': 'Nhân viên trả hàng gặp sự cố',
    'GHN-CO001': 'Lấy hàng quá chậm',
    'GHN-CO002': 'Người gửi hết hàng',
    'GHN-CO003': 'Người mua không mua nữa',
    'GHN-CANCEL-OTHER': 'Lý do khác',
}
CANCEL_REASONS = ('GHN-CO001', 'GHN-CO002', 'GHN-CO003', 'GHN-CANCEL-OTHER')


def possible_moves(status):
    """Names of the events that may happen in this status."""
    return [name for name, move in MOVES.items() if status in move.sources]


def reason_code(text):
    """'DFC1A4' or 'GHN-DFC1A4' -> 'GHN-DFC1A4'."""
    return text if not text or text.startswith('GHN-') else f'GHN-{text}'
