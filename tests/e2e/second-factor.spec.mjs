// A second factor is set up with the key that the page shows, and asked for at the next sign-in; a forgotten password.
import assert from 'node:assert/strict';
import { totp } from './helpers.mjs';

const MINH = 'minhanh.nguyen@shinonome.example';
const DELE = 'dele.martins@solstice.example';

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

export const tests = [
  setUpAndSignIn(MINH),
  setUpAndSignIn(DELE, { javaScriptEnabled: false }),
  {
    name: 'a forgotten password is replaced by the link of a letter',
    allow: [/status of (410|422)/],
    async run({ page, mailbox, axe, fits, shot }) {
      const email = 'rita.carvalho@solstice.example';
      if (!mailbox) return;
      await page.goto('/sign-in');
      await page.getByRole('link', { name: 'Forgotten your password?' }).click();
      await page.waitForURL('**/forgotten');
      await axe(page);
      await fits(page, 375);
      await shot(page, 'forgotten');
      await page.locator('[name=email]').fill(email);
      await page.getByRole('button', { name: 'Mail me a link' }).click();
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
      await axe(page);
      await fits(page, 320);
      await shot(page, 'forgotten-asked');
      const { text } = await mailbox.letter(email, /new password/);
      const link = text.match(/\/link\/[\w-]+/)[0];
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
      await page.waitForURL((url) => url.pathname === '/');
    },
  },
];
