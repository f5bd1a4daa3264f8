from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestPlaces(TransactionCase):

    def load(self, **changes):
        rows = {
            # as PostgreSQL's jsonb gives it back: the children first
            'ward': [
                {'ext_id': '11', 'name': 'Phường Sài Gòn', 'names': ['Sai Gon'],
                 'parent': '1'},
                {'ext_id': '12', 'name': 'Xã Thanh An', 'names': [], 'parent': '1'},
                {'ext_id': '13', 'name': 'Xã Thạnh An', 'names': [], 'parent': '1'}],
            'province': [{'ext_id': '1', 'name': 'Hồ Chí Minh', 'names': ['HCM'],
                          'parent': ''}]}
        rows.update(changes)
        return self.env['gtg.carrier.unit']._gtg_load('test', 'new', rows)

    def resolve(self, **values):
        partner = self.env['res.partner'].create({
            'name': 'B', 'state_id': self.env.ref('base.state_vn_VN-SG').id, **values})
        return self.env['gtg.carrier.unit']._gtg_resolve('test', partner)

    def test_load_again_archives_what_is_gone(self):
        self.assertEqual(self.load(), 4)
        self.assertEqual(self.load(ward=[
            {'ext_id': '11', 'name': 'Phường Sài Gòn Mới', 'names': [],
             'parent': '1'}]), 2)
        units = self.env['gtg.carrier.unit'].search([('provider', '=', 'test')])
        self.assertEqual(set(units.mapped('name')), {
            'Hồ Chí Minh', 'Phường Sài Gòn Mới'})

    def test_the_ward_of_a_partner(self):
        self.load()
        for city, street2, expected in (
            ('Phường Sài Gòn', '', 'Phường Sài Gòn'), ('P. Sài Gòn', '', 'Phường Sài Gòn'),
            ('phuong sai gon', '', 'Phường Sài Gòn'),
            ('TP Hồ Chí Minh', 'Phường Sài Gòn', 'Phường Sài Gòn'),
            ('Sài Gòn', 'Xã Thạnh An', 'Xã Thạnh An'),
            ('', 'Phường Sài Gòn', 'Phường Sài Gòn'),
            ('Phường Sài Gòn, TP. Hồ Chí Minh', '', 'Phường Sài Gòn'),
            ('thanh an', '', False), ('Xã Thanh An', '', 'Xã Thanh An'),
            ('Phường 10', '', False), ('Phường Sài Gòn, Quận 1', '', False),
            ('', '', False),
        ):
            ward, province, _found = self.resolve(city=city, street2=street2)
            self.assertEqual(ward.name, expected, (city, street2))
            self.assertEqual(province.name, 'Hồ Chí Minh')

    def test_candidates_for_a_person(self):
        self.load()
        _ward, _province, found = self.resolve(city='thanh an')
        self.assertEqual(set(found.mapped('name')), {'Xã Thanh An', 'Xã Thạnh An'})

    def test_without_a_province(self):
        self.load()
        self.assertEqual([bool(x) for x in self.resolve(
            city='Phường Sài Gòn', state_id=False)], [False] * 3)
