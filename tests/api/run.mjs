// The JSON API from the outside, against a demo portal of its own on the loopback: Schemathesis asks what no client
// would, and a client that is generated from the OpenAPI document does what a partner's system does. `bin/check-api`
// installs what this needs.
//
// PORTICO_BIN    the program (default: target/debug/portico)
// SCHEMATHESIS   its command line (default: target/api/venv/bin/st)
// ASK            how many seconds Schemathesis may ask (default: 90); 0: not at all
// SEED           what its questions begin from (default: 1, the same ones each time); random: others each time
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPortal } from '../e2e/portal.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const bin = process.env.PORTICO_BIN ?? join(root, 'target', 'debug', 'portico');
const st = process.env.SCHEMATHESIS ?? join(root, 'target', 'api', 'venv', 'bin', 'st');
const seconds = process.env.ASK ?? '90';
const seed = process.env.SEED || '1';
const folder = join(root, 'target', 'api');
const generated = join(here, 'generated');

let portal, passed = 0, failed = 0;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => Promise.resolve(portal?.stop()).finally(() => process.exit(130)));

const told = (ok, name, why = '') => {
  console.log(`${ok ? 'ok    ' : 'not ok'} ${name}`);
  if (!ok) console.log(why.replace(/^/gm, '       '));
  if (ok) passed += 1;
  else failed += 1;
};

async function step(name, run) {
  try {
    await run();
    told(true, name);
  } catch (error) {
    told(false, name, error.stack ?? String(error));
  }
}

/** Signs in and makes tokens as an admin does on a page. */
async function makeTokens(base, password, email, list, count) {
  const origin = { Origin: base, 'Content-Type': 'application/x-www-form-urlencoded' };
  const post = (path, fields, cookie) => fetch(base + path, {
    method: 'POST', redirect: 'manual', headers: { ...origin, Cookie: cookie }, body: new URLSearchParams(fields),
  });
  const signedIn = await post('/sign-in', [['email', email], ['password', password]], '');
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const form = await (await fetch(`${base}${list}/new`, { headers: { Cookie: cookie } })).text();
  const scopes = [...form.matchAll(/name="scope" value="([^"]+)"/g)].map(([, scope]) => ['scope', scope]);
  const until = form.match(/type="date"[^>]*value="([^"]+)"|value="([\d-]+)"[^>]*type="date"/);
  const tokens = [];
  for (let number = 1; number <= count; number += 1) {
    const fields = [['name', `Outside ${number}`], ['until', until?.[1] ?? until?.[2] ?? ''], ...scopes];
    const page = await (await post(list, fields, cookie)).text();
    const token = page.match(/portico_[A-Za-z0-9_-]{43}/)?.[0];
    if (!token) throw new Error(`no token was made:\n${page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')}`);
    tokens.push(token);
  }
  return tokens;
}

/** Runs a command to its end; its output when it failed. */
const ran = (command, args, options = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: here, encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ended with ${status}\n${stdout}${stderr}`);
};

/** Schemathesis, beside the portal; one line per operation that it asked. */
async function schemathesis(base, tokens) {
  const report = join(folder, 'junit.xml');
  rmSync(report, { force: true });
  const args = ['--config-file', join(here, 'schemathesis.toml'), '--no-color', 'run', `${base}/api/openapi.json`, '--max-time', seconds, '--report-junit-path', report];
  if (seed !== 'random') args.push('--seed', seed);
  const all = async (path, key) => {
    const answer = await fetch(`${base}/api/v1/${path}`, { headers: { Authorization: `Bearer ${tokens[0]}` } });
    return (await answer.json()).items.map((one) => one[key]);
  };
  const known = {
    tenants: await all('tenants', 'id'), integrations: await all('integrations', 'id'), products: await all('products', 'id'),
    campaigns: await all('campaigns', 'code'), partners: await all('partners', 'code'), redemptions: await all('redemptions', 'id'),
  };
  const env = {
    ...process.env, SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: '1',
    PORTICO_TOKENS: tokens.join(' '), PORTICO_KNOWN: JSON.stringify(known),
  };
  const child = spawn(st, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
  const status = await new Promise((done, fail) => child.once('error', fail).once('close', done));
  writeFileSync(join(folder, 'schemathesis.log'), output);
  const cases = existsSync(report) ? [...readFileSync(report, 'utf8').matchAll(/<testcase name="([^"]*)"[^>]*?(\/>|>([\s\S]*?)<\/testcase>)/g)] : [];
  for (const [, name, , inside] of cases) told(!/<(failure|error)/.test(inside ?? ''), `schemathesis: ${name}`, 'see below');
  if (status !== 0 || !cases.length) {
    told(false, 'schemathesis: all of it', output);
  }
  console.log(output.match(/^.*test cases.*$/mi)?.[0].trim() ?? '');
}

try {
  mkdirSync(folder, { recursive: true });
  portal = await startPortal(bin, { mail: false });
  const { base, password } = portal;
  // Several, since one has 600 requests in a minute.
  const tokens = await makeTokens(base, password, 'misaki.tanaka@shinonome.example', '/partners/SHINONOME/tokens', 8);
  const [shop] = await makeTokens(base, password, 'ana.ferreira@solstice.example', '/settings/tokens', 1);
  await step('the document is made into a client', async () => {
    const document = await (await fetch(`${base}/api/openapi.json`)).text();
    rmSync(generated, { recursive: true, force: true });
    mkdirSync(generated);
    writeFileSync(join(generated, 'openapi.json'), document);
    ran(process.execPath, ['node_modules/openapi-typescript/bin/cli.js', 'generated/openapi.json', '-o', 'generated/schema.ts', '--root-types']);
    ran(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.']);
  });
  if (!failed) {
    const { tryInstalls, tryStorefront } = await import('./generated/js/client.js');
    await tryInstalls(base, tokens[0], (name, run) => step(`client: ${name}`, run));
    await tryStorefront(base, shop, (name, run) => step(`client: ${name}`, run));
  }
  if (seconds !== '0') await schemathesis(base, tokens);
} catch (error) {
  console.error(error.stack ?? error);
  failed += 1;
} finally {
  await portal?.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
