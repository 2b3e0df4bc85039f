// Building a template from nothing, and checking a file against it: with and without scripts.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// A public list of airlines that lies beside some checkouts and is not part of this one.
const AIRLINES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'shared', 'data', 'airlines.csv');

const MISAKI = 'misaki.tanaka@shinonome.example';

const fill = async (page, values) => {
  for (const [field, value] of Object.entries(values)) {
    const input = page.locator(`form.layout [name=${field}]`).first();
    if (await input.evaluate((element) => element.tagName) === 'SELECT') await input.selectOption(value);
    else await input.fill(value);
  }
};

const build = (name, context) => ({
  name: `a template is built, corrected, and a file is checked against it${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, MISAKI);
    await page.goto('/templates');
    await page.locator('main').getByRole('link', { name: 'Create', exact: true }).click();
    await fill(page, { name, process: 'accrual', f0_name: 'nights', f0_kind: 'whole-number', f0_sample: 'two', f1_name: 'member', f1_format: '[A-Z]{2}[0-9]+' });
    // Rows move with what was typed.
    await page.getByRole('button', { name: 'Move field 2 up' }).click();
    assert.equal(await page.locator('[name=f0_name]').inputValue(), 'member');
    assert.equal(await page.locator('[name=f1_sample]').inputValue(), 'two');
    await page.getByRole('button', { name: 'Add field' }).click();
    await fill(page, { f3_name: 'gone' });
    await page.getByRole('button', { name: 'Remove field 4' }).click();
    // Enter saves, and presses no button of a row.
    await page.locator('[name=name]').press('Enter');
    assert.match(await page.locator('#errors').textContent(), /The sample is not a whole number/);
    if (!context) {
      await axe(page);
      await fits(page, 375);
      await shot(page, 'template-form');
    }
    await fill(page, { f1_sample: '2' });
    await page.locator('.formbar').getByRole('button', { name: 'Create template' }).click();
    assert.equal(await page.locator('h1').textContent(), name);
    assert.match(await page.locator('pre.code').textContent(), /^member,nights\n,2/);

    await page.getByRole('link', { name: 'Check a file' }).click();
    await page.setInputFiles('[name=file]', { name: 'stays.csv', mimeType: 'text/csv', buffer: Buffer.from('member,nights\nAB1,2\nab,<b>x\n') });
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    assert.equal(await page.locator('#problems tbody tr').count(), 2);
    assert.match(await page.locator('#problems').textContent(), /nights\s*is not a whole number\s*<b>x/);
    if (!context) {
      await axe(page);
      await fits(page, 375);
      await shot(page, 'template-check');
    }
    await page.setInputFiles('[name=file]', { name: 'good.csv', mimeType: 'text/csv', buffer: Buffer.from('member,nights\nAB1,2\n') });
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    assert.match(await page.locator('#result').textContent(), /as the template says/);
  },
});

// The same rules once more, without the portal: how many values of each field break them.
const WRONG = {
  // One name has an escape sequence in it.
  name: (value) => value === '' || /\p{Cc}/u.test(value),
  iata: (value) => value !== '' && !/^([A-Z0-9]{2}|-)$/.test(value),
  icao: (value) => value !== '' && !/^([A-Z0-9]{3}|N\/A)$/.test(value),
  active: (value) => !/^[YN]$/.test(value),
};

const counted = (text) => {
  const rows = text.trim().split(/\r?\n/).map((line) => [...line.matchAll(/("([^"]|"")*"|[^,]*)(,|$)/g)].map((part) => part[1].replace(/^"|"$/g, '')));
  const head = rows.shift();
  return Object.fromEntries(Object.entries(WRONG).map(([field, isWrong]) => [field, rows.filter((row) => isWrong(row[head.indexOf(field)])).length]));
};

const real = {
  name: 'the real airlines are checked against a template built for them',
  async run({ page, signIn, shot }) {
    if (!existsSync(AIRLINES)) return;
    await signIn(page, MISAKI);
    await page.goto('/templates/new');
    const fields = ['id', 'name', 'alias', 'iata', 'icao', 'callsign', 'country', 'active'];
    const rows = () => page.locator('[name$=_name]').count();
    while ((await rows()) < fields.length) await page.getByRole('button', { name: 'Add field' }).click();
    await fill(page, {
      name: 'Airlines', process: 'other', ...Object.fromEntries(fields.map((field, row) => [`f${row}_name`, field])),
      f0_kind: 'whole-number', f3_format: '[A-Z0-9]{2}|-', f4_format: '[A-Z0-9]{3}|N/A', f7_kind: 'yes-no', f7_format: 'Y/N',
    });
    for (const row of [0, 1, 7]) await page.locator(`[name=f${row}_required]`).check();
    await page.locator('.formbar').getByRole('button', { name: 'Create template' }).click();
    assert.equal(await page.locator('h1').textContent(), 'Airlines');
    await page.getByRole('link', { name: 'Check a file' }).click();
    await page.setInputFiles('[name=file]', AIRLINES);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    const found = await page.locator('#result aside .rows li').evaluateAll((lines) =>
      lines.map((line) => [line.querySelector('code').textContent, parseInt(line.querySelector('.num').textContent, 10)]));
    const expected = Object.entries(counted(readFileSync(AIRLINES, 'utf8'))).filter(([, count]) => count > 0);
    assert.ok(expected.length > 1, 'the file has something to find');
    assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
    await shot(page, 'template-airlines');
  },
};

export const tests = [build('Late stays'), build('Early stays', { javaScriptEnabled: false }), real];
