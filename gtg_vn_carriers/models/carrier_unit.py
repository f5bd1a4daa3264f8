from odoo import api, fields, models

from ..lib import addresses


class CarrierUnit(models.Model):
    """A place in a carrier's catalogue: the only names it accepts."""

    _name = 'gtg.carrier.unit'
    _description = "Place in a carrier's catalogue"
    _order = 'name'
    _rec_names_search = ['name', 'folded']

    provider = fields.Char(required=True, readonly=True)
    scheme = fields.Selection(
        [('new', 'Province and ward'), ('old', 'Before July 2025')],
        default='new', required=True, readonly=True)
    level = fields.Selection(
        [('province', 'Province'), ('district', 'District'), ('ward', 'Ward')],
        required=True, readonly=True)
    ext_id = fields.Char("Carrier's number", required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    spellings = fields.Char(readonly=True, help='Other names, separated by |')
    folded = fields.Char(
        compute='_compute_folded', store=True, index=True,
        help='Name without accents, to search in')
    parent_id = fields.Many2one(
        'gtg.carrier.unit', 'In', readonly=True, index=True, ondelete='cascade')
    active = fields.Boolean(default=True)

    _place_unique = models.Constraint(
        'UNIQUE (provider, scheme, level, ext_id)', 'This place is known already.')

    @api.depends('name')
    def _compute_folded(self):
        for unit in self:
            unit.folded = addresses.fold(unit.name)

    @api.depends('name', 'parent_id.name')
    def _compute_display_name(self):
        for unit in self:
            unit.display_name = ', '.join(
                filter(None, [unit.name, unit.parent_id.name]))

    @api.model
    def _gtg_load(self, provider, scheme, rows):
        """Bring the catalogue up to date; what the carrier dropped is archived.

        :param rows: {level: [dict ``ext_id, name, names, parent``]}
        :return: number of places
        """
        units = self.with_context(active_test=False)
        known = {(unit.level, unit.ext_id): unit for unit in units.search([
            ('provider', '=', provider), ('scheme', '=', scheme)])}
        parents, seen = {}, set()
        for level in ('province', 'district', 'ward'):
            places, new = rows.get(level, []), []
            for place in places:
                vals = {
                    'name': place['name'], 'spellings': '|'.join(place['names']),
                    'parent_id': parents.get(place['parent'], False), 'active': True}
                key = (level, place['ext_id'])
                if key in seen:
                    continue
                seen.add(key)
                unit = known.get(key)
                if not unit:
                    new.append({**vals, 'provider': provider, 'scheme': scheme,
                                'level': level, 'ext_id': place['ext_id']})
                elif any((unit[name].id if name == 'parent_id' else unit[name]) != value
                         for name, value in vals.items()):
                    unit.write(vals)
            for unit in units.create(new):
                known[unit.level, unit.ext_id] = unit
            if places:
                parents = {place['ext_id']: known[level, place['ext_id']].id
                           for place in places}
        gone = units.browse([unit.id for key, unit in known.items() if key not in seen])
        gone.filtered('active').write({'active': False})
        return len(seen)

    @api.model
    def _gtg_places(self, provider, level, parent=None):
        """:return: `addresses.Unit` of one level, within a parent if given"""
        domain = [('provider', '=', provider), ('scheme', '=', 'new'),
                  ('level', '=', level)]
        if parent is not None:
            domain.append(('parent_id', '=', parent))
        return [addresses.Unit(unit.id, unit.name, tuple(
            (unit.spellings or '').split('|') if unit.spellings else ()))
            for unit in self.sudo().search(domain)]

    @api.model
    def _gtg_resolve(self, provider, partner):
        """The ward of a partner's address.

        The ward stands in the city field; where the city repeats the province, in the
        second street line.

        :return: (ward, province, candidate wards): records, possibly empty
        """
        province = addresses.province(
            partner.state_id.name or '', self._gtg_places(provider, 'province')).unit
        if not province:
            return self.browse(), self.browse(), self.browse()
        wards = self._gtg_places(provider, 'ward', province.id)
        text = partner.city or ''
        if not text.strip() or addresses.province(text, [province]).unit:
            text = partner.street2 or ''
        match = addresses.commune(text, wards, partner.state_id.name)
        return (self.browse(match.unit.id if match.unit else []),
                self.browse(province.id),
                self.browse([unit.id for unit in match.candidates]))
