// Browser tests of a running portal, in headless Chromium.
//
//   node run.mjs               every *.spec.mjs here, in order of their names
//   node run.mjs signin forms  only those whose file name holds one of the words
//
// PORTICO_BIN   the program (default: target/debug/portico)
// PORTICO_BASE  a portal that runs already; then none is started, and E2E_PASSWORD is the password of its demo users
// CHROMIUM      the browser (default: /usr/bin/chromium)
//
// A spec exports `tests`, a list of { name, run, … }:
//   run({ page, context, browser, base, data, password, mailbox, signIn, axe, fits, shot, allow })
//   allow: [/status of 422/]     console messages and the like that the test provokes (also: allow(/…/) while it runs)
//   dialogs: 'accept'|'dismiss'  how to answer dialogs; without it a dialog fails the test
//   context: { javaScriptEnabled: false }   more options for the browser context
//   timeout: 60000
// A test fails when it throws, and when its pages log an error or a warning, throw, break the content security policy
// or ask another host.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { axe, fits, photographer, signer, watch } from './helpers.mjs';
import { startPortal } from './portal.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', '..', 'target');
const words = process.argv.slice(2);
const specs = readdirSync(here).filter((file) => file.endsWith('.spec.mjs')).sort()
  .filter((file) => !words.length || words.some((word) => file.includes(word)));

let portal, browser, passed = 0, failed = 0;

const finish = async () => {
  await browser?.close().catch(() => {});
  await portal?.stop();
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => finish().finally(() => process.exit(130)));

const limited = (work, ms) => {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`not through after ${ms} ms`)), ms); });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

async function runTest(spec, test, given) {
  const started = performance.now();
  const allowed = [...(test.allow ?? [])];
  const context = await browser.newContext({
    baseURL: given.base,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    ...test.context,
  });
  context.setDefaultTimeout(10_000);
  const problems = await watch(context, given.base, allowed, test.dialogs);
  const page = await context.newPage();
  let failure;
  try {
    await limited(test.run({ ...given, page, context, browser, allow: (pattern) => allowed.push(pattern) }), test.timeout ?? 60_000);
    await page.waitForTimeout(50); // for what the last step still logs
  } catch (error) {
    failure = error;
  }
  const ok = !failure && !problems.length;
  const title = `${spec.replace('.spec.mjs', '')}: ${test.name}`;
  console.log(`${ok ? 'ok    ' : 'not ok'} ${title} (${Math.round(performance.now() - started)} ms)`);
  if (!ok) {
    const picture = join(target, 'screenshots', `failed-${title.replace(/[^a-z0-9]+/gi, '-')}.png`);
    await page.screenshot({ path: picture }).catch(() => {});
    const lines = [failure && (failure.stack ?? String(failure)), `at ${page.url()}`, ...problems].filter(Boolean);
    console.log(lines.join('\n').replace(/^/gm, '       '));
  }
  await context.close();
  if (ok) passed += 1;
  else failed += 1;
}

try {
  const base = process.env.PORTICO_BASE;
  portal = base
    ? { base: new URL(base).origin, data: undefined, password: process.env.E2E_PASSWORD ?? '', stop: async () => {} }
    : await startPortal(process.env.PORTICO_BIN ?? join(target, 'debug', 'portico'));
  const args = ['--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update',
    '--disable-domain-reliability', '--disable-sync', '--no-first-run', '--no-pings', '--font-render-hinting=none',
    `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(portal.base).hostname}`];
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
  const { data, password, mailbox } = portal;
  const given = { base: portal.base, data, password, mailbox, signIn: signer(password), axe, fits, shot: photographer(join(target, 'screenshots')) };
  for (const spec of specs) {
    const { tests } = await import(pathToFileURL(join(here, spec)));
    for (const test of tests) await runTest(spec, test, given);
  }
  if (failed && portal.log) console.log(`\nThe portal's last lines:\n${portal.log()}`);
} catch (error) {
  failed += 1;
  console.log(error.stack ?? error);
} finally {
  await finish();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
