"""Support tickets, the little that a shop uses (README, "Tickets")."""

from .binding import INT, parameters
from .envelope import stamp, success, user_error
from .master_data import page

CATEGORIES = ('Tư vấn', 'Hối Giao/Lấy/Trả hàng', 'Thay đổi thông tin', 'Khiếu nại')


class Tickets:
    def __init__(self, provider):
        self.provider = provider
        self.rows = {}

    def create(self, request):
        form = self._form(request, 'order_code', 'category', 'description')
        if form['category'] not in CATEGORIES:
            raise user_error('category không hợp lệ')
        self.provider.orders.find(form['order_code'], request.client_id)
        number = len(self.rows) + 1
        self.rows[number] = {
            'id': number, 'order_code': form['order_code'],
            'client_id': request.client_id, 'type': form['category'],
            'description': form['description'], 'c_email': form.get('c_email', ''),
            'status': 'Đang xử lý', 'status_id': 2, 'attachments': [],
            'conversations': [], 'created_at': stamp(self.provider.now())}
        self.provider.effect('create_ticket', form['order_code'], number)
        return success(self.rows[number])

    def reply(self, request):
        form = self._form(request, 'ticket_id', 'description')
        ticket = self._find(form['ticket_id'], request)
        ticket['conversations'].append({
            'body': form['description'], 'created_at': stamp(self.provider.now())})
        self.provider.effect('reply_ticket', ticket['order_code'], ticket['id'])
        return success(ticket)

    def index(self, request):
        values = parameters(request, {'offset': INT, 'limit': INT})
        mine = [row for row in self.rows.values()
                if row['client_id'] == request.client_id]
        return success(page(mine, values, 200))

    def detail(self, request):
        number = parameters(request, {'ticket_id': INT}).get('ticket_id')
        return success(self._find(number, request))

    def answer(self, key, payload):
        """Control: GHN answers the ticket."""
        ticket = self.rows[int(key)]
        ticket['conversations'].append({
            'body': payload.get('text', 'Đã xử lý'), 'from': 'GHN',
            'created_at': stamp(self.provider.now())})
        ticket['status'], ticket['status_id'] = 'Đã xử lý', 5
        return ticket

    def _form(self, request, *needed):
        form = request.form()
        missing = [name for name in needed if not form.get(name)]
        if missing:
            raise user_error(f'{", ".join(missing)} is required')
        return form

    def _find(self, number, request):
        ticket = self.rows.get(int(number or 0)) if str(number or 0).isdigit() else None
        if not ticket or ticket['client_id'] != request.client_id:
            raise user_error('ticket_id không hợp lệ')
        return ticket
