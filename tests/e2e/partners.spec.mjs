// Creating and editing a partner, its logo, the list: with and without scripts.
import assert from 'node:assert/strict';
import { deflateSync, crc32 } from 'node:zlib';

const ANA = 'ana.ferreira@solstice.example';
const MISAKI = 'misaki.tanaka@shinonome.example';

// A small red PNG, made here so that no picture has to be kept.
function png(side) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
    const size = Buffer.alloc(4), sum = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.from(Array.from({ length: side }, () => [200, 30, 60]).flat())]);
  const rows = Buffer.concat(Array.from({ length: side }, () => row));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

const fill = async (page, values) => {
  for (const [field, value] of Object.entries(values)) {
    const input = page.locator(`form.form [name=${field}]`).first();
    if (await input.evaluate((element) => element.tagName) === 'SELECT') await input.selectOption(value);
    else await input.fill(value);
  }
};

const createAndEdit = (code, context) => ({
  name: `a partner is created, corrected, edited and given a logo${context ? ' without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  async run({ page, signIn, axe }) {
    await signIn(page, ANA);
    await page.goto('/partners/new');
    await fill(page, { name: 'Basalt & Brine <Ferries>', code: 'basalt', type: 'hotel', support_email: 'ops@basalt', support_phone: '12' });
    await page.getByRole('button', { name: 'Create partner' }).click();
    assert.match(await page.locator('#errors').textContent(), /3 problems/);
    assert.equal(await page.locator('[name=name]').inputValue(), 'Basalt & Brine <Ferries>', 'what was typed is kept');
    for (const field of ['code', 'support_email', 'support_phone']) {
      const described = await page.locator(`[name=${field}]`).getAttribute('aria-describedby');
      assert.ok(described.includes(`${field}-e`), `${field} is tied to its error`);
    }
    if (!context) {
      assert.equal(await page.evaluate(() => document.activeElement.id), 'errors', 'the summary has the focus');
      await axe(page);
    }
    await fill(page, { code, support_email: 'ops@basalt.example', support_phone: '+353 1 555 0101' });
    await page.getByRole('button', { name: 'Create partner' }).click();
    await page.waitForURL(`**/partners/${code}`);
    assert.equal(await page.locator('h1').textContent(), 'Basalt & Brine <Ferries>');

    await page.getByRole('link', { name: 'Edit partner' }).click();
    await fill(page, { name: 'Basalt & Brine' });
    await page.setInputFiles('[name=logo]', { name: '../../logo.png', mimeType: 'image/png', buffer: png(64) });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.waitForURL(`**/partners/${code}`);
    assert.equal(await page.locator('h1').textContent(), 'Basalt & Brine');
    assert.ok(await page.locator('img.tile').first().evaluate((image) => image.naturalWidth > 0), 'the logo is shown');
    await page.goto(`/partners/${code}/activity`);
    assert.match(await page.locator('.log').textContent(), /changed the name of Basalt & Brine/);
  },
});

export const tests = [
  createAndEdit('BASALT'),
  createAndEdit('BASALT2', { javaScriptEnabled: false }),
  {
    name: 'a file that is no picture is refused beside the field, and the rest is kept',
    allow: [/status of 422/],
    async run({ page, signIn }) {
      await signIn(page, ANA);
      await page.goto('/partners/VELVET/edit');
      await fill(page, { support_email: 'new@velvet.example' });
      await page.setInputFiles('[name=logo]', { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') });
      await page.getByRole('button', { name: 'Save changes' }).click();
      assert.match(await page.locator('#logo-e').textContent(), /not a PNG, JPEG or WebP/);
      assert.equal(await page.locator('[name=support_email]').inputValue(), 'new@velvet.example');
    },
  },
  {
    name: 'a partner admin edits contacts only',
    async run({ page, signIn }) {
      await signIn(page, MISAKI);
      await page.goto('/partners/SHINONOME/edit');
      assert.equal(await page.locator('[name=name]').count(), 0);
      assert.equal(await page.locator('[name=notes]').count(), 0);
      await fill(page, { support_phone: '+81 3 5550 0177' });
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.waitForURL('**/partners/SHINONOME');
      assert.match(await page.locator('main').textContent(), /0177/);
    },
  },
  {
    name: 'the list filters without a new page, keeps its state in the address, and comes back',
    async run({ page, signIn }) {
      await signIn(page, ANA);
      await page.goto('/partners');
      await page.evaluate(() => { window.same = true; });
      await page.locator('[name=q]').fill('kestrel');
      await page.keyboard.press('Enter');
      await page.waitForURL(/q=kestrel/);
      await page.locator('[role=status]', { hasText: '1 partner' }).waitFor();
      assert.ok(await page.evaluate(() => window.same), 'no new page was loaded');
      await page.locator('a.chip').click();
      await page.waitForURL((url) => !url.search.includes('q='));
      await page.getByRole('link', { name: 'Next' }).click();
      await page.waitForURL(/after=/);
      await page.getByRole('link', { name: 'Previous' }).click();
      await page.waitForURL(/before=/);
      assert.ok(await page.locator('tbody tr').count() === 25);
    },
  },
  {
    name: 'several partners are suspended after a page that lists what happens',
    async run({ page, signIn, shot }) {
      await signIn(page, ANA);
      await page.goto('/partners?sort=name');
      for (const code of ['COPPER', 'EMBER']) await page.getByLabel(`Select ${code}`).check();
      assert.equal((await page.locator('.bulk output').textContent()).trim(), '2 selected');
      await shot(page, 'bulk');
      await page.getByRole('button', { name: 'Suspend…' }).click();
      const main = await page.locator('main').textContent();
      assert.match(main, /Copper Kettle Coffee \(COPPER\) is active now/);
      assert.match(main, /Left as they are.*Ember & Oak Restaurants \(EMBER\) is planned/s);
      await page.getByRole('button', { name: 'Suspend 1 partner' }).click();
      await page.goto('/partners/COPPER');
      assert.match(await page.locator('.meta').textContent(), /Suspended/);
    },
  },
  {
    name: 'the theme is switched and kept',
    async run({ page, signIn }) {
      await signIn(page, ANA);
      await page.goto('/partners');
      await page.locator('[popovertarget=me-menu]').click();
      const answered = page.waitForResponse((answer) => answer.url().endsWith('/me/theme'));
      await page.getByRole('button', { name: 'Dark' }).click();
      await answered;
      await page.reload();
      assert.equal(await page.locator('html').getAttribute('data-bs-theme'), 'dark');
      await page.locator('[popovertarget=me-menu]').click();
      const again = page.waitForResponse((answer) => answer.url().endsWith('/me/theme'));
      await page.getByRole('button', { name: 'System' }).click();
      await again;
    },
  },
  {
    name: 'keys lead to pages, and the search field',
    async run({ page, signIn }) {
      await signIn(page, ANA);
      await page.goto('/activity');
      await page.keyboard.press('g');
      await page.keyboard.press('p');
      await page.waitForURL('**/partners');
      await page.keyboard.press('/');
      assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
    },
  },
];
