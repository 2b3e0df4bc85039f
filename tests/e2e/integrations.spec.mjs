// An integration from its beginning over its five pages to its preview, with and without scripts.
import assert from 'node:assert/strict';
import { png } from './helpers.mjs';

const MISAKI = 'misaki.tanaka@shinonome.example';

const walk = (name, context) => ({
  name: `a partner admin begins an integration and fills its pages${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  timeout: 90_000,
  async run({ page, signIn, axe, fits, shot }) {
    const save = async () => {
      await page.getByRole('button', { name: 'Save page' }).click();
      await page.locator('.toasts .notice, .notice', { hasText: 'saved' }).first().waitFor();
    };
    await signIn(page, MISAKI);
    await page.goto('/partners/SHINONOME/integrations');
    await page.getByRole('link', { name: 'Create integration' }).click();
    await page.locator('[name=name]').fill(name);
    if (!context) await axe(page);
    await page.getByRole('button', { name: 'Create integration' }).click();
    await page.waitForURL(/\/pages\/general$/);
    assert.equal(await page.locator('h1').textContent(), name);

    await page.getByLabel('Support e-mail').fill('nobody');
    await page.getByRole('button', { name: 'Save page' }).click();
    assert.match(await page.locator('#support-email-e').textContent(), /@/);
    await page.getByLabel('Support e-mail').fill('help@shinonome.example');
    await save();

    await page.getByRole('link', { name: 'Next page: Listing' }).click();
    await page.getByLabel('Short summary').fill('Two miles for each night.');
    await page.getByLabel('Description').fill('Earn **two** miles.\n\n<script>alert(1)</script>');
    if (!context) await axe(page);
    await save();
    assert.match(await page.locator('#summary-h').textContent(), /25 used/);

    await page.getByRole('link', { name: 'Next page: Configure' }).click();
    await page.getByLabel('Template').selectOption({ label: 'Stays, nightly' });
    await page.getByLabel('Source connection').selectOption({ index: 1 });
    await save();
    await page.locator('#credentials-text').fill('tester and planted-secret-77aa');
    await page.getByRole('button', { name: 'Store credentials' }).click();
    await page.locator('#credentials', { hasText: 'Stored on' }).waitFor();
    assert.ok(!(await page.content()).includes('planted-secret'));
    if (!context) {
      await axe(page);
      await shot(page, 'integration-configure');
    }

    await page.getByRole('link', { name: 'Next page: Media' }).click();
    await page.locator('#icon').setInputFiles({ name: 'icon.png', mimeType: 'image/png', buffer: png(200, 100) });
    await page.locator('#icon-alt').fill('A garden gate');
    await page.getByRole('button', { name: 'Save page' }).click();
    assert.match(await page.locator('#icon-e').textContent(), /square/);
    assert.equal(await page.locator('#icon-alt').inputValue(), 'A garden gate', 'what was typed is kept');
    await page.locator('#icon').setInputFiles({ name: 'icon.png', mimeType: 'image/png', buffer: png(256, 256) });
    await save();
    assert.equal(await page.getByAltText('A garden gate').count(), 1);
    if (!context) {
      await axe(page);
      await fits(page, 375);
      await shot(page, 'integration-media');
    }

    await page.getByRole('link', { name: 'Next page: Legal' }).click();
    await page.getByLabel('Terms of use').fill('https://www.shinonome.example/terms');
    await save();
    const tasks = await page.locator('.tasks small').allTextContents();
    assert.deepEqual([tasks[0], tasks[3], tasks[4]], Array(3).fill('Complete'));
    // The program's own checks and questions wait on the other two.
    assert.match(tasks[1] + tasks[2], /missing or wrong.*missing or wrong/);

    await page.locator('.crumbs').getByRole('link', { name }).click();
    assert.equal(await page.locator('#description dd strong').textContent(), 'two');
    assert.match(await page.locator('#description dd').textContent(), /<script>alert\(1\)<\/script>/);
    assert.ok(await page.getByAltText('A garden gate').evaluate((image) => image.complete && image.naturalWidth === 256));
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.getByRole('button', { name: 'Unfollow' }).waitFor();
    if (!context) {
      await axe(page);
      await fits(page, 375);
      await shot(page, 'integration');
    }
  },
});

export const tests = [walk('Browser Stay Sync'), walk('Browser Stay Sync 2', { javaScriptEnabled: false })];
