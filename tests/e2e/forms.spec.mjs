// The host builds and publishes a form, a partner answers it, the host sees the answers: with and without scripts.
import assert from 'node:assert/strict';

const ANA = 'ana.ferreira@solstice.example';
const JUNE = 'june.whitfield@northstar.example';
const WALT = 'walt.jensen@prairie-air.example';
const MISAKI = 'misaki.tanaka@shinonome.example';

const add = async (page, kind, fields) => {
  await page.getByRole('link', { name: kind, exact: true }).click();
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`form.form [name=${name}]`);
    if (await field.evaluate((element) => element.tagName) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  await page.getByRole('button', { name: 'Add question' }).click();
  await page.locator('.rows .strong', { hasText: fields.label }).first().waitFor();
};

const build = (label, context) => ({
  name: `a form is built, published, answered and read${context ? ' without scripts' : ''}`,
  context,
  timeout: 90_000,
  allow: [/status of 422/],
  async run({ page, signIn, axe, shot }) {
    await signIn(page, JUNE);
    await page.goto('/forms/partner');
    await page.getByRole('button', { name: context ? 'Change the form' : 'Create form' }).first().click();
    await add(page, 'Choice', { label: `${label}: do you send files?`, options: 'Yes\nNo' });
    await add(page, 'Short text', { label: `${label}: which kind?`, help: 'CSV, for example.', if_question: { index: context ? 3 : 1 }, if_value: 'Yes' });
    if (!context) { await axe(page); await shot(page, 'forms-builder'); }
    await page.getByRole('link', { name: 'Preview', exact: true }).click();
    assert.match(await page.locator('main').textContent(), /Nothing typed here is kept/);
    if (!context) {
      const sometimes = page.locator('.sometimes', { hasText: `${label}: which kind?` });
      assert.match(await sometimes.textContent(), /Yes/, 'says when it is asked');
      await axe(page);
    }
    await page.goto('/forms/partner/publication');
    if (!context) await axe(page);
    if (context) {
      await page.getByLabel(/Ask everyone again/).check();
      await page.locator('[name=by]').fill('2199-01-01');
    }
    await page.getByRole('button', { name: 'Publish' }).click();
    assert.match(await page.locator('.meta').textContent(), /Live/);

    await page.context().clearCookies();
    await signIn(page, WALT);
    await page.goto('/partners/PRAIRIE');
    await page.getByRole('link', { name: 'answer the partner form' }).click();
    const group = (text) => page.locator('.field', { hasText: text });
    await group(`${label}: do you send files?`).getByLabel('Yes').check();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('#errors').waitFor();
    if (!context) {
      assert.equal(await page.evaluate(() => document.activeElement.id), 'errors', 'the summary has the focus');
      await axe(page);
    }
    assert.ok(await group(`${label}: do you send files?`).getByLabel('Yes').isChecked(), 'what was chosen is kept');
    for (const field of await page.locator('.field input[type=text]').all()) await field.fill(`${label} fixed width`);
    await page.getByRole('button', { name: 'Save draft' }).click();
    assert.match(await page.locator('.formbar').textContent(), /Draft saved/);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.waitForURL('**/partners/PRAIRIE/profile');
    assert.match(await page.locator('#answers').textContent(), new RegExp(`${label} fixed width`));

    await page.context().clearCookies();
    await signIn(page, JUNE);
    await page.goto('/forms/partner/answers?standing=complete');
    await page.getByRole('link', { name: /Prairie/ }).click();
    assert.match(await page.locator('#answers').textContent(), new RegExp(`${label} fixed width`));
  },
});

const pages = {
  [ANA]: ['/forms', '/forms/partner', '/forms/integration', '/forms/partner/versions/2', '/forms/partner/answers', '/forms/partner/answers?standing=outdated&q=kes',
    '/partners/KESTREL/profile', '/partners/KESTREL/profile/answers/1', '/partners/KESTREL/profile/request'],
  [MISAKI]: ['/partners/SHINONOME/profile', '/partners/SHINONOME/profile/answers'],
};

const looks = Object.entries(pages).flatMap(([email, addresses]) => addresses.map((address) => ({
  name: `${address} for ${email.split('@')[0]}`,
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, email);
    assert.equal((await page.goto(address)).status(), 200);
    assert.equal(await page.locator('main h1').count(), 1, 'one heading');
    await axe(page);
    await fits(page, 375);
    await shot(page, `forms-${email.split('@')[0]}${address.replace(/[^a-z0-9]+/gi, '-')}`);
  },
})));

const question = {
  name: 'a question is typed wrongly, corrected and moved',
  allow: [/status of 422/],
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, ANA);
    await page.goto('/forms/partner');
    await page.getByRole('button', { name: 'Change the form' }).click();
    await page.getByRole('link', { name: 'Several choices' }).click();
    await page.getByLabel('Question', { exact: true }).fill('Which seasons?');
    await page.getByLabel('Options').fill('Winter');
    await page.getByRole('button', { name: 'Add question' }).click();
    assert.match(await page.locator('#options-e').textContent(), /at least two options/);
    assert.equal(await page.getByLabel('Question', { exact: true }).inputValue(), 'Which seasons?');
    await axe(page);
    await fits(page, 375);
    await shot(page, 'forms-question');
    await page.getByLabel('Options').fill('Winter\nSummer');
    await page.getByRole('button', { name: 'Add question' }).click();
    await page.getByRole('button', { name: 'Move Which seasons? up' }).click();
    await page.getByRole('button', { name: 'Move Which seasons? down' }).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Move Which seasons? down' }).isEnabled());
    await page.goto('/forms/partner/publication');
    await axe(page);
    await fits(page, 375);
    await shot(page, 'forms-publish');
    await page.goto('/forms/partner/draft/removal');
    await page.getByRole('button', { name: 'Discard draft' }).click();
    assert.match(await page.locator('.meta').textContent(), /Live/);
  },
};

export const tests = [build('One'), build('Two', { javaScriptEnabled: false }), ...looks, question];
