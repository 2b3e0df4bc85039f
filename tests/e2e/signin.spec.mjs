import assert from 'node:assert/strict';

export const tests = [
  {
    name: 'the page is there, labelled and accessible',
    async run({ page, axe, fits, shot }) {
      const answer = await page.goto('/sign-in');
      assert.equal(answer.status(), 200);
      assert.match(await page.title(), /^Sign in/);
      for (const name of ['email', 'password']) {
        const field = page.locator(`input[name=${name}]`);
        assert.equal(await field.evaluate((input) => input.labels.length), 1, `label of ${name}`);
      }
      await axe(page);
      await fits(page, 375);
      await fits(page, 320);
      await shot(page, 'sign-in');
    },
  },
  {
    name: 'it is a plain form without scripts',
    context: { javaScriptEnabled: false },
    async run({ page }) {
      await page.goto('/sign-in');
      const form = page.locator('form:has(input[name=password])');
      assert.equal(await form.getAttribute('method'), 'post');
      assert.equal(await form.locator('button:not([type=button])').count(), 1);
    },
  },
];
