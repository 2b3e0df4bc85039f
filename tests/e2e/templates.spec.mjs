// Building a template from nothing, and checking a file against it: with and without scripts.
import assert from 'node:assert/strict';

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

export const tests = [build('Late stays'), build('Early stays', { javaScriptEnabled: false })];
