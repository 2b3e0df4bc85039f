// The queue and the review page in a browser: by keys alone, with a half-typed comment, and without scripts.
import assert from 'node:assert/strict';

const RITA = 'rita.carvalho@solstice.example';
const QUEUE = '/integrations?tab=in-review';

// The review of the first one in the queue, on its listing.
const open = async (page) => {
  await page.goto(QUEUE);
  const link = page.locator('tbody th[scope=row] .cell a').first();
  await link.click();
  await page.waitForURL(/\/review/);
  await page.goto(`${new URL(page.url()).pathname}?page=listing`);
};

export const tests = [
  {
    name: 'a reviewer works through the queue with the keyboard',
    async run({ page, signIn, axe, fits, shot }) {
      await signIn(page, RITA);
      await page.goto(QUEUE);
      await axe(page);
      await fits(page, 375);
      await shot(page, 'integrations-queue');
      const rows = page.locator('tbody tr:not(.group)');
      const first = await rows.first().locator('.cell a').first().textContent();
      await page.keyboard.press('j');
      assert.equal(await page.evaluate(() => document.activeElement.textContent), first, 'j goes to the first one');
      if (await rows.count() > 1) {
        await page.keyboard.press('j');
        await page.keyboard.press('k');
        assert.equal(await page.evaluate(() => document.activeElement.textContent), first);
      }
      if (await rows.first().getByRole('button', { name: /^Claim/ }).count()) {
        await page.keyboard.press('c');
        await page.locator('.toasts', { hasText: 'You review' }).waitFor();
        assert.match(await rows.first().textContent(), /You/);
        await page.keyboard.press('j');
      }
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/review/);
      assert.equal(await page.locator('h1').textContent(), first);
      await axe(page);
      await fits(page, 375);
      await shot(page, 'integration-review');
      await page.keyboard.press('2');
      assert.ok(await page.locator('[name=verdict][value=change-request]').isChecked());
      await page.keyboard.press('1');
      assert.ok(await page.locator('[name=verdict][value=publication]').isChecked());
    },
  },
  {
    name: 'a half-typed comment survives what comes in meanwhile',
    timeout: 60_000,
    async run({ page, signIn }) {
      await signIn(page, RITA);
      await open(page);
      const back = page.url();
      await page.getByRole('link', { name: 'Comment on the whole page' }).click();
      await page.locator('#comment [name=body]').fill('First words');
      await page.locator('#comment').getByRole('button', { name: 'Add' }).click();
      await page.locator('.thread', { hasText: 'First words' }).waitFor();
      await page.goto(back);
      const reply = page.locator('.thread', { hasText: 'First words' }).locator('textarea');
      await reply.fill('Half a sen');
      // Somebody else writes; the poll brings it.
      const other = await page.context().newPage();
      await other.goto(back);
      await other.getByRole('link', { name: 'Comment on the whole page' }).click();
      await other.locator('#comment [name=body]').fill('Second words');
      await other.locator('#comment').getByRole('button', { name: 'Add' }).click();
      await other.locator('.thread', { hasText: 'Second words' }).waitFor();
      await other.close();
      await page.locator('.thread', { hasText: 'Second words' }).waitFor({ timeout: 40_000 });
      assert.equal(await reply.inputValue(), 'Half a sen');
      assert.ok(await reply.evaluate((element) => element === document.activeElement), 'it kept the focus');
    },
  },
  {
    name: 'feedback is given and resolved without scripts',
    context: { javaScriptEnabled: false },
    async run({ page, signIn }) {
      await signIn(page, RITA);
      await open(page);
      await page.goto(`${page.url()}&since=now`);
      await page.getByRole('link', { name: 'Comment on Short summary' }).first().click();
      await page.locator('#comment [name=body]').fill('Without a script');
      await page.getByLabel(/Advice/).check();
      await page.locator('#comment').getByRole('button', { name: 'Add' }).click();
      const item = page.locator('.thread', { hasText: 'Without a script' });
      assert.match(await item.textContent(), /Advice/);
      await item.locator('textarea').fill('Settled on the phone.');
      await item.getByRole('button', { name: /^Resolve/ }).click();
      assert.equal(await page.locator('.thread', { hasText: 'Without a script' }).count(), 0);
      await page.getByRole('link', { name: /^Resolved/ }).click();
      assert.match(await page.locator('.thread', { hasText: 'Without a script' }).textContent(), /Settled on the phone\./);
    },
  },
];
