// Assignments with a conflict, undo, the timeline, the preview as of a day, with and without scripts. The demo's winter
// campaign is needed with its tiers.
import assert from 'node:assert/strict';

const DELE = 'dele.martins@solstice.example';
const MISAKI = 'misaki.tanaka@shinonome.example';
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

async function partners(page) {
  await page.goto('/campaigns');
  await page.getByRole('link', { name: 'Winter Double Miles' }).click();
  await page.getByRole('navigation', { name: 'Campaign', exact: true }).getByRole('link', { name: /Partners & tiers/ }).click();
  await page.getByRole('group', { name: /Tier assignments by partner/ }).waitFor();
}

async function fill(page, whose, tier, first, last) {
  await page.getByRole('link', { name: 'Assign tier' }).first().click();
  await page.locator('[name=whose]').selectOption(whose);
  await page.locator('[name=tier]').selectOption({ label: tier });
  await page.locator('[name=first_day]').fill(first);
  await page.locator('[name=last_day]').fill(last);
}

// What runs in each of the two ways: with scripts also axe, a narrow screen and pictures.
const both = (name, run, allow = []) => [
  { name, allow, timeout: 90_000, run: (given) => run({ ...given, plain: false }) },
  {
    name: `${name}, without scripts`,
    allow,
    timeout: 90_000,
    context: { javaScriptEnabled: false },
    run: (given) => run({ ...given, plain: true, axe: async () => {}, fits: async () => {}, shot: async () => {} }),
  },
];

const conflict = both('a conflict is shown before anything is saved, corrected, saved and taken back', async ({ page, signIn, axe, fits, shot }) => {
  await signIn(page, DELE);
  await partners(page);
  const rows = page.locator('#assignments tbody tr');
  const before = await rows.count();
  await fill(page, 'SHINONOME', '3 Silver', day(1), day(20));
  await page.getByRole('button', { name: 'Check and save…' }).click();
  assert.match(await page.locator('#first_day-e').textContent(), /covers some of these days already/);
  assert.equal(await page.locator('[name=last_day]').inputValue(), day(20), 'what was typed is kept');
  await axe(page);
  await fits(page);
  await shot(page, 'assign-overlap');
  // As a draft it may overlap, and says so before it is saved; trying out stores nothing.
  await page.getByLabel('Draft: has no effect yet').check();
  await page.getByRole('button', { name: 'Try it without saving' }).click();
  await page.getByRole('heading', { name: 'Tried out: nothing is saved' }).waitFor();
  await page.getByText('Overlap.').waitFor();
  await axe(page);
  await fits(page);
  await shot(page, 'assign-practice');
  // Corrected: a partner and days that nothing covers.
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  assert.equal(await page.locator('[name=first_day]').inputValue(), day(1));
  await page.getByRole('link', { name: 'Cancel' }).click();
  assert.equal(await rows.count(), before, 'nothing was saved');
  await fill(page, 'VELVET', '3 Silver', day(3), day(40));
  await page.getByRole('button', { name: 'Check and save…' }).click();
  await page.getByText('Begins later.').waitFor();
  await page.getByRole('button', { name: 'Save anyway' }).click();
  await page.waitForURL(/\/partners$/);
  assert.equal(await rows.count(), before + 1);
  await page.getByText('You assigned Silver (3) for Velvet Cinema Group').waitFor();
  await axe(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText(/Taken back/).first().waitFor();
  assert.equal(await rows.count(), before);
}, [/status of 422/]);

const timeline = both('the timeline zooms, filters and is walked by keys', async ({ page, signIn, axe, fits, shot, plain }) => {
  await signIn(page, DELE);
  await partners(page);
  const drawing = page.getByRole('group', { name: /Tier assignments by partner/ });
  const bars = await drawing.getByRole('link').count();
  assert.ok(bars >= 6, 'each bar is a link');
  assert.equal(bars, await page.locator('#assignments tbody tr').count(), 'the table holds the same');
  assert.match(await drawing.getByRole('link').first().getAttribute('aria-label'), /last day included|no end/);
  await axe(page);
  await fits(page);
  await shot(page, 'campaign');
  await page.getByRole('link', { name: 'Year', exact: true }).click();
  await page.waitForURL(/zoom=year/);
  await page.getByRole('link', { name: 'Later' }).click();
  await page.waitForURL(/at=\d{4}-\d\d/);
  await page.getByRole('link', { name: 'Earlier' }).click();
  await page.locator('select[name=partner]').selectOption('HARVEST');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/partner=HARVEST/);
  assert.match(page.url(), /zoom=year/, 'the zoom stays');
  assert.equal(await page.locator('#assignments tbody tr').count(), 2);
  await page.locator('select[name=state]').selectOption('ended-early');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor();
  await axe(page);
  await page.getByRole('link', { name: 'Clear all filters' }).click();
  // A bar has the focus like any link, and leads to its line in the table, where it is changed.
  const bar = page.getByRole('group', { name: /Tier assignments by partner/ }).getByRole('link').first();
  const target = await bar.getAttribute('href');
  await bar.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`${target}$`));
  const line = page.locator(target);
  if (plain) return;
  await line.getByRole('button', { name: /^Actions for/ }).click();
  await line.getByRole('link', { name: 'Extend…' }).click();
  await page.locator('[name=days]').first().fill('14');
  await page.getByRole('button', { name: 'Show what it does' }).click();
  await page.getByText(/goes on through/).waitFor();
  await axe(page);
  await page.getByRole('button', { name: 'Extend: 1 assignment' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText(/Taken back/).first().waitFor();
});

const preview = both('the preview as of a day says what a customer sees, and why not the rest', async ({ page, signIn, axe, fits, shot }) => {
  await signIn(page, DELE);
  await partners(page);
  // Beside the timeline.
  await page.locator('#preview [name=asof]').fill(day(1));
  await page.locator('#preview select[name=ctier]').selectOption('none');
  await page.locator('#preview').getByRole('button', { name: 'Preview' }).click();
  await page.waitForURL(/asof=/);
  assert.match(await page.locator('#preview').textContent(), /this customer has no tier/);
  // And all products.
  await page.locator('#preview').getByRole('link', { name: 'All products' }).click();
  await page.getByText('without a tier, at 00:00').waitFor();
  const line = page.getByRole('row', { name: /Ryokan Night/ });
  assert.match(await line.textContent(), /Hidden\..*this customer has no tier.*tier-too-low.*is for Gold members/s);
  await page.locator('select[name=ctier]').selectOption('1');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText(/in tier Platinum \(1\), at 00:00/).waitFor();
  assert.match(await line.textContent(), /Shown\..*tier-entitled/s);
  await axe(page);
  await fits(page);
  await shot(page, 'preview');
});

const partner = {
  name: 'a partner sees its own part and changes nothing',
  async run({ page, signIn, axe, fits }) {
    await signIn(page, MISAKI);
    await partners(page);
    const drawing = page.getByRole('group', { name: /Tier assignments by partner/ });
    assert.equal(await drawing.getByRole('link').count(), 1);
    assert.equal(await page.getByRole('link', { name: 'Assign tier' }).count(), 0);
    assert.doesNotMatch(await page.locator('main').textContent(), /Kestrel|Harvest|Nordlys/);
    await axe(page);
    await fits(page);
  },
};

const dashboard = {
  name: 'the dashboard names what ends soon and counts what is questionable',
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, DELE);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Tiers that end within 14 days' }).waitFor();
    assert.ok(await page.locator('#ending li').count() >= 1);
    const gaps = page.locator('#configuration').getByRole('link', { name: 'Gaps' });
    await gaps.waitFor();
    await axe(page);
    await fits(page);
    await shot(page, 'dashboard-csr');
    await gaps.click();
    await page.getByRole('heading', { name: 'Configuration check' }).waitFor();
    await page.getByRole('link', { name: /^Close the gap/ }).first().click();
    await page.getByRole('heading', { name: /^Assign a tier/ }).waitFor();
    assert.notEqual(await page.locator('[name=first_day]').inputValue(), '', 'the days of the gap are filled in');
  },
};

// The pages below a campaign's address, which only the demo knows.
const below = [
  [DELE, ['', '/edit', '/partners?zoom=month', '/products', '/activity', '/copy', '/status/pausing', '/partners/link', '/partners/KESTREL/unlink',
    '/assignments/new', '/assignments/new?whose=KESTREL', '/assignments/several', '/assignments/copy']],
  [MISAKI, ['', '/products', '/preview', '/activity']],
].map(([email, addresses]) => ({
  name: `the pages of a campaign for ${email.split('@')[0]}`,
  allow: [/status of 409/],
  timeout: 120_000,
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, email);
    await page.goto('/campaigns');
    const campaign = await page.getByRole('link', { name: 'Winter Double Miles' }).getAttribute('href');
    for (const address of addresses) {
      await page.goto(`${campaign}${address}`);
      assert.equal(await page.locator('main h1').count(), 1, address);
      await axe(page);
      await fits(page, 375);
      await shot(page, `${email.split('@')[0]}-campaign${address.replace(/[^a-z0-9]+/gi, '-')}`);
    }
  },
}));

// A file of which one row fits, one is in the way of that one, and one names nobody.
const imported = both('a file of assignments is checked, told row by row, applied and undone', async ({ page, signIn, axe, fits, shot }) => {
  await signIn(page, DELE);
  await page.goto('/campaigns');
  const code = await page.locator('tbody tr', { hasText: 'Winter Double Miles' }).locator('code').first().textContent();
  await partners(page);
  const rows = page.locator('#assignments tbody tr');
  const before = await rows.count();
  await page.goto('/campaigns/import');
  const content = ['campaign,partner,tier,start,expiry', `${code},VELVET,Silver,${day(50)},${day(60)}`, `${code},VELVET,Gold,${day(55)},`, `${code},NOBODY,Gold,${day(55)},`].join('\n');
  await page.setInputFiles('#file', { name: 'winter.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
  await axe(page);
  await fits(page);
  await shot(page, 'assignments-import');
  await page.getByRole('button', { name: 'Upload and check' }).click();
  await page.getByRole('heading', { name: 'Check the import' }).waitFor();
  assert.deepEqual(await page.locator('ul.stats b').allTextContents(), ['1', '0', '0', '2']);
  await page.getByText('It is line 2 of the file.').waitFor();
  await page.getByText('No partner has the code NOBODY.').waitFor();
  await axe(page);
  await fits(page);
  await shot(page, 'assignments-import-check');
  await page.getByRole('button', { name: 'Apply 1 change' }).click();
  await page.getByRole('heading', { name: 'Assignments imported' }).waitFor();
  await partners(page);
  assert.equal(await rows.count(), before + 1);
  await page.goto('/campaigns/import');
  await page.getByRole('link', { name: 'winter.csv' }).first().click();
  await page.getByRole('link', { name: 'Undo…' }).click();
  await axe(page);
  await page.getByRole('button', { name: 'Undo the import' }).click();
  await page.getByRole('heading', { name: 'Import undone' }).waitFor();
  await axe(page);
  await partners(page);
  assert.equal(await rows.count(), before);
});

export const tests = [...conflict, ...imported, ...timeline, ...preview, partner, dashboard, ...below];
