// The grid of a role, with and without scripts; explaining access; looking as somebody else.
import assert from 'node:assert/strict';

const ANA = 'ana.ferreira@solstice.example';
const box = (page, key) => page.locator(`#grant [value="${key}"]`);
const dot = (page, key) => box(page, key).locator('xpath=following-sibling::*[contains(@class, "dot")]').evaluate((one) => getComputedStyle(one).visibility);

const grid = (context) => ({
  name: `a role is copied, narrowed and saved in its grid${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  async run({ page, signIn, axe, fits }) {
    const name = context ? 'Front desk' : 'Campaign desk';
    await signIn(page, ANA, { fresh: true });
    await page.goto('/roles');
    await page.getByRole('link', { name: 'Copy CSR' }).click();
    await page.locator('[name=name]').fill(name);
    assert.equal(await box(page, 'partners/read').isChecked(), true);
    if (!context) assert.equal(await dot(page, 'roles/read'), 'hidden');
    await box(page, 'roles/read').uncheck();
    if (!context) assert.equal(await dot(page, 'roles/read'), 'visible', 'a dot marks what differs from the copied role');
    await box(page, 'users/update').check();
    if (!context) {
      await page.locator('[name=sees]').selectOption('own');
      assert.equal(await page.locator('#wide-n').isVisible(), true, 'what counts for all partners is left out');
      await page.locator('[name=sees]').selectOption('all');
      assert.equal(await page.locator('#wide-n').isVisible(), false);
    }
    if (!context) await axe(page);
    if (!context) await fits(page, 375);
    await page.getByRole('button', { name: 'Create role' }).click();
    await page.waitForURL(/\/roles\/[0-9a-f-]{36}$/);
    assert.equal(await box(page, 'users/read').isChecked(), true, 'reading came along');
    if (!context) await axe(page);
    await page.getByRole('link', { name: 'Remove…' }).click();
    await page.locator('.btn-danger').click();
    await page.waitForURL('**/roles');
    assert.equal(await page.getByRole('link', { name }).count(), 0);
  },
});

export const tests = [
  grid(),
  grid({ javaScriptEnabled: false }),
  {
    name: 'access is explained, and looked at through another’s eyes',
    allow: [/status of 403/],
    async run({ page, signIn, axe, fits }) {
      await signIn(page, ANA, { fresh: true });
      await page.goto('/access?q=misaki');
      await page.locator('main .rows a').first().click();
      await page.locator('#permission').selectOption('partners/create');
      await page.getByRole('button', { name: 'Explain' }).click();
      assert.match(await page.locator('#answer').textContent(), /cannot/);
      await axe(page);
      await fits(page, 375);
      const membership = new URL(page.url()).searchParams.get('membership');
      await page.goto(`/partners/SHINONOME/users/${membership}/view-as`);
      await axe(page);
      await page.locator('[name=reason]').fill('A call about a list');
      await page.getByRole('button', { name: 'Start' }).click();
      await page.waitForURL((url) => url.pathname === '/');
      assert.match(await page.locator('.viewing').textContent(), /reading only, until \d\d:\d\d/);
      await axe(page);
      await fits(page, 375);
      await page.goto('/partners/SHINONOME/edit');
      await page.locator('form.form .btn-primary').click();
      assert.match(await page.locator('main').textContent(), /reading only/);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.waitForURL('**/partners/SHINONOME/users');
      assert.equal(await page.locator('.viewing').count(), 0);
    },
  },
];
