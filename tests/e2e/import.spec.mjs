// Importing partners: upload, map, check, apply, undo, with and without scripts; the real file too, where it is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const DIRTY = join(here, '..', 'data', 'partners-dirty.csv');
const AIRLINES = join(here, '..', '..', '..', 'shared', 'data', 'airlines.csv');
const ANA = 'ana.ferreira@solstice.example';
const JUNE = 'june.whitfield@northstar.example';

// Waits for a job without relying on scripts: the page says what state it is in.
async function ended(page) {
  for (let tries = 0; tries < 120 && await page.locator('#job').count(); tries += 1) {
    await page.waitForTimeout(500);
    await page.reload();
  }
}

const stat = async (page, label) => Number((await page.locator('.stats li', { hasText: label }).locator('b').textContent()).replace(/\D/g, ''));

async function upload(page, file, columns, values, translations) {
  await page.goto('/partners/import');
  await page.setInputFiles('#file', file);
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL('**/columns');
  for (const [field, column] of Object.entries(columns)) await page.locator(`[name=column-${field}]`).selectOption(column);
  await page.getByRole('button', { name: 'Show the columns’ values' }).click();
  for (const [field, value] of Object.entries(values)) await page.locator(`[name=set-${field}]`).selectOption(value);
  for (const [cell, value] of Object.entries(translations)) {
    await page.locator('fieldset .pair', { has: page.getByText(cell, { exact: true }) }).locator('select').selectOption(value);
  }
  await page.getByRole('button', { name: 'Check the import' }).click();
  await ended(page);
}

const whole = (email, context) => ({
  name: `a file with errors is checked, applied without them, and undone${context ? ' without scripts' : ''}`,
  context,
  timeout: 120_000,
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, email);
    await page.goto('/partners');
    const before = await page.locator('.tabs a').first().textContent();
    await upload(page, DIRTY, { code: 'code', name: 'name', status: 'status' }, { type: 'hotel' }, { Y: 'active', N: 'archived' });
    assert.match(await page.locator('h1').textContent(), /Check the import/);
    const [errors, created] = [await stat(page, 'Errors'), await stat(page, 'Create')];
    assert.ok(errors > 5 && created > 3, `${errors} errors, ${created} created`);
    assert.match(await page.locator('#rows').textContent(), /Code is missing/);
    assert.match(await page.locator('#rows').textContent(), /twice in this file/);
    if (!context) {
      await axe(page);
      await fits(page, 375);
      await shot(page, 'import-check');
    }
    await page.goto('/partners');
    assert.equal(await page.locator('.tabs a').first().textContent(), before, 'a check writes nothing');
    await page.goBack();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Rows with errors' }).click();
    const refused = readFileSync(await (await download).path(), 'utf8');
    assert.ok(refused.split('\n').length > errors, 'every refused row is in the file');

    await page.getByRole('link', { name: /^Apply/ }).click();
    await page.getByRole('radio').first().check();
    await page.getByRole('button', { name: /^Apply/ }).click();
    await ended(page);
    assert.match(await page.locator('main').textContent(), new RegExp(`${created} partners created`));
    await page.goto('/partners?sort=name');
    assert.notEqual(await page.locator('.tabs a').first().textContent(), before);

    await page.goto('/partners/import');
    await page.locator('#imports tbody a').first().click();
    await page.getByRole('link', { name: 'Undo…' }).click();
    await page.getByRole('button', { name: /^Undo/ }).click();
    await ended(page);
    assert.match(await page.locator('main').textContent(), /changes were taken back/);
    await page.goto('/partners');
    assert.equal(await page.locator('.tabs a').first().textContent(), before, 'the undo took everything back');
  },
});

const real = {
  name: 'the real airlines are checked and their errors named',
  timeout: 180_000,
  async run({ page, signIn, shot }) {
    if (!existsSync(AIRLINES)) return;
    await signIn(page, JUNE);
    await upload(page, AIRLINES, { code: 'icao', name: 'name', status: 'active' }, { type: 'airline' }, { Y: 'active', N: 'archived' });
    assert.equal(await stat(page, 'Errors'), 323);
    assert.equal(await stat(page, 'Create'), 5839);
    await shot(page, 'import-airlines');
  },
};

export const tests = [
  whole(ANA),
  whole(JUNE, { javaScriptEnabled: false }),
  real,
  {
    name: 'a file without rows, and one that is no text, are refused beside the field',
    allow: [/status of 422/],
    async run({ page, signIn }) {
      await signIn(page, ANA);
      for (const [name, bytes] of [['empty.csv', ''], ['head.csv', 'code,name\n'], ['picture.csv', '\x89PNG\r\n\x1a\n\x00\x00']]) {
        await page.goto('/partners/import');
        await page.setInputFiles('#file', { name, mimeType: 'text/csv', buffer: Buffer.from(bytes, 'latin1') });
        await page.getByRole('button', { name: 'Upload' }).click();
        assert.ok((await page.locator('#file-e').textContent()).length > 20, name);
      }
    },
  },
];
