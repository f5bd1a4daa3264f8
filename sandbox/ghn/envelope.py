"""The one envelope of every GHN answer, and the refusal that any check may raise."""

from datetime import timezone

from ..frame import Refused as FrameRefused
from ..frame import Response

ZERO_DATE = '0001-01-01T00:00:00Z'


class Refused(FrameRefused):
    """A refusal of the gateway; the HTTP status equals the code of the body.

    :param str message: the technical sentence
    :param str code_message: machine code, left out when None
    :param str shown: Vietnamese sentence for people
    :param int code: HTTP status and body code
    """

    def __init__(self, message, code_message=None, shown='', code=400):
        body = {'code': code, 'message': message, 'data': None}
        if code_message:
            body['code_message'] = code_message
            body['code_message_value'] = shown or message
        super().__init__(Response(code, json=body), code_message or message)
        self.code_message = code_message
        self.message = message


def user_error(message):
    """The refusal for any mistake of input."""
    return Refused(message, 'USER_ERR_COMMON')


def order_missing():
    return Refused(
        'Lỗi gọi API: corev2_tenant_order_detail - code=404, '
        'message=Đơn hàng không tồn tại')


def success(data, display=None):
    """A positive answer."""
    body = {'code': 200, 'message': 'Success', 'data': data, 'code_message_value': ''}
    if display:
        body['message_display'] = display
    return Response(200, json=body)


def stamp(moment):
    """Aware datetime -> RFC 3339 text in UTC with milliseconds."""
    moment = moment.astimezone(timezone.utc)
    return f'{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z'
