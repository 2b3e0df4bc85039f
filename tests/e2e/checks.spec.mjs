// A host writes a rule, and the partner sees it fail and pass; questions are answered under an integration.
import assert from 'node:assert/strict';

const ANA = 'ana.ferreira@solstice.example';
const MISAKI = 'misaki.tanaka@shinonome.example';
const WORDS = 'Say whether breakfast is for one or two';

const address = async (page) => {
  await page.goto('/forms/integration/answers');
  return page.locator('tbody th a', { hasText: 'Breakfast points' }).getAttribute('href');
};

export const tests = [{
  name: 'a host writes a rule without code, and the partner sees it fail',
  allow: [/status of 4(22|03)/],
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, ANA);
    const integration = await address(page);
    await page.goto('/checks');
    await page.getByRole('link', { name: 'Fits a pattern' }).click();
    await page.locator('[name=place]').selectOption('summary');
    await page.locator('[name=pattern]').fill('(');
    await page.locator('[name=words]').fill(WORDS);
    await page.getByRole('button', { name: 'Add check' }).click();
    assert.match(await page.locator('#errors').textContent(), /no regular expression/);
    await axe(page);
    await page.locator('[name=pattern]').fill('.*for (one|two).*');
    await page.getByRole('button', { name: 'Try it' }).click();
    assert.match(await page.locator('#preview').textContent(), /Nothing is published yet|published integration/);
    await axe(page);
    await fits(page, 375);
    await shot(page, 'check-form');
    await page.getByRole('button', { name: 'Add check' }).click();
    assert.match(await page.locator('main').textContent(), new RegExp(WORDS));

    await signIn(page, MISAKI);
    await page.goto(`${integration}/checks`);
    const line = page.locator('section.panel li', { hasText: WORDS });
    assert.match(await line.textContent(), /Blocks/);
    assert.match(await line.textContent(), /does not fit \.\*for \(one\|two\)/);
    await axe(page);
    await fits(page, 375);
    await shot(page, 'own-checks');
    assert.equal((await page.goto('/checks')).status(), 403);
  },
}, {
  name: 'the program’s questions are answered under an integration',
  allow: [/status of 422/],
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, ANA);
    const integration = await address(page);
    await signIn(page, MISAKI);
    await page.goto(`${integration}/answers`);
    await page.getByRole('button', { name: 'Save and check' }).click();
    assert.match(await page.locator('#errors').textContent(), /How often are points credited/);
    await axe(page);
    await fits(page, 375);
    await shot(page, 'integration-answers');
    await page.getByLabel('Every night').check();
    await page.locator('textarea').fill('They are taken back the next night.');
    await page.getByRole('button', { name: 'Save and check' }).click();
    assert.match(await page.locator('#configure').textContent(), /Passes[\s\S]*How often are points credited/);
  },
}];
