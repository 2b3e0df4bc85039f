// A partner admin makes a token; a script reports a failing and a good run with it; the pages show what came of them.
import assert from 'node:assert/strict';

const MISAKI = 'misaki.tanaka@shinonome.example';

const walk = (context) => ({
  name: `a partner’s system reports runs with a token${context ? ', seen without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  timeout: 60_000,
  async run({ page, base, signIn, axe, fits, shot }) {
    const who = context ? 'Engine without scripts' : 'Engine';
    await signIn(page, MISAKI);
    await page.goto('/partners/SHINONOME/tokens');
    if (!context) await axe(page);
    await page.getByRole('link', { name: 'Create token' }).click();
    await page.getByRole('button', { name: 'Create token' }).click();
    assert.match(await page.locator('#name-e').textContent(), /cannot be empty/);
    await page.locator('[name=name]').fill(who);
    for (const scope of ['integrations:read', 'tenants:read', 'tenants:write', 'runs:write']) await page.locator(`[value="${scope}"]`).check();
    await page.getByRole('button', { name: 'Create token' }).click();
    const token = await page.locator('#token').textContent();
    assert.match(token, /^portico_[\w-]{43}$/);
    if (!context) { await axe(page); await fits(page, 375); }

    const ask = async (method, path, body) => {
      const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
      const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
      return [answer.status, await answer.json()];
    };
    const [, own] = await ask('GET', '/integrations');
    const live = own.items.find((one) => one.state === 'published');
    assert.ok(live, 'the demo has a published integration of this partner');
    const [made, tenant] = await ask('POST', '/tenants', { integration: live.id, name: `${who} inn`, external_id: `${who} 1`, schedule: 'hourly' });
    assert.equal(made, 201);
    await page.goto(`/tenants/${tenant.id}`);
    assert.match(await page.locator('.meta').textContent(), /Connecting/);
    await page.getByRole('link', { name: 'Activate' }).click();
    await page.getByRole('button', { name: 'Activate' }).click();
    await page.locator('.meta', { hasText: 'Active' }).waitFor();

    const at = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
    const failed = { outcome: 'failed', started_at: at(90), finished_at: at(80), records_read: 12, records_failed: 12, message: 'No rates', log: 'first\nsecond' };
    assert.equal((await ask('PUT', `/tenants/${tenant.id}/runs/r1`, failed))[0], 201);
    assert.equal((await ask('PUT', `/tenants/${tenant.id}/runs/r1`, failed))[0], 200);
    await page.reload();
    assert.match(await page.locator('.meta').textContent(), /Failing/);
    await page.locator('#runs tbody a').first().click();
    assert.match(await page.locator('main').textContent(), /first\s+second/);
    if (!context) { await axe(page); await fits(page, 375); await shot(page, 'tenant-run'); }

    const good = { outcome: 'succeeded', started_at: at(60), finished_at: at(50), records_read: 12, records_written: 12 };
    assert.equal((await ask('PUT', `/tenants/${tenant.id}/runs/r2`, good))[0], 201);
    await page.goto(`/tenants/${tenant.id}`);
    assert.match(await page.locator('.meta').textContent(), /Active/);
    assert.match(await page.locator('.log').textContent(), new RegExp(`API token ${who}.*the run r2 succeeded`, 's'));
    await page.locator('#runs select[name=outcome]').selectOption('failed');
    await page.locator('#runs').getByRole('button', { name: 'Apply' }).click();
    await page.locator('#runs', { hasText: '1 run' }).waitFor();
    assert.equal(await page.locator('#runs tbody tr').count(), 1);
    if (!context) { await axe(page); await fits(page, 375); await shot(page, 'tenant'); }

    await page.goto('/partners/SHINONOME/tokens');
    await page.getByRole('link', { name: `Revoke… ${who}`, exact: true }).click();
    await page.getByRole('button', { name: 'Revoke token' }).click();
    await page.waitForURL(/\/tokens$/);
    assert.equal((await ask('GET', '/tenants'))[0], 401);
    if (!context) { await axe(page); await fits(page, 375); await shot(page, 'tokens'); }
  },
});

export const tests = [walk(), walk({ javaScriptEnabled: false })];
