// What a partner's own system and a storefront do, with a client that is generated from the OpenAPI document: `tsc` refuses this file
// when the document does not say what is used here.
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/schema.js';

type Tenant = components['schemas']['Tenant'];
type Problem = components['schemas']['Problem'];

type Step = (name: string, run: () => Promise<void>) => Promise<void>;

const client = (base: string, token: string) => createClient<paths>({ baseUrl: `${base}/api/v1`, headers: { Authorization: `Bearer ${token}` } });

const must = (holds: boolean, what: string): void => { if (!holds) throw new Error(what); };

const got = <T>(answer: { data?: T; error?: Problem; response: Response }, status = 200): T => {
  if (answer.data === undefined || answer.response.status !== status) throw new Error(`${answer.response.status}: ${JSON.stringify(answer.error)}`);
  return answer.data;
};

/** What a partner's own system does; `step` tells of each. */
export async function tryInstalls(base: string, token: string, step: Step): Promise<void> {
  const api = client(base, token);
  let live = '';
  let tenant: Tenant | undefined;

  await step('list integrations', async () => {
    const page = got(await api.GET('/integrations', { params: { query: { size: 100 } } }));
    live = page.items.find((one) => one.state === 'published')?.id ?? '';
    must(live !== '', 'the demo has a published integration');
  });
  await step('create a tenant, once', async () => {
    const body = { integration: live, name: 'Inn at the Lake', external_id: 'inn-77', schedule: 'hourly' } as const;
    const send = () => api.POST('/tenants', { body, params: { header: { 'Idempotency-Key': 'order-4711' } } });
    tenant = got(await send(), 201);
    const again = await send();
    must(got(again, 201).id === tenant.id && again.response.headers.get('idempotency-replayed') === 'true', 'the same key is the same tenant');
  });
  await step('read it, and again without a body', async () => {
    const id = tenant!.id;
    const first = await api.GET('/tenants/{id}', { params: { path: { id } } });
    must(got(first).external_id === 'inn-77', 'it is the one that was made');
    const tag = first.response.headers.get('etag')!;
    const again = await api.GET('/tenants/{id}', { params: { path: { id }, header: { 'If-None-Match': tag } } });
    must(again.response.status === 304, 'what has not changed is 304');
    const changed = await api.PATCH('/tenants/{id}', { params: { path: { id }, header: { 'If-Match': tag } }, body: { state: 'active', note: null } });
    must(got(changed).state === 'active', 'it is active');
    const late = await api.PATCH('/tenants/{id}', { params: { path: { id }, header: { 'If-Match': tag } }, body: { note: 'late' } });
    must(late.response.status === 412 && late.error?.status === 412, 'somebody was faster');
  });
  await step('report a run and find it', async () => {
    const id = tenant!.id;
    const now = Date.now();
    const run = await api.PUT('/tenants/{id}/runs/{key}', {
      params: { path: { id, key: 'first' } },
      body: { outcome: 'failed', started_at: new Date(now - 60_000).toISOString(), finished_at: new Date(now).toISOString(), records_read: 3, records_failed: 3, log: 'no rates' },
    });
    must(got(run, 201).log === 'no rates', 'the log is kept');
    must(got(await api.GET('/tenants/{id}/runs', { params: { path: { id } } })).items[0]?.key === 'first', 'the run is listed');
    const failing = got(await api.GET('/tenants', { params: { query: { state: 'failing', sort: '-run', q: 'inn-77' } } }));
    must(failing.items.length === 1 && failing.items[0]?.last_run?.outcome === 'failed', 'a failed run makes the tenant failing');
  });
  await step('be told what is wrong, and where', async () => {
    const answer = await api.POST('/tenants', { body: { integration: live, name: ' ', external_id: 'inn-77' } });
    const pointers = answer.error?.errors?.map((one) => one.pointer);
    must(answer.response.status === 422 && pointers?.[0] === '/name', `422 with the place: ${JSON.stringify(answer.error)}`);
  });
}

/** What a storefront does, with a token of the program. */
export async function tryStorefront(base: string, token: string, step: Step): Promise<void> {
  const api = client(base, token);
  let product: components['schemas']['Product'] | undefined;

  await step('list products for a tier', async () => {
    const tiers = got(await api.GET('/tiers'));
    must(tiers.tiersEnabled && tiers.items[0]?.precedence === 1, 'the demo has tiers, the highest first');
    const eligible = got(await api.GET('/products', { params: { query: { tier: '2', partner: 'SHINONOME', limit: 200 } } }));
    must(eligible.items.length > 0 && eligible.items.every((one) => one.availability === 'available'), 'what a tier may have');
    product = eligible.items.find((one) => one.tierPrecedence === 2);
    must(product !== undefined && product.message === null, 'one of them asks for that tier');
    const all = got(await api.GET('/products', { params: { query: { tier: '4', partner: 'SHINONOME', show: 'all', limit: 200 } } }));
    const refused = all.items.find((one) => one.id === product!.id);
    must(refused?.availability === 'wrong_tier' && refused.rule === 'tier-too-low' && !!refused.message, 'and why another may not');
  });
  await step('page through all products', async () => {
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = got(await api.GET('/products', { params: { query: { limit: 7, ...(cursor ? { cursor } : {}) } } }));
      page.items.forEach((one) => seen.add(one.id));
      cursor = page.next ? (new URL(page.next, base).searchParams.get('cursor') ?? undefined) : undefined;
    } while (cursor);
    must(seen.size > 10, `every product once: ${seen.size}`);
  });
  await step('ask about a redemption and record it, once', async () => {
    const body = { product: product!.id, tier: 2, quantity: 1, customer: 'member 4711' };
    const checked = got(await api.POST('/redemptions/check', { body }));
    must(checked.allowed && checked.tierPrecedence === 2, 'the customer may');
    const send = () => api.POST('/redemptions', { body, params: { header: { 'Idempotency-Key': 'basket-4711' } } });
    const recorded = got(await send(), 201);
    const again = await send();
    must(got(again, 201).id === recorded.id && again.response.headers.get('idempotency-replayed') === 'true', 'the same key is the same redemption');
    must(got(await api.GET('/redemptions/{id}', { params: { path: { id: recorded.id } } })).customer === 'member 4711', 'it is there');
    must(got(await api.GET('/redemptions', { params: { query: { product: product!.id } } })).items.length === 1, 'and there once');
  });
  await step('be refused with the name of the rule', async () => {
    const body = { product: product!.id, tier: 4 };
    must(!got(await api.POST('/redemptions/check', { body })).allowed, 'another customer may not');
    const refused = await api.POST('/redemptions', { body, params: { header: { 'Idempotency-Key': 'basket-4712' } } });
    must(refused.response.status === 409 && refused.error?.rule === 'tier-too-low' && refused.error.tierPrecedence === 2, `the rule: ${JSON.stringify(refused.error)}`);
  });
  await step('read campaigns and partners', async () => {
    const campaigns = got(await api.GET('/campaigns', { params: { query: { partner: 'SHINONOME' } } }));
    const code = campaigns.items[0]?.code ?? '';
    must(got(await api.GET('/campaigns/{code}', { params: { path: { code } } })).partners.some((one) => one.code === 'SHINONOME'), 'with its partners');
    must(got(await api.GET('/partners', { params: { query: { status: 'active', q: 'kestrel' } } })).items[0]?.code === 'KESTREL', 'a partner');
    const nowhere = await api.GET('/products', { params: { query: { tier: 'Cardboard' } } });
    must(nowhere.response.status === 400 && nowhere.error?.errors?.[0]?.parameter === 'tier', 'an unknown tier is named');
  });
}
