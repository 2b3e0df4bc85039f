// A mail server of the tests' own: takes every letter from whoever signs in with its password.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

const USER = 'portico';

/** @returns {Promise<{ env: object, letters: object[], letter: (to: string, subject: RegExp) => Promise<object>, stop: () => Promise<void> }>} */
export async function startMailbox() {
  const password = randomBytes(12).toString('base64url');
  const letters = [];
  const server = new SMTPServer({
    // The portal and this server share a machine, so nothing has to be encrypted between them.
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, session, done) => done(auth.username === USER && auth.password === password ? null : new Error('535 no'), { user: USER }),
    onData: async (stream, session, done) => {
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      const { subject, text, html, headers } = await PostalMime.parse(Buffer.concat(chunks));
      const id = headers.find(({ key }) => key === 'message-id')?.value;
      letters.push({ to: session.envelope.rcptTo.map(({ address }) => address), subject, text, html, id });
      done();
    },
  });
  await new Promise((done, fail) => { server.once('error', fail); server.listen(0, '127.0.0.1', done); });
  const env = {
    PORTICO_MAIL__TRANSPORT: 'smtp',
    PORTICO_MAIL__POLL_SECONDS: '1',
    PORTICO_MAIL__SMTP__HOST: '127.0.0.1',
    PORTICO_MAIL__SMTP__PORT: String(server.server.address().port),
    PORTICO_MAIL__SMTP__TLS: 'none',
    PORTICO_MAIL__SMTP__USER: USER,
    PORTICO_MAIL__SMTP__PASSWORD: password,
  };
  /** The latest letter to an address, when it is there; waits for it. */
  const letter = async (to, subject) => {
    for (let waited = 0; waited < 15_000; waited += 100) {
      const found = letters.findLast((one) => one.to.includes(to) && subject.test(one.subject));
      if (found) return found;
      await sleep(100);
    }
    throw new Error(`no letter to ${to} about ${subject}; there are:\n${letters.map((one) => `${one.to} ${one.subject}`).join('\n')}`);
  };
  return { env, letters, letter, stop: () => new Promise((done) => server.close(done)) };
}
