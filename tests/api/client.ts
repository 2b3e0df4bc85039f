// What a partner's own system does, with a client that is generated from the OpenAPI document: `tsc` refuses this file
// when the document does not say what is used here.
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/schema.js';

type Tenant = components['schemas']['Tenant'];
type Problem = components['schemas']['Problem'];

/** Tries everything once; `step` tells of each. */
export async function tryEverything(base: string, token: string, step: (name: string, run: () => Promise<void>) => Promise<void>): Promise<void> {
  const api = createClient<paths>({ baseUrl: `${base}/api/v1`, headers: { Authorization: `Bearer ${token}` } });
  const must = (holds: boolean, what: string): void => { if (!holds) throw new Error(what); };
  const got = <T>(answer: { data?: T; error?: Problem; response: Response }, status = 200): T => {
    if (answer.data === undefined || answer.response.status !== status) throw new Error(`${answer.response.status}: ${answer.error?.detail}`);
    return answer.data;
  };
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
