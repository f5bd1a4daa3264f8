'use strict';
// The control page: asks GET /overview every 2 s and redraws the tables that changed.

const chosen = {};           // `${code}.left` / `${code}.right` -> tab name
const drawn = new WeakMap(); // element -> JSON it shows
let only = location.hash.slice(1);
let overview = null;

const $ = (query, root = document) => root.querySelector(query);
function make(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}
function toast(text, bad = false) {
  const node = $('#toast');
  node.textContent = text;
  node.className = bad ? 'on bad' : 'on';
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { node.className = ''; }, bad ? 6000 : 2500);
}
async function call(method, path, payload) {
  const options = { method };
  if (payload !== undefined) {
    options.body = JSON.stringify(payload);
    options.headers = { 'Content-Type': 'application/json' };
  }
  const answer = await fetch(path, options);
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error || answer.status);
  return data;
}
async function act(method, path, payload, done) {
  try {
    const data = await call(method, path, payload);
    toast(typeof done === 'function' ? done(data) : done || 'Done');
    await refresh();
    return data;
  } catch (error) {
    toast(error.message, true);
  }
}
function edit(title, payload, send) {
  const dialog = $('#editor');
  const area = $('textarea', dialog);
  $('h3', dialog).textContent = title;
  $('.error', dialog).textContent = '';
  area.value = JSON.stringify(payload, null, 2);
  area.readOnly = !send;
  $('[value=send]', dialog).hidden = !send;
  $('form', dialog).onsubmit = async (event) => {
    if (event.submitter.value !== 'send') return;
    event.preventDefault();
    try {
      await send(JSON.parse(area.value || '{}'));
      dialog.close();
      refresh();
    } catch (error) {
      $('.error', dialog).textContent = error.message;
    }
  };
  dialog.showModal();
}

// === CELLS === //
const GOOD = /^(ok|delivered|completed|approved|active|true|normal|paid|finish|transferred|returned)$/i;
const BAD = /(refused|dis_approved|cancel|fail|lost|crash|dropped|damage|exception|revoked)/i;
const WARN = /(wait|pending|return|queued|held|not processed|ready_to|unpaid|sent)/i;
function pill(text) {
  const kind = GOOD.test(text) ? 'good' : BAD.test(text) ? 'bad' : WARN.test(text) ? 'warn' : '';
  return make('span', { className: `pill ${kind}`, textContent: text });
}
function cell(name, value) {
  const node = make('td');
  if (value === null || value === undefined || value === '') return node;
  if (typeof value === 'number') {
    const plain = /id$|number$/i.test(name);
    node.className = plain ? '' : 'num';
    node.textContent = plain ? value : value.toLocaleString('en-US');
  } else if (/^(status|state|exchange|verdict|stage|order_status)$/.test(name)) {
    node.append(pill(String(value)));
  } else {
    node.textContent = typeof value === 'object' ? JSON.stringify(value) : String(value);
    node.title = node.textContent;
  }
  return node;
}
const time = (text) => new Date(text).toLocaleTimeString('en-GB', { timeZone: 'Asia/Ho_Chi_Minh' });
const label = (name) => name.replace(/^_/, '').replaceAll('_', ' ')
  .replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().replace(/^./, (c) => c.toUpperCase());
function table(columns, rows, extra) {
  const head = make('tr', {}, ...columns.map((name) => make('th', { textContent: label(name) })));
  if (extra) head.append(make('th'));
  const body = rows.map((row) => {
    const line = make('tr', {}, ...columns.map((name) => cell(name, row[name])));
    if (extra) extra(line, row);
    return line;
  });
  return make('div', { className: 'scroll' }, make('table', {},
    make('thead', {}, head), make('tbody', {}, ...body)));
}
const empty = (text) => make('p', { className: 'empty', textContent: text });

// === LEFT: OBJECTS === //
function objects(provider, name) {
  const kind = provider.objects[name];
  const columns = kind.columns.length ? kind.columns : [kind.key];
  if (!kind.rows.length) return empty(kind.can_create ? `No ${label(name).toLowerCase()} yet. Make one above.` : `No ${label(name).toLowerCase()} yet.`);
  return table(columns, kind.rows, (line, row) => {
    const key = String(row[kind.key]);
    const first = line.cells[0];
    first.classList.add('key');
    first.onclick = () => edit(`${label(name)} ${key}`, row);
    const cellOfVerbs = make('td', { className: 'verbs' });
    const verbs = row._verbs || kind.verbs;
    const run = (verb) => {
      const path = `/${provider.code}/${name}/${encodeURIComponent(key)}/${verb}`;
      const form = kind.verb_forms[verb];
      if (form) edit(`${label(verb)}: ${key}`, form, (data) => call('POST', path, data));
      else act('POST', path, {}, `${label(verb)}: ${key}`);
    };
    verbs.slice(0, verbs.length > 4 ? 3 : 4).forEach((verb) => cellOfVerbs.append(
      make('button', { className: 'verb', textContent: label(verb), onclick: () => run(verb) })));
    if (verbs.length > 4) {
      const more = make('select', { className: 'verb', title: 'More' },
        make('option', { textContent: 'more', value: '' }),
        ...verbs.slice(3).map((verb) => make('option', { textContent: label(verb), value: verb })));
      more.onchange = () => { const verb = more.value; more.value = ''; more.blur(); run(verb); };
      cellOfVerbs.append(more);
    }
    line.append(cellOfVerbs);
  });
}
function create(provider, name) {
  const kind = provider.objects[name];
  if (!kind.can_create) return [];
  const path = `/${provider.code}/${name}`;
  const one = label(name).toLowerCase().replace(/ies$/, 'y').replace(/s$/, '');
  const made = (data) => `Made ${one} ${data[kind.key] ?? ''}`;
  return [
    make('button', { className: 'primary', textContent: `New ${one}`, onclick: () => act('POST', path, kind.create_form, made) }),
    make('button', { textContent: 'with details…', onclick: () => edit(`New ${one}`, kind.create_form, (data) => call('POST', path, data)) }),
  ];
}

// === RIGHT: WHAT HAPPENED, FAULTS, SETTINGS === //
const right = {
  Ledger: (p) => (p.ledger.length
    ? table(['seq', 'time', 'operation', 'reference', 'object_id'], p.ledger.map((r) => ({ ...r, time: time(r.at) })))
    : empty('No business effect yet.')),
  Calls: (p) => (p.calls.length
    ? table(['time', 'operation', 'answer', 'verdict', 'about', 'ms'], p.calls.map((c) => ({
      ...c, time: time(c.at), answer: String(c.status ?? 'none'),
      about: [c.fault && `fault: ${c.fault}`, c.reason || c.reference].filter(Boolean).join(' ') })))
    : empty('No call yet.')),
  Pushes: (p) => (p.pushes.length
    ? table(['time', 'topic', 'reference', 'state', 'tries', 'answer'], p.pushes.map((x) => {
      const last = x.attempts.at(-1);
      return { ...x, time: time(x.at), tries: x.attempts.length, answer: last ? last.error || String(last.status) : '' };
    }), (line, row) => { line.onclick = () => edit(`Push ${row.seq}`, row); })
    : empty(p.webhook ? 'No webhook sent yet.' : 'No webhook address is set.')),
  Faults: (p) => faults(p),
  Settings: (p) => settings(p),
  Access: (p) => make('div', { className: 'scroll' }, make('pre', { textContent: JSON.stringify({ url: p.url, webhook: p.webhook, credentials: p.credentials }, null, 2) })),
};
function faults(p) {
  const option = (text) => make('option', { textContent: text });
  const operation = make('select', { title: 'Operation' }, ...['*', ...p.operations].map(option));
  const mode = make('select', { title: 'Mode' }, ...p.fault_modes.map((m) => option(m.replace('<n>', '503'))));
  const times = make('input', { type: 'number', value: 1, min: 0, title: 'Times (0: until removed)' });
  const after = make('input', { type: 'number', value: 0, min: 0, title: 'Let so many pass first' });
  const params = make('input', { className: 'params', placeholder: '{"seconds": 3}', title: 'Parameters (JSON)' });
  const add = make('button', { className: 'primary', textContent: 'Inject', onclick: () => {
    let more;
    try { more = JSON.parse(params.value || '{}'); } catch (error) { toast(error.message, true); return; }
    act('POST', `/${p.code}/faults`, { ...more, operation: operation.value, mode: mode.value, times: +times.value, after: +after.value }, 'Fault injected');
  } });
  const rows = p.faults.length
    ? table(['operation', 'mode', 'times', 'after', 'fired'], p.faults, (line, row) => line.append(make('td', { className: 'verbs' },
      make('button', { className: 'verb', textContent: 'Remove', onclick: () => act('DELETE', `/${p.code}/faults/${row.id}`, undefined, 'Removed') }))))
    : empty('No fault: everything works.');
  return make('div', {}, make('div', { className: 'fault' }, operation, mode, 'times', times, 'after', after, params, add), rows);
}
function settings(p) {
  const names = Object.keys(p.settings);
  if (!names.length) return empty('This provider has no switches.');
  const grid = make('div', { className: 'settings' });
  names.forEach((name) => {
    const value = p.settings[name];
    const yes = typeof value === 'boolean';
    const input = make('input', yes ? { type: 'checkbox', checked: value } : { value: typeof value === 'string' ? value : JSON.stringify(value) });
    input.onchange = () => {
      let next = input.checked;
      if (!yes) next = typeof value === 'string' ? input.value : JSON.parse(input.value);
      act('POST', `/${p.code}/settings`, { [name]: next }, `${label(name)} changed`);
    };
    grid.append(make('label', { textContent: label(name) }), input);
  });
  return make('div', { className: 'scroll' }, grid);
}

// === DRAWING === //
function bar(provider, side, names, counts, extra) {
  const key = `${provider.code}.${side}`;
  if (!names.includes(chosen[key])) chosen[key] = names[0];
  const tabs = names.map((name) => {
    const tab = make('button', { className: `tab ${chosen[key] === name ? 'on' : ''}`, onclick: () => { chosen[key] = name; draw(true); } }, label(name));
    if (counts[name]) tab.append(' ', make('small', { textContent: counts[name] }));
    return tab;
  });
  return make('div', { className: 'bar' }, ...tabs, make('span', { className: 'space' }), ...extra(chosen[key]));
}
function card(p) {
  const kinds = Object.keys(p.objects);
  const count = (text, value) => make('span', {}, make('b', { textContent: value }), ` ${text}`);
  const left = make('section');
  if (kinds.length) {
    const counts = Object.fromEntries(kinds.map((name) => [name, p.objects[name].total]));
    left.append(bar(p, 'left', kinds, counts, (name) => create(p, name)), objects(p, chosen[`${p.code}.left`]));
  }
  const side = make('section');
  side.append(bar(p, 'right', Object.keys(right), { Faults: p.faults.filter((f) => !f.spent).length }, () => []), right[chosen[`${p.code}.right`]](p));
  return make('div', { className: 'card', id: `card-${p.code}` },
    make('div', { className: 'head' }, make('h2', { textContent: p.title }), make('span', { className: 'url', textContent: p.url }),
      make('span', { className: 'counts' }, count('effects', p.counts.ledger), count('calls', p.counts.calls), count('refused', p.counts.refused), count('pushes', p.counts.pushes)),
      make('button', { textContent: 'Reset', onclick: () => act('POST', `/${p.code}/reset`, {}, `${p.title} is back to its seed`) })),
    make('div', { className: 'halves' }, left, side));
}
function draw(force = false) {
  const moment = new Date(overview.clock.now);
  $('#now').textContent = moment.toLocaleString('en-GB', { timeZone: 'Asia/Ho_Chi_Minh' }) + ' (Vietnam)';
  $('#real').hidden = Math.abs(overview.clock.offset) < 1;
  const names = overview.providers.map((p) => p.code);
  if (!names.includes(only)) only = '';
  $('#tabs').replaceChildren(...['', ...names].map((code) => make('button', {
    className: code === only ? 'on' : '', textContent: code ? overview.providers.find((p) => p.code === code).title : 'All',
    onclick: () => { only = code; history.replaceState(null, '', `#${code}`); draw(true); } })));
  const cards = $('#cards');
  overview.providers.forEach((p) => {
    let old = $(`#card-${p.code}`);
    if (only && p.code !== only) { if (old) old.remove(); return; }
    const text = JSON.stringify(p);
    const busy = old && old.contains(document.activeElement) && /SELECT|INPUT/.test(document.activeElement.tagName);
    if (old && !force && (busy || drawn.get(old) === text)) return;
    const scrolled = old ? [...old.querySelectorAll('.scroll')].map((s) => s.scrollTop) : [];
    const fresh = card(p);
    if (old) old.replaceWith(fresh); else cards.append(fresh);
    fresh.querySelectorAll('.scroll').forEach((s, i) => { s.scrollTop = scrolled[i] || 0; });
    drawn.set(fresh, text);
  });
  names.forEach((code) => { const node = $(`#card-${code}`); if (node) cards.append(node); });
}
async function refresh() {
  try {
    overview = await call('GET', '/overview');
    $('#offline').hidden = true;
    draw();
  } catch (error) {
    $('#offline').hidden = false;
    console.error(error);
  }
}
document.querySelectorAll('[data-advance]').forEach((button) => {
  button.onclick = () => act('POST', '/clock', { advance: +button.dataset.advance }, 'The clock moved');
});
$('#real').onclick = () => act('POST', '/clock', { offset: 0 }, 'Real time again');
$('#reset').onclick = () => confirm('Forget all orders, parcels and invoices of the sandbox?') && act('POST', '/reset', {}, 'All providers are back to their seed');
refresh();
setInterval(() => { if (!document.hidden && !$('#editor').open) refresh(); }, 2000);
