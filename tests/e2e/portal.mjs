// Starts a portal of its own for the tests: own data folder, own database, demo data, a free port of the loopback.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const freePort = () => new Promise((done, fail) => {
  const server = createServer().once('error', fail).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

const ended = (child) => new Promise((done) => {
  if (child.exitCode !== null || child.signalCode !== null) done();
  else child.once('close', done);
});

/** @returns {{ base: string, data: string, password: string, mailbox: object, log: () => string, stop: () => Promise<void> }} */
export async function startPortal(bin, { mail = true } = {}) {
  if (!existsSync(bin)) throw new Error(`${bin} is missing: run cargo build first, or set PORTICO_BIN`);
  const data = mkdtempSync(join(tmpdir(), 'portico-e2e-'));
  // As root, Postgres runs as another user, who has to get through here.
  chmodSync(data, 0o711);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const password = `e2e-${randomBytes(12).toString('base64url')}`;
  // Nothing of the caller's own portal may reach this one, least of all its database.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PORTICO_|DATABASE_URL$)/.test(name)));
  Object.assign(env, { PORTICO_DATA: data, PORTICO_HTTP__PORT: String(port), PORTICO_HTTP__BASE_URL: base, NO_COLOR: '1' });
  // Without a mail server letters become files.
  const mailbox = mail ? await (await import('./mailbox.mjs')).startMailbox() : { env: {}, stop: async () => {} };
  Object.assign(env, mailbox.env);

  const logFile = join(data, 'e2e.log');
  const out = createWriteStream(logFile);
  const log = () => readFileSync(logFile, 'utf8').split('\n').slice(-40).join('\n');
  const run = (...args) => {
    const child = spawn(bin, args, { cwd: data, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(out, { end: false });
    child.stderr.pipe(out, { end: false });
    child.on('error', (error) => out.write(`${error}\n`));
    return child;
  };

  let server;
  const stop = async () => {
    if (server) {
      server.kill('SIGTERM');
      await Promise.race([ended(server), sleep(20_000, undefined, { ref: false })]);
      if (server.exitCode === null) server.kill('SIGKILL');
    }
    await mailbox.stop();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    const demo = run('demo', '--password', password);
    await ended(demo);
    if (demo.exitCode !== 0) throw new Error(`portico demo ended with ${demo.exitCode ?? demo.signalCode}`);
    server = run('serve');
    for (let waited = 0; ; waited += 100) {
      if (server.exitCode !== null) throw new Error(`portico serve ended with ${server.exitCode}`);
      if (waited > 60_000) throw new Error('portico serve is not ready after a minute');
      const ready = await fetch(`${base}/readyz`).then((res) => res.ok, () => false);
      if (ready) break;
      await sleep(100);
    }
  } catch (error) {
    error.message += `\n${log()}`;
    await stop();
    throw error;
  }
  return { base, data, password, mailbox, log, stop };
}
