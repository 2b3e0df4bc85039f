// An integration goes through two rounds of review to Published, between a partner admin and a reviewer who hear of each
// other by letters of a real mail server.
import assert from 'node:assert/strict';
import { png } from './helpers.mjs';

const MISAKI = 'misaki.tanaka@shinonome.example';
const RITA = 'rita.carvalho@solstice.example';
const ANA = 'ana.ferreira@solstice.example';
const TEXT = 'Two points for every night that a member books directly with us, credited within five days of check-out.';

/** Everything that the program asks for before it can be submitted. */
async function fillPages(page, name) {
  const save = async () => {
    await page.getByRole('button', { name: 'Save page' }).click();
    await page.locator('.notice', { hasText: 'saved' }).first().waitFor();
  };
  await page.goto('/integrations/new');
  await page.locator('[name=name]').fill(name);
  await page.locator('[name=kind][value=external]').check();
  await page.getByRole('button', { name: 'Create integration' }).click();
  await page.waitForURL(/\/pages\/general$/);
  const own = new URL(page.url()).pathname.replace('/pages/general', '');
  await page.locator('[name=link]').fill('https://stays.shinonome.example/');
  await page.locator('[name="support-email"]').fill('help@shinonome.example');
  await save();
  await page.goto(`${own}/pages/listing`);
  await page.locator('[name=summary]').fill('Two points for one stay or more.');
  await page.locator('[name=description]').fill(TEXT);
  await save();
  await page.goto(`${own}/pages/configure`);
  await page.locator('#credentials-text').fill('tester and planted-secret-88bb');
  await page.getByRole('button', { name: 'Store credentials' }).click();
  await page.locator('#credentials', { hasText: 'Stored on' }).waitFor();
  await page.goto(`${own}/pages/media`);
  await page.locator('#icon').setInputFiles({ name: 'icon.png', mimeType: 'image/png', buffer: png(256, 256) });
  await page.locator('#icon-alt').fill('A garden gate');
  await save();
  return own;
}

async function answer(page, own) {
  await page.goto(`${own}/answers`);
  await page.getByLabel('Every hour').check();
  await page.getByLabel('What happens when a booking is cancelled?').fill('Its points are taken back.');
  await page.getByRole('button', { name: 'Save and check' }).click();
  await page.waitForURL(`**${own}/checks`);
}

const path = (letter) => new URL(letter.text.match(/https?:\/\/\S+\/integrations\/\S+/)[0]).pathname;

const rounds = (name, context) => ({
  name: `two rounds of review lead to Published, told by letters${context ? ', without scripts' : ''}`,
  context,
  allow: [/status of 422/],
  timeout: 150_000,
  async run({ page, signIn, browser, base, mailbox, axe, fits, shot }) {
    if (!mailbox) return;
    await signIn(page, MISAKI);
    const own = await fillPages(page, name);

    // What is still missing is named, and nothing can be sent.
    await page.goto(`${own}/submission`);
    assert.equal(await page.getByRole('button', { name: 'Submit for review' }).count(), 0);
    assert.match(await page.locator('main').innerText(), /cancelled/);
    await answer(page, own);
    await page.goto(`${own}/submission`);
    if (!context) {
      await axe(page);
      await fits(page, 375);
      await shot(page, 'integration-submission');
    }
    assert.equal(await page.locator('[name=summary]').count(), 1, await page.locator('main').innerText());
    await page.locator('[name=summary]').fill('The Japanese pages follow.');
    await page.getByRole('button', { name: 'Submit for review' }).click();
    await page.waitForURL(`**${own}`);
    assert.match(await page.locator('.head').innerText(), /In review/);

    const told = await mailbox.letter(ANA, new RegExp(`${name}.*submitted for review`));
    assert.match(told.text, /round 1/);
    const theirs = await browser.newContext({ baseURL: base, ...context });
    const reviewer = await theirs.newPage();
    await signIn(reviewer, RITA);
    await reviewer.goto(path(told));
    assert.equal(new URL(reviewer.url()).pathname, `${own}/review`);
    await reviewer.getByRole('button', { name: 'Claim' }).first().click();
    await reviewer.getByText('You are the reviewer').waitFor();
    await reviewer.goto(`${own}/review?page=listing&field=summary#comment`);
    await reviewer.locator('#comment [name=body]').fill('“One stay or more” is not what the contract says.');
    await reviewer.locator('#comment [name=weight][value=blocking]').check();
    await reviewer.locator('#comment .btn-primary').click();
    await reviewer.locator('.thread', { hasText: 'contract' }).waitFor();
    if (!context) await shot(reviewer, 'integration-review');
    await reviewer.locator('.verdict [value=publication]').check();
    await reviewer.locator('.verdict .btn-primary').click();
    assert.match(await reviewer.locator('main').innerText(), /block/i, 'an open item keeps it from being published');
    await reviewer.goto(`${own}/review?page=listing`);
    await reviewer.locator('.verdict [value=change-request]').check();
    await reviewer.locator('.verdict [name=summary]').fill('One sentence, then it is done.');
    await reviewer.locator('.verdict .btn-primary').click();
    await reviewer.waitForURL((url) => !url.pathname.endsWith('/verdict'));

    const asked = await mailbox.letter(MISAKI, new RegExp(`${name}.*changes are requested`));
    assert.match(asked.text, /One stay or more/);
    await page.goto(path(asked));
    await page.goto(`${own}/pages/listing`);
    if (!context) {
      await axe(page);
      await shot(page, 'integration-changes');
    }
    await page.locator('[name=summary]').fill('Two points for one night booked directly.');
    await page.getByRole('button', { name: 'Save page' }).click();
    await page.locator('.notice', { hasText: 'saved' }).first().waitFor();
    // Every blocking item is answered before it goes back.
    const item = page.locator('.thread', { hasText: 'contract' });
    await item.locator('textarea').fill('Changed to the nights booked directly.');
    await item.getByRole('button', { name: /^Answer/ }).click();
    await page.locator('.thread', { hasText: 'nights booked directly' }).waitFor();
    await page.goto(`${own}/resubmission`);
    await page.getByRole('button', { name: 'Submit fixes' }).click();
    await page.waitForURL(`**${own}`);

    await mailbox.letter(RITA, new RegExp(`${name}.*submitted again`));
    await reviewer.goto(`${own}/review?page=listing&since=submission`);
    assert.match(await reviewer.locator('main').innerText(), /round 2/i);
    assert.ok(await reviewer.locator('.change ins').count(), 'what changed is marked');
    assert.match(await reviewer.locator('.thread').first().innerText(), /changed/i);
    if (!context) await shot(reviewer, 'integration-review-2');
    await reviewer.locator('.thread').first().getByRole('button', { name: /^Resolve/ }).click();
    await reviewer.locator('.verdict').waitFor();
    await reviewer.locator('.verdict [value=publication]').check();
    await reviewer.locator('.verdict .btn-primary').click();
    await reviewer.waitForURL((url) => !url.pathname.endsWith('/verdict'));

    const live = await mailbox.letter(MISAKI, new RegExp(`${name} is published`));
    assert.match(live.text, /version 1/i);
    for (const one of [page, reviewer]) {
      await one.goto('/integrations?tab=published');
      assert.ok(await one.locator('tbody', { hasText: name }).count(), 'it is in the Published tab of both sides');
    }
    assert.ok(!mailbox.letters.some((letter) => letter.text.includes('planted-secret')), 'no letter has the credentials');
    await theirs.close();
  },
});

export const tests = [rounds('Direct nights'), rounds('Plain nights', { javaScriptEnabled: false })];
