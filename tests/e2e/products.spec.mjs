// Tiers in order, a product from its form to its archive, and products from a file; with and without scripts.
import assert from 'node:assert/strict';

const DELE = 'dele.martins@solstice.example';

const product = (name, sku, context) => ({
  name: `a CSR creates, edits and archives a product${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  timeout: 60_000,
  async run({ page, signIn, axe, shot }) {
    await signIn(page, DELE);
    await page.goto('/products');
    assert.ok((await page.locator('tbody tr').count()) > 5);
    if (!context) {
      await axe(page);
      await shot(page, 'products');
    }
    await page.getByRole('link', { name: 'Create', exact: true }).click();
    await page.locator('[name=partner]').fill('KESTREL');
    await page.locator('[name=name]').fill(name);
    await page.locator('[name=sku]').fill(sku);
    await page.locator('[name=price]').fill('1,5');
    await page.getByRole('button', { name: 'Create product' }).click();
    assert.match(await page.locator('#price-e').textContent(), /without commas/);
    assert.equal(await page.locator('[name=name]').inputValue(), name, 'what was typed is kept');
    if (!context) await axe(page);
    await page.locator('[name=price]').fill('9000');
    await page.getByRole('button', { name: 'Create product' }).click();
    await page.waitForURL(/\/products\/[0-9a-f-]{36}$/);
    assert.equal(await page.locator('h1').textContent(), name);
    assert.match(await page.locator('main').textContent(), /1 = highest/);
    if (!context) {
      await axe(page);
      await shot(page, 'product');
    }
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await page.locator('[name=currency]').selectOption('JPY');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('9,000 JPY').first().waitFor();
    await page.goto(`${page.url()}/archival`);
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.locator('.meta', { hasText: 'Archived' }).waitFor();
  },
});

const tiers = (name, context) => ({
  name: `a CSR makes a tier, moves it and removes it${context ? ' without scripts' : ''}`,
  context,
  timeout: 60_000,
  async run({ page, signIn, axe, shot }) {
    await signIn(page, DELE);
    await page.goto('/tiers');
    const names = () => page.locator('tbody th a').allTextContents();
    const before = await names();
    if (!context) {
      await axe(page);
      await shot(page, 'tiers');
    }
    await page.locator('[name=name]').fill(name);
    await page.getByRole('button', { name: 'Create tier' }).click();
    await page.getByRole('link', { name, exact: true }).waitFor();
    await page.getByRole('button', { name: `Move ${name} up` }).click();
    await page.getByText('The order is saved').first().waitFor();
    assert.deepEqual((await names()).indexOf(name), before.length - 1);
    const address = await page.getByRole('link', { name, exact: true }).getAttribute('href');
    await page.goto(`${address}/removal`);
    await page.getByRole('button', { name: 'Remove tier' }).click();
    await page.waitForURL(/\/tiers$/);
    assert.deepEqual(await names(), before);
  },
});

export const tests = [
  product('Browser upgrade', 'BR-1'),
  product('Browser upgrade 2', 'BR-2', { javaScriptEnabled: false }),
  tiers('Browser tier'),
  tiers('Browser tier 2', { javaScriptEnabled: false }),
  {
    name: 'a CSR checks, applies and undoes a file of products',
    timeout: 60_000,
    async run({ page, signIn, axe, shot }) {
      await signIn(page, DELE);
      await page.goto('/products/import');
      const file = (buffer) => ({ name: 'products.csv', mimeType: 'text/csv', buffer: Buffer.from(buffer) });
      await page.locator('[name=file]').setInputFiles(file('partner,sku,name\nKESTREL,IM-1,Roof box\nNOBODY,X,Y\n'));
      await page.getByRole('button', { name: 'Upload and check' }).click();
      await page.getByText('No partner has the code NOBODY.').waitFor();
      await axe(page);
      await shot(page, 'products-import');
      await page.getByRole('button', { name: 'Apply 1 change' }).click();
      await page.getByText('1 product created, 0 updated.').waitFor();
      await page.getByRole('link', { name: 'Undo…' }).click();
      await page.getByRole('button', { name: 'Undo the import' }).click();
      await page.getByText('The import was taken back.').waitFor();
    },
  },
];
