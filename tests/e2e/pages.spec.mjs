// Every page that can be opened by its address alone, as the four kinds of people: accessible in both themes, inside
// a narrow screen, with a clean console, and small.
import assert from 'node:assert/strict';

const ANA = 'ana.ferreira@solstice.example';
const MISAKI = 'misaki.tanaka@shinonome.example';
const DELE = 'dele.martins@solstice.example';
const SAM = 'sam.adeyemi@portico.example';

const pages = {
  [ANA]: [
    '/',
    '/templates', '/templates?q=zzzz', '/templates/new', '/templates/import', '/templates/sample', '/partners/SHINONOME/templates',
    '/partners', '/partners?q=zzzz', '/partners?status=suspended&sort=name', '/partners/new', '/partners/hosting', '/partners/import',
    '/partners/SHINONOME', '/partners/SHINONOME/users', '/partners/SHINONOME/users/new', '/partners/SHINONOME/activity',
    '/partners/SHINONOME/profile', '/partners/SHINONOME/edit', '/partners/VELVET/status/suspension', '/activity', '/settings', '/search?q=ke',
    '/me', '/me/notifications', '/me/second-factor', '/help', '/help/keys', '/help/whats-new', '/roles', '/roles/new?from=csr', '/roles/new', '/access', '/access?q=zzzz',
    '/system/mail', '/system/mail?period=ever', '/system/mail/letters', '/settings/letters/invitation', '/partners/SHINONOME/mail',
    '/partners/SHINONOME/status/offboarding', '/users', '/users?q=zzzz', '/invitations', '/notifications',
    '/tenants', '/tenants?q=zzzz', '/tenants?state=failing&sort=-run', '/tenants/new', '/partners/SHINONOME/tenants', '/partners/SHINONOME/tokens',
    '/partners/SHINONOME/tokens/new',
    '/connections', '/connections?q=zzzz', '/connections/new', '/connections/new?partner=KESTREL&kind=sftp', '/connections/new?partner=KESTREL&kind=s3',
    '/connections/new?partner=KESTREL&kind=https', '/partners/SHINONOME/connections',
    '/integrations/new', '/integrations/new?partner=LUMEN', '/partners/SHINONOME/integrations', '/partners/LUMEN/integrations',
    '/checks', '/checks/new?kind=pattern', '/checks/new?kind=other', '/settings/review', '/forms', '/forms/integration', '/forms/integration/answers',
    '/integrations', '/integrations?q=zzzz', '/integrations?tab=published', '/integrations?tab=drafts', '/integrations?tab=mine',
    '/products', '/products?q=zzzz', '/products/new', '/products/import', '/partners/SHINONOME/products', '/tiers',
    '/campaigns', '/campaigns?q=zzzz', '/campaigns?state=active&sort=name', '/campaigns/new', '/campaigns/import', '/configuration', '/partners/SHINONOME/campaigns',
  ],
  [MISAKI]: [
    '/',
    '/partners/SHINONOME', '/partners/SHINONOME/users', '/partners/SHINONOME/users/new', '/partners/SHINONOME/activity', '/partners/SHINONOME/profile',
    '/partners/SHINONOME/edit', '/partners/SHINONOME/mail', '/me', '/access', '/notifications', '/connections', '/connections/new', '/templates',
    '/templates/new', '/integrations/new', '/partners/SHINONOME/integrations', '/integrations', '/integrations?tab=in-review',
    '/tenants', '/tenants/new', '/partners/SHINONOME/tokens', '/products', '/tiers', '/campaigns', '/partners/SHINONOME/campaigns',
  ],
  [DELE]: [
    '/', '/partners', '/partners/SHINONOME', '/activity', '/settings', '/search?q=ke', '/roles', '/products', '/tiers', '/campaigns', '/campaigns/new',
    '/configuration', '/configuration?kind=gap', '/campaigns?q=zzzz', '/partners/KESTREL/campaigns', '/partners/AURORA/campaigns', '/search?q=winter',
    '/help/whats-new',
  ],
  [SAM]: ['/', '/programs', '/programs/new', '/partners', '/partners/KESTREL/hosting'],
};

const name = (address) => address.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '');

const looks = Object.entries(pages).flatMap(([email, addresses]) => addresses.map((address) => ({
  name: `${address} for ${email.split('@')[0]}`,
  async run({ page, signIn, axe, fits, shot }) {
    await signIn(page, email);
    const answer = await page.goto(address);
    assert.equal(answer.status(), 200);
    assert.equal(await page.locator('main h1').count(), 1, 'one heading');
    await axe(page);
    await fits(page, 375);
    await shot(page, `${email.split('@')[0]}-${name(address)}`);
  },
})));

const refusals = [
  [MISAKI, '/partners/KESTREL', 404], [MISAKI, '/activity', 200], [MISAKI, '/partners/new', 403], [DELE, '/partners/SHINONOME/users', 403],
  [ANA, '/programs', 403], [ANA, '/nothing-here', 404],
].map(([email, address, status]) => ({
  name: `${address} answers ${status} to ${email.split('@')[0]}`,
  allow: [/status of 40[34]/],
  async run({ page, signIn, axe, shot }) {
    await signIn(page, email);
    const answer = await page.goto(address);
    assert.equal(answer.status(), status);
    await axe(page);
    await shot(page, `${status}-${name(address)}`);
  },
}));

// Sums what Chromium says came over the wire, headers not counted.
async function received(page, visit) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
  await visit();
  await page.waitForLoadState('networkidle');
  return bytes;
}

const weights = [
  {
    name: 'the first page is at most 110 KB, later ones at most 20 KB',
    async run({ page, signIn, browser, base, context }) {
      await signIn(page, ANA);
      const cookies = await context.storageState();
      const fresh = await browser.newContext({ baseURL: base, storageState: cookies });
      const visitor = await fresh.newPage();
      // The compressed copies are made in the background after the start.
      for (let i = 0; i < 40; i += 1) {
        const answer = await fresh.request.get('/partners');
        const css = (await answer.text()).match(/\/static\/vendor\/tabler[^"]+/)[0];
        if ((await fresh.request.get(css, { headers: { 'accept-encoding': 'br' } })).headers()['content-encoding'] === 'br') break;
        await visitor.waitForTimeout(500);
      }
      const first = await received(visitor, () => visitor.goto('/partners'));
      const later = await received(visitor, () => visitor.goto('/partners?sort=name'));
      await fresh.close();
      assert.ok(first <= 110 * 1024, `first load is ${first} bytes`);
      assert.ok(later <= 20 * 1024, `later page is ${later} bytes`);
    },
  },
];

export const tests = [...looks, ...refusals, ...weights];
