// Signing in and out, one's own account, the people of a partner.
import assert from 'node:assert/strict';

const ANA = 'ana.ferreira@solstice.example';
const MINH = 'minhanh.nguyen@shinonome.example';
const MISAKI = 'misaki.tanaka@shinonome.example';

const comeAndGo = (context) => ({
  name: `somebody is sent to sign in, comes back where they wanted to be, and signs out${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  async run({ page, password }) {
    await page.goto('/partners/SHINONOME/activity?about=partners');
    assert.match(page.url(), /\/sign-in\?next=/);
    await page.locator('[name=email]').fill(MINH.toUpperCase());
    await page.locator('[name=password]').fill('not the password');
    await page.locator('[name=password]').press('Enter');
    assert.match(await page.locator('main').textContent(), /do not fit together/);
    assert.equal(await page.locator('[name=email]').inputValue(), MINH.toUpperCase());
    assert.equal(await page.locator('[name=password]').inputValue(), '', 'a password is never sent back');
    await page.locator('[name=password]').fill(password);
    await page.locator('[name=password]').press('Enter');
    await page.waitForURL('**/partners/SHINONOME/activity?about=partners');
    await page.locator('[popovertarget=me-menu]').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in/);
    await page.goto('/partners/SHINONOME');
    assert.match(page.url(), /\/sign-in/);
  },
});

export const tests = [
  comeAndGo(),
  comeAndGo({ javaScriptEnabled: false }),
  {
    name: 'a person of two partners switches between them',
    async run({ page, signIn }) {
      await signIn(page, ANA, { fresh: true });
      await page.locator('[popovertarget=scope-menu]').click();
      await page.getByRole('button', { name: /Harvest/ }).click();
      await page.locator('.side .scope', { hasText: 'Harvest' }).first().waitFor();
      assert.match(await page.locator('.side .scope').first().textContent(), /Auditor/);
      assert.equal(await page.getByRole('link', { name: 'Edit partner' }).count(), 0);
      await page.locator('[popovertarget=scope-menu]').click();
      await page.getByRole('button', { name: /Solstice/ }).click();
      await page.locator('.side .scope', { hasText: 'Solstice' }).first().waitFor();
    },
  },
  {
    name: 'a role is changed, the last admin stays, and somebody is added and removed',
    allow: [/status of (409|422)/],
    async run({ page, signIn, axe }) {
      await signIn(page, ANA, { fresh: true });
      await page.goto('/partners/KESTREL/users');
      const row = (name) => page.locator('tbody tr', { hasText: name });
      await row('Siobhán').locator('[popovertarget]').click();
      // What would end in a refusal is not offered, and the menu says why.
      assert.equal(await page.getByRole('link', { name: /^Change role/ }).count(), 0);
      assert.match(await row('Siobhán').innerText(), /last administrator|only administrator/i);

      await page.goto('/partners/KESTREL/users/new');
      await page.locator('[name=name]').fill('Misaki');
      await page.locator('[name=email]').fill('siobhan.nibhriain@kestrel.example');
      await page.locator('[name=role][value=user]').check();
      await page.locator('form.form .btn-primary').click();
      assert.match(await page.locator('#email-e').textContent(), /is a user of/);
      await axe(page);
      await page.locator('[name=email]').fill(MISAKI);
      await page.locator('form.form .btn-primary').click();
      await page.waitForURL('**/partners/KESTREL/users');
      await row('misaki.tanaka').waitFor();
      await row('misaki.tanaka').locator('[popovertarget]').click();
      await page.getByRole('link', { name: /^Remove/ }).click();
      await page.locator('form.form .btn-danger').click();
      await page.waitForURL('**/partners/KESTREL/users');
      assert.equal(await row('misaki.tanaka').count(), 0);
    },
  },
  {
    name: 'one’s name is changed, and other sessions are seen and ended',
    async run({ page, signIn, browser, base, password }) {
      const elsewhere = await browser.newContext({ baseURL: base });
      const other = await elsewhere.newPage();
      await other.goto('/sign-in');
      await other.locator('[name=email]').fill(MINH);
      await other.locator('[name=password]').fill(password);
      await other.locator('[name=password]').press('Enter');
      await other.waitForURL((url) => url.pathname === '/');
      await signIn(page, MINH, { fresh: true });
      await page.goto('/me');
      await page.locator('[name=name]').fill('Minh Anh Nguyễn');
      await page.getByRole('button', { name: 'Save profile' }).click();
      assert.match(await page.locator('.side footer').textContent(), /Minh Anh Nguyễn/);
      await page.getByRole('button', { name: /End all others|End other|all other/i }).first().click();
      await other.goto('/partners/SHINONOME');
      assert.match(other.url(), /\/sign-in/);
      await elsewhere.close();
      await page.goto('/me');
      assert.equal(new URL(page.url()).pathname, '/me');
    },
  },
];
