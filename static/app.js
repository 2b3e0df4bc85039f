// Portico's script; pages work without it
'use strict';
const root = document.documentElement;
const $ = (css, from = document) => from.querySelector(css);
const $$ = (css, from = document) => [...from.querySelectorAll(css)];
const on = (type, run, capture) => document.addEventListener(type, run, capture);

// Toasts: HX-Trigger {"toast":{"tone":"good|bad|info","text":""}} fills <template id="toast-good">; bad ones stay
const leave = (n) => setTimeout(() => n.matches(':hover,:focus-within') ? leave(n) : n.remove(), 6000);
const toast = ({ tone, text, id }) => {
  if ($$('.toasts .notice').some((n) => n.dataset.text === text)) return;
  const note = $(`#toast-${tone}`).content.firstElementChild.cloneNode(true);
  note.dataset.text = text;
  $('p', note).textContent = id ? `${text} Request ${id}.` : text;
  $('.toasts').append(note);
  if (tone !== 'bad') leave(note);
};
on('toast', (e) => toast(e.detail));
$$('.toasts .notice:not(.bad)').forEach(leave);

on('click', async (e) => {
  const theme = e.target.closest('button[name=theme]'), copy = e.target.closest('[data-copy]');
  e.target.closest('[data-close]')?.closest('.notice').remove();
  if (theme) {
    e.preventDefault();
    root.dataset.bsTheme = theme.value;
    if (theme.value === 'system') delete root.dataset.bsTheme;
    for (const b of $$('button[name=theme]')) b.ariaPressed = b.value === theme.value;
    const body = new URLSearchParams(new FormData(theme.form, theme));
    fetch(theme.form.action, { method: 'POST', body, redirect: 'manual', keepalive: true }).catch(() => failed());
  }
  if (copy) try {
    await navigator.clipboard.writeText(copy.dataset.copy);
    toast({ tone: 'good', text: 'Copied' });
  } catch { toast({ tone: 'bad', text: 'Copying is blocked here' }); }
});
// htmx 4.0.1 swallows Ctrl-, ⌘- and Shift-clicks
on('click', (e) => { if ((e.ctrlKey || e.metaKey || e.shiftKey) && e.target.closest('a')) e.stopPropagation(); }, true);

// Lists: tick all, count
const count = () => $$('.list').forEach((list) => {
  const rows = $$('tbody .pick :enabled', list), n = rows.filter((r) => r.checked).length;
  const all = $('thead .pick input', list), out = $('.bulk output', list);
  if (all) { all.checked = n && n === rows.length; all.indeterminate = n && !all.checked; }
  if (out && parseInt(out.value) !== n) out.value = `${n} selected`;
});
on('change', ({ target: t }) => {
  if (!t.closest('.pick')) return;
  if (t.closest('thead')) for (const r of $$('tbody .pick :enabled', t.closest('table'))) r.checked = t.checked;
  count();
});

// Roles: what counts for the whole program is closed while a role sees one partner
on('change', ({ target: t }) => {
  if (t.id !== 'sees' || !$('#grant')) return;
  const own = t.value === 'own';
  for (const box of $$('#grant [data-wide][data-open]')) box.disabled = own;
  $('#wide-n').hidden = !own;
});

// Forms: one request at a time; form[data-unsaved] guards changes ("dirty": at once)
const saved = (form) => { if (form?.dataset.unsaved) form.dataset.unsaved = ''; };
on('input', ({ target: { form } }) => { if (form?.matches('[data-unsaved]')) form.dataset.unsaved = 'dirty'; });
on('submit', (e) => { if (e.target.ariaBusy === 'true') { e.preventDefault(); e.stopPropagation(); } }, true);
on('submit', ({ target: form, defaultPrevented }) => {
  if (defaultPrevented || form.method !== 'post') return;
  saved(form);
  form.ariaBusy = true;
  setTimeout(() => { form.ariaBusy = false; }, 9000); // downloads
});
addEventListener('beforeunload', (e) => { if ($('[data-unsaved=dirty]')) e.preventDefault(); });

// Questions that depend on another answer; the server decides what counts
const depend = () => $$('[data-if]').forEach((q) => {
  const from = $(`[data-q="${q.dataset.if}"]`), wanted = q.dataset.value.trim().toLowerCase();
  const fields = from ? $$('input:not([type=radio],[type=checkbox]),textarea,input:checked', from) : [];
  const fits = fields.map((f) => f.value.trim().toLowerCase()).some((v) => q.dataset.test === 'is' ? v === wanted : v.includes(wanted));
  q.hidden = !from || from.hidden || !fits;
});
on('input', ({ target }) => { if (target.closest('[data-q]')) depend(); });

// A new error summary takes focus
const problems = () => {
  const box = $('.errors:not([data-seen])');
  if (box) box.dataset.seen = box.tabIndex = -1;
  box?.focus();
};

// htmx: no empty parameters; busy marks; failures
const hx = (type, run) => on(`htmx:${type}`, ({ detail: { ctx } }) => { if (ctx) run(ctx.request, ctx.response, ctx.target); });
const failed = (res) => toast({
  tone: 'bad', id: res?.headers.get('x-request-id'),
  text: res?.status === 500 ? 'That did not work. Nothing was changed.' : 'No answer. Reload before you try again.'
});
hx('config:request', ({ method, body }) => { if (method === 'GET') for (const [k, v] of [...body]) if (!v) body.delete(k); });
hx('before:request', (req, res, target) => { if (req.el = req.method === 'GET' ? target : req.form) req.el.ariaBusy = true; });
hx('finally:request', ({ el }) => { if (el) el.ariaBusy = false; });
hx('after:request', (req, res) => { if (res.status < 400) saved(req.form); });
hx('response:error', (req, res) => { if (res.status > 499) failed(res); });
hx('error', (req, res) => { if (!res) failed(); });
hx('after:swap', () => { problems(); count(); });
on('htmx:before:history:update', (e) => { if (e.detail.response?.status > 399) e.preventDefault(); });

// Keys: Ctrl/⌘ K; unless <html data-keys="off">: / j k x, g + data-go, data-key
let g = 0;
on('keydown', (e) => {
  const { target: at, key } = e, row = at.closest('tbody tr');
  const press = (css) => { hit = row && $(css, row) || $(css); hit?.click(); };
  let hit;
  if (e.altKey || $('dialog[open]')) return;
  if (e.ctrlKey || e.metaKey) { if (key === 'k') press('a.find'); }
  else if (root.dataset.keys === 'off' || at.isContentEditable || at.matches('input:not(.form-check-input),select,textarea')) return;
  else if (key === 'j' || key === 'k') {
    const links = $$('main tbody tr').map((r) => $('a', r)).filter((a) => a?.offsetParent);
    hit = links[links.findIndex((a) => row?.contains(a)) + (key === 'j' ? 1 : -1)];
    hit?.focus();
  } else if (key === 'g') g = Date.now() + 1000;
  else if (key === '/') (hit = $('main [type=search]'))?.focus();
  else if (key === 'x') (hit = row && $('.pick input', row))?.click();
  else { press(`[data-${Date.now() < g ? 'go' : 'key'}="${CSS.escape(key)}"]`); g = 0; }
  if (hit) e.preventDefault();
});

// <time datetime data-rel="12 Nov">: data-rel when older than yesterday
setInterval(() => $$('time[data-rel]').forEach((t) => {
  const at = new Date(t.dateTime), min = (Date.now() - at) / 6e4 | 0;
  t.textContent = min < 0 ? t.textContent : min < 1 ? 'just now' : min < 60 ? `${min} min ago` : min < 1440 ? `${min / 60 | 0} h ago`
    : at >= new Date().setHours(-24, 0, 0, 0) ? 'Yesterday' : t.dataset.rel || t.textContent;
}), 6e4);
addEventListener('pageshow', () => { depend(); for (const f of $$('form[aria-busy]')) f.ariaBusy = false; count(); });
depend();
problems();
