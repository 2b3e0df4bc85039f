// What tests are given beside the page: watching, signing in, axe, screenshots.
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * Collects what no page may do: console errors and warnings, exceptions, CSP violations, requests to other hosts,
 * dialogs nobody expected. `allow` are patterns of what this test provokes on purpose, as /status of 422/.
 */
export async function watch(context, base, allow, dialogs) {
  const problems = [];
  const note = (text) => { if (!allow.some((pattern) => pattern.test(text))) problems.push(text); };
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.effectiveDirective} refused ${e.blockedURI || 'inline'} ${e.sample}`));
  });
  context.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type())) note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => note(`exception: ${error.error().stack ?? error.error()}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:|^wss?:/.test(url.protocol) && url.origin !== base) note(`request to another host: ${url.href}`);
  });
  context.on('dialog', async (dialog) => {
    if (!dialogs) note(`dialog (${dialog.type()}): ${dialog.message()}`);
    await (dialogs === 'accept' ? dialog.accept() : dialog.dismiss());
  });
  return problems;
}

/** Signs in. Sessions are kept per address, so that a long run does not meet the limit of sign-ins. */
export function signer(password) {
  const sessions = new Map();
  return async function signIn(page, email, { fresh = false } = {}) {
    const left = () => !new URL(page.url()).pathname.startsWith('/sign-in');
    await page.context().clearCookies();
    if (!fresh && sessions.has(email)) {
      await page.context().addCookies(sessions.get(email));
      await page.goto('/');
      if (left()) return;
    }
    await page.goto('/sign-in');
    await page.locator('input[name=email]').fill(email);
    await page.locator('input[name=password]').fill(password);
    await Promise.all([page.waitForEvent('domcontentloaded'), page.locator('input[name=password]').press('Enter')]);
    if (!left()) throw new Error(`sign-in of ${email} was refused: ${await page.locator('main').innerText()}`);
    sessions.set(email, await page.context().cookies());
  };
}

/** In the page: what listens to the theme has heard of it, and colours have stopped changing. */
async function settled() {
  for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
  const ends = (one) => one.effect?.getComputedTiming().iterations !== Infinity;
  await Promise.all(document.getAnimations().filter(ends).map((one) => one.finished.catch(() => {})));
}

/** Runs `check` once in each theme, whatever the person's choice, and puts it back. */
async function inBothThemes(page, check) {
  const set = (theme) => page.evaluate((value) => {
    const root = document.documentElement, before = root.getAttribute('data-bs-theme');
    if (value === null) root.removeAttribute('data-bs-theme');
    else root.setAttribute('data-bs-theme', value);
    return before;
  }, theme);
  let before;
  for (const theme of ['light', 'dark']) {
    const was = await set(theme);
    before ??= [was];
    await page.emulateMedia({ colorScheme: theme });
    await page.evaluate(settled);
    await check(theme);
  }
  await set(before[0]);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** WCAG 2.x A and AA, in both themes, of the page as it is now. `skip` names rules, `within` a selector. */
export async function axe(page, { skip = [], within } = {}) {
  const found = [];
  await page.waitForLoadState();
  await inBothThemes(page, async (theme) => {
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
    const violations = await page.evaluate(async ([tags, rules, scope]) => {
      const options = { runOnly: { type: 'tag', values: tags }, rules: Object.fromEntries(rules.map((id) => [id, { enabled: false }])), resultTypes: ['violations'] };
      return (await window.axe.run(scope ?? document, options)).violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((n) => `${n.target.join(' ')}  ${n.html.slice(0, 160)}`) }));
    }, [WCAG, skip, within]);
    for (const { id, help, nodes } of violations) found.push(`${theme}: ${id}: ${help}\n    ${nodes.slice(0, 5).join('\n    ')}${nodes.length > 5 ? `\n    and ${nodes.length - 5} more` : ''}`);
  });
  if (found.length) throw new Error(`axe, ${page.url()}\n  ${found.join('\n  ')}`);
}

/** The page must not scroll sideways, at `width` pixels. */
export async function fits(page, width = 375) {
  const size = page.viewportSize();
  await page.setViewportSize({ width, height: 812 });
  const [over, who] = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > room + 1 && !e.closest('.scroll,.tabs,.visually-hidden,.cards thead,svg'));
    return [document.documentElement.scrollWidth - room, wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 120).replace(/\s+/g, ' '))];
  });
  await page.setViewportSize(size);
  if (over > 0) throw new Error(`${page.url()} is ${over} px too wide at ${width} px:\n  ${who.join('\n  ')}`);
}

/** Pictures of the whole page: wide in both themes, narrow in light. */
export function photographer(folder) {
  return async function shot(page, name) {
    mkdirSync(folder, { recursive: true });
    const size = page.viewportSize();
    const take = (what) => page.screenshot({ path: join(folder, `${name}-${what}.png`), fullPage: true, animations: 'disabled' });
    await page.setViewportSize({ width: 1440, height: 900 });
    await inBothThemes(page, async (theme) => {
      await take(`1440-${theme}`);
      if (theme === 'dark') return;
      await page.setViewportSize({ width: 375, height: 812 });
      await take('375-light');
      await page.setViewportSize({ width: 1440, height: 900 });
    });
    await page.setViewportSize(size);
  };
}

/** The code of an authenticator app (RFC 6238) for a key as the page shows it; `ahead` counts steps of 30 s. */
export function totp(key, ahead = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replace(/\s/g, '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** A PNG of one colour, made here so that no file has to be kept. */
export function png(width, height) {
  const table = Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c >>> 0; });
  const crc = (bytes) => { let c = 0xffffffff; for (const b of bytes) c = table[(c ^ b) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0; };
  const part = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const whole = Buffer.alloc(body.length + 8);
    whole.writeUInt32BE(data.length, 0);
    body.copy(whole, 4);
    whole.writeUInt32BE(crc(body), body.length + 4);
    return whole;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc((width * 3 + 1) * height, 0x60);
  for (let y = 0; y < height; y += 1) rows[y * (width * 3 + 1)] = 0;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), part('IHDR', head), part('IDAT', deflateSync(rows)), part('IEND', Buffer.alloc(0))]);
}
