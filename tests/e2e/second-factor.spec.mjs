// A second factor is set up with the key that the page shows, and asked for at the next sign-in; a forgotten password.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const MINH = 'minhanh.nguyen@shinonome.example';
const DELE = 'dele.martins@solstice.example';

// RFC 6238, as an authenticator app does it.
function totp(key, ahead = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replace(/\s/g, '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function typePassword(page, email, password) {
  await page.goto('/sign-in');
  await page.locator('[name=email]').fill(email);
  await page.locator('[name=password]').fill(password);
  await page.locator('[name=password]').press('Enter');
}

const setUpAndSignIn = (email, context) => ({
  name: `an app is set up, asked for, replaced by a recovery code, and switched off${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  async run({ page, signIn, password, axe, fits, shot }) {
    const look = async (what) => {
      if (context) return;
      await axe(page);
      await fits(page, 375);
      await shot(page, `second-factor-${what}`);
    };
    await signIn(page, email, { fresh: true });
    await page.goto('/me');
    await page.locator('#second-factor a.btn').click();
    await look('off');
    await page.locator('[name=current_password]').fill(password);
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.locator('svg.qr').waitFor();
    const key = await page.locator('#secret').textContent();
    await look('scan');
    await page.locator('[name=code]').fill('000000');
    await page.getByRole('button', { name: 'Switch on' }).click();
    assert.match(await page.locator('#code-e').textContent(), /does not fit/);
    assert.equal(await page.locator('[name=code]').inputValue(), '');
    await page.locator('[name=code]').fill(totp(key));
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.locator('.codes').waitFor();
    const codes = await page.locator('.codes code').allTextContents();
    assert.equal(codes.length, 10);
    await look('codes');
    await page.goto('/me/second-factor');
    await look('on');
    await page.goto('/me');

    await page.context().clearCookies();
    await typePassword(page, email, password);
    await page.waitForURL('**/sign-in/code');
    await page.locator('[name=code]').waitFor();
    await look('sign-in');
    await page.goto('/partners/SHINONOME');
    assert.match(page.url(), /\/sign-in\?next/, 'half signed in is not signed in');
    await page.goto('/sign-in/code');
    await page.locator('[name=code]').fill(totp(key, 1));
    await page.locator('[name=code]').press('Enter');
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));

    await page.context().clearCookies();
    await typePassword(page, email, password);
    await page.locator('[name=code]').fill(codes[3]);
    await page.locator('[name=code]').press('Enter');
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));

    await page.goto('/me/second-factor');
    await page.locator('[name=current_password]').fill(password);
    await page.locator('[name=code]').fill(codes[4]);
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('heading', { name: 'Set it up' }).waitFor();
  },
});

// The newest letter to somebody, as text: quoted-printable lines are joined.
async function newestLetter(data, email, page) {
  for (let waited = 0; waited < 20_000; waited += 250) {
    const folder = join(data, 'mail');
    let files = [];
    try {
      files = readdirSync(folder).filter((file) => file.endsWith('.eml'));
    } catch { /* not there before the first letter */ }
    const letters = files.map((file) => readFileSync(join(folder, file), 'utf8')).filter((text) => text.includes(email));
    const found = letters.map((text) => text.replace(/=\r?\n/g, '').replace(/=3D/g, '=')).find((text) => text.includes('/link/'));
    if (found) return found;
    await page.waitForTimeout(250);
  }
  throw new Error(`no letter to ${email}`);
}

export const tests = [
  setUpAndSignIn(MINH),
  setUpAndSignIn(DELE, { javaScriptEnabled: false }),
  {
    name: 'a forgotten password is replaced by the link of a letter',
    allow: [/status of (410|422)/],
    async run({ page, data, axe, fits, shot }) {
      const email = 'rita.carvalho@solstice.example';
      if (!data) return;
      await page.goto('/sign-in');
      await page.getByRole('link', { name: 'Forgotten your password?' }).click();
      await axe(page);
      await fits(page, 375);
      await shot(page, 'forgotten');
      await page.locator('[name=email]').fill(email);
      await page.getByRole('button', { name: 'Mail me a link' }).click();
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
      await axe(page);
      await fits(page, 320);
      await shot(page, 'forgotten-asked');
      const letter = await newestLetter(data, email, page);
      const link = letter.match(/\/link\/[\w-]+/)[0];
      await page.goto(link);
      assert.equal(new URL(page.url()).pathname, '/reset', 'the token has left the address');
      await axe(page);
      await shot(page, 'reset');
      await page.locator('[name=new_password]').fill('solstice');
      await page.getByRole('button', { name: 'Set password' }).click();
      await page.locator('#new_password-e').waitFor();
      await page.locator('[name=new_password]').fill('a new one of several words');
      await page.getByRole('button', { name: 'Set password' }).click();
      await page.waitForURL('**/sign-in?done=password');
      assert.match(await page.locator('[role=status]').first().textContent(), /new password counts/);
      await page.goto(link);
      await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
      await axe(page);
      await fits(page, 320);
      await shot(page, 'dead-link');
      await typePassword(page, email, 'a new one of several words');
      await page.waitForURL('**/partners');
    },
  },
];
