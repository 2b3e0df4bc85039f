// A connection from its choice to its test and its edit, with and without scripts.
import assert from 'node:assert/strict';

const MISAKI = 'misaki.tanaka@shinonome.example';
const SECRET = 'planted-secret-4711';

const walk = (name, context) => ({
  name: `a partner admin creates, tests and edits a connection${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  timeout: 60_000,
  async run({ page, signIn, axe, shot }) {
    await signIn(page, MISAKI);
    await page.goto('/connections');
    await page.getByRole('link', { name: 'Create', exact: true }).click();
    await page.getByLabel('SFTP').check();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.locator('[name=name]').fill(name);
    await page.locator('[name=host]').fill('127.0.0.1');
    await page.locator('[name=username]').fill('portico');
    await page.locator('[name=password]').fill(SECRET);
    await page.getByRole('button', { name: 'Create connection' }).click();
    assert.match(await page.locator('#host-e').textContent(), /internal network/);
    assert.equal(await page.locator('[name=name]').inputValue(), name, 'what was typed is kept');
    assert.equal(await page.locator('[name=password]').inputValue(), '', 'but for credentials');
    if (!context) await axe(page);

    await page.locator('[name=host]').fill('no-such-host.invalid');
    await page.locator('[name=password]').fill(SECRET);
    await page.getByRole('button', { name: 'Create connection' }).click();
    await page.waitForURL(/\/connections\/[0-9a-f-]{36}$/);
    assert.equal(await page.locator('h1').textContent(), name);
    assert.match(await page.locator('.meta').textContent(), /Not tested/);

    await page.getByRole('button', { name: 'Test connection' }).click();
    await page.locator('.meta', { hasText: 'Failed' }).waitFor();
    assert.match(await page.locator('main').textContent(), /There is no server of this name/);
    if (!context) {
      await axe(page);
      await shot(page, 'connection');
    }

    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    assert.match(await page.locator('#password-h').textContent(), /Kept; enter a new one/);
    await page.locator('[name=path]').fill('/stays');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.waitForURL(/\/connections\/[0-9a-f-]{36}$/);
    assert.match(await page.locator('.meta').textContent(), /Not tested/, 'the test was of another folder');
    assert.match(await page.locator('.log').textContent(), /changed the folder of the connection/);
    assert.ok(!(await page.content()).includes(SECRET));
  },
});

export const tests = [walk('Browser files'), walk('Browser files 2', { javaScriptEnabled: false })];
