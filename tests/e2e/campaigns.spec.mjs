// An assignment with a conflict, the timeline, and the preview as of a day. The demo's winter campaign is needed with its tiers.
import assert from 'node:assert/strict';

const DELE = 'dele.martins@solstice.example';
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const walk = (name, context) => ({
  name: `a CSR meets a conflict, looks at the timeline and previews a day${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 4(09|22)/],
  timeout: 90_000,
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, DELE);
    await page.goto('/campaigns');
    await page.getByRole('link', { name: 'Winter Double Miles' }).click();
    if (!context) await axe(page);
    await page.getByRole('navigation', { name: 'Campaign', exact: true }).getByRole('link', { name: /Partners & tiers/ }).click();
    const drawing = page.getByRole('group', { name: /Tier assignments by partner/ });
    await drawing.waitFor();
    assert.ok(await drawing.getByRole('link').count() >= 6, 'each bar is a link');
    assert.match(await drawing.getByRole('link').first().getAttribute('aria-label'), /last day included|no end/);
    if (!context) {
      await axe(page);
      await fits(page, 375);
      await shot(page, 'campaign');
    }
    await page.getByRole('link', { name: 'Year', exact: true }).click();
    await page.waitForURL(/zoom=year/);

    await page.getByRole('link', { name: 'Assign tier' }).first().click();
    await page.locator('[name=whose]').selectOption('SHINONOME');
    await page.locator('[name=tier]').selectOption({ index: 1 });
    await page.locator('[name=first_day]').fill(day(1));
    await page.locator('[name=last_day]').fill(day(20));
    await page.getByRole('button', { name: 'Check and save…' }).click();
    assert.match(await page.locator('#first_day-e').textContent(), /covers some of these days already/);
    assert.equal(await page.locator('[name=last_day]').inputValue(), day(20), 'what was typed is kept');
    if (!context) await axe(page);
    await page.getByLabel('Draft: has no effect yet').check();
    await page.getByRole('button', { name: 'Try it without saving' }).click();
    await page.getByRole('heading', { name: 'Tried out: nothing is saved' }).waitFor();
    if (!context) await axe(page);
    await page.getByRole('button', { name: 'Save anyway' }).click();
    await page.waitForURL(/\/partners$/);
    await page.getByText('You assigned').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back').waitFor();

    await page.getByRole('link', { name: 'Audience preview' }).click();
    await page.locator('[name=asof]').fill(day(1));
    await page.locator('[name=ctier]').selectOption('none');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('without a tier, at 00:00').waitFor();
    assert.match(await page.locator('main').textContent(), /this customer has no tier/);
    if (!context) {
      await axe(page);
      await fits(page, 375);
      await shot(page, 'preview');
    }
  },
});

export const tests = [walk('wide'), walk('plain', { javaScriptEnabled: false })];
