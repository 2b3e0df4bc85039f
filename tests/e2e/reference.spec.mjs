// The reference of the API: anybody may read it, and it asks this portal and nobody else.
const CREATE = '#operations-Tenants-createTenant';

export const tests = [
  {
    name: 'the API reference is readable without signing in, in both themes and on a phone',
    // Swagger UI is 1.7 MB of script.
    timeout: 90_000,
    async run({ page, axe, fits, shot }) {
      await page.goto('/help');
      await page.getByRole('link', { name: 'API reference' }).click();
      await page.locator('#operations-Products-listProducts').waitFor({ timeout: 30_000 });
      await page.locator(`${CREATE} .opblock-summary-control`).click();
      await page.locator(`${CREATE} .opblock-body`).waitFor();
      // Swagger UI puts a link into each button that opens an operation.
      await axe(page, { skip: ['nested-interactive'] });
      await fits(page);
      await shot(page, 'api-reference');
    },
  },
  {
    name: 'an address can be tried in the API reference',
    timeout: 90_000,
    allow: [/status of 401/],
    async run({ page }) {
      await page.goto('/api/docs#/Tenants/listTenants');
      const list = page.locator('#operations-Tenants-listTenants');
      await list.locator('.try-out__btn').click({ timeout: 30_000 });
      await list.locator('.execute').click();
      await list.locator('.live-responses-table .response-col_status', { hasText: '401' }).waitFor();
    },
  },
];
