// TLS inside Node, which has an OpenSSL of its own: the engine's serves its sessions.
// Runs under tests/support/tls_service.py, which tells the address and the certificate.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../lib/index.js';

const { SCENA_TLS_URL: url, SCENA_TLS_CERTIFICATE: certificate, SCENA_OPENSSL_VERSION: version } = process.env;

async function talk(t, config) {
  const engine = new Engine({
    provider: 'sealed', providers: { sealed: { url: 'openai:m', base_url: url, api_key: 'k' } }, ...config,
  });
  t.after(() => engine.close());
  return engine.createSession('job-interview').send('Hello').result();
}

test('a session over TLS', async (t) => {
  const turn = await talk(t, { http: { ca_file: certificate } });
  assert.deepEqual([turn.outcome, turn.text], ['complete', 'Sealed.']);
});

test('an unknown certificate is refused', async (t) => {
  const turn = await talk(t, {});
  assert.deepEqual([turn.outcome, turn.text], ['failed', '']);
});

test('which library serves it', (t) => {
  const engine = new Engine({});
  t.after(() => engine.close());
  assert.equal(engine.capabilities().tls_library, `OpenSSL ${version}`);
});
