// Somebody is invited, reads the letter that the mail server took, accepts, and signs in with a second factor; and
// what an admin does with an invitation.
import assert from 'node:assert/strict';
import { totp } from './helpers.mjs';

const ANA = 'ana.ferreira@solstice.example';
const MISAKI = 'misaki.tanaka@shinonome.example';

const invited = (context) => ({
  name: `somebody is invited, accepts by the letter’s link, and is signed in${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of (410|422)/],
  timeout: 120_000,
  async run({ page, signIn, browser, base, mailbox, axe, fits }) {
    if (!mailbox) return;
    const email = `noor${context ? '.plain' : ''}@haddad.example`;
    await signIn(page, ANA);
    await page.goto('/partners/KESTREL/users');
    await page.locator('.head').getByRole('link', { name: 'Add user' }).click();
    await page.locator('[name=name]').fill('Noor Haddad');
    await page.locator('[name=email]').fill(email);
    assert.equal(await page.locator('.grant .what:visible').count(), 0);
    await page.locator('[name=role][value=user]').check();
    assert.equal(await page.locator('.grant .what:visible').count(), 1, 'the chosen role shows what it grants');
    if (!context) await axe(page);
    await page.locator('form.form .btn-primary').click();
    await page.waitForURL('**/partners/KESTREL/users');
    assert.match(await page.locator('tbody tr', { hasText: email.split('@')[0] }).first().innerText(), /Invited/);

    const letter = await mailbox.letter(email, /invited/);
    assert.deepEqual(letter.to, [email]);
    const [link] = letter.text.match(/https?:\/\/\S+\/link\/[\w-]+/);
    assert.ok(letter.html.includes(link), 'both parts bring the same link');
    const theirs = await browser.newContext({ baseURL: base, ...context });
    const reader = await theirs.newPage();
    await reader.goto(link);
    assert.equal(new URL(reader.url()).pathname, '/invitation', 'the link leaves the address bar');
    assert.match(await reader.locator('main').innerText(), /Ana Ferreira invites you/);
    if (!context) {
      await axe(reader);
      await fits(reader, 375);
    }
    await reader.locator('[name=new_password]').fill('short');
    await reader.locator('main .btn-primary').click();
    await reader.locator('#new_password-e').waitFor();
    await reader.locator('[name=new_password]').fill('four other unrelated words');
    await reader.locator('main .btn-primary').click();
    await reader.waitForURL((url) => url.pathname === '/');
    assert.match(await reader.locator('.side footer').innerText(), /Noor Haddad/);

    await reader.goto('/me/second-factor');
    await reader.locator('[name=current_password]').fill('four other unrelated words');
    await reader.getByRole('button', { name: 'Set up' }).click();
    const key = await reader.locator('#secret').textContent();
    await reader.locator('[name=code]').fill(totp(key));
    await reader.getByRole('button', { name: 'Switch on' }).click();
    await reader.locator('.codes').waitFor();
    await mailbox.letter(email, /second factor/);
    await theirs.clearCookies();
    await reader.goto('/sign-in');
    await reader.locator('[name=email]').fill(email);
    await reader.locator('[name=password]').fill('four other unrelated words');
    await reader.locator('[name=password]').press('Enter');
    await reader.waitForURL('**/sign-in/code');
    await reader.locator('[name=code]').fill(totp(key, 1));
    await reader.locator('[name=code]').press('Enter');
    await reader.waitForURL((url) => url.pathname === '/');

    const again = await browser.newContext({ baseURL: base, ...context });
    const second = await again.newPage();
    await second.goto(link);
    assert.match(await second.locator('main').innerText(), /This link does not work/);
    if (!context) await axe(second);
    await theirs.close();
    await again.close();
    await page.goto('/partners/KESTREL/users');
    assert.match(await page.locator('tbody tr', { hasText: email.split('@')[0] }).first().innerText(), /Active/);
  },
});

export const tests = [
  invited(),
  invited({ javaScriptEnabled: false }),
  {
    name: 'an invitation is sent again, extended, corrected and revoked',
    async run({ page, signIn, axe, fits }) {
      await signIn(page, MISAKI);
      await page.goto('/partners/SHINONOME/users');
      const row = (text) => page.locator('tbody tr', { hasText: text });
      await row('m.penalver').getByRole('button', { name: /^Resend/ }).click();
      await page.locator('.toasts').getByText('The old link no longer works.').waitFor();
      assert.match(await row('m.penalver').innerText(), /Invited[\s\S]*(2 h|1 h 59 min) left/);
      await row('kenichi').locator('[popovertarget]').click();
      await row('kenichi').getByRole('button', { name: 'Extend the link' }).click();
      await page.locator('.toasts').getByText('works until').waitFor();
      await row('r.jorgensen').getByRole('link', { name: /^Correct/ }).first().click();
      await axe(page);
      await fits(page, 375);
      await page.locator('[name=email]').fill('r.jorgensen@shinonome.example');
      await page.locator('form.form .btn-primary').click();
      await page.waitForURL('**/partners/SHINONOME/users');
      assert.match(await row('@shinonome.example').filter({ hasText: 'r.jorgensen' }).innerText(), /Invited/);
      await row('r.jorgensen').locator('[popovertarget]').click();
      await page.getByRole('link', { name: /^Revoke/ }).locator('visible=true').click();
      await axe(page);
      await page.locator('form.form .btn-danger').click();
      await page.waitForURL('**/partners/SHINONOME/users');
      assert.equal(await row('r.jorgensen').count(), 0);
    },
  },
];
