// Identity providers as programs of somebody else: node-oidc-provider, and a Writ of its own. Both speak https on this
// machine, with the certificate that the server under test trusts.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Provider } from 'oidc-provider'
import { freePort, start } from '../kit/program.mjs'

const [certPath, keyPath] = ['CERT', 'KEY'].map((what) => process.env[`WRIT_CALLED_${what}`])

/** node-oidc-provider with its own pages, on which any name is somebody. `people` says what is told of them. */
export async function nodeProvider(people, clients) {
  const [cert, key, port] = [await readFile(certPath), await readFile(keyPath), await freePort()]
  const issuer = `https://localhost:${port}`
  const provider = new Provider(issuer, {
    clients,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    cookies: { keys: [crypto.randomUUID()] },
    pkce: { required: () => true, methods: ['S256'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
  })
  const errors = []
  for (const event of ['authorization.error', 'grant.error', 'server_error', 'userinfo.error']) {
    provider.on(event, (_, error) => errors.push(`${event}: ${error.error_description ?? error.stack}`))
  }
  const server = createServer({ cert, key }, provider.callback())
  await new Promise((done) => server.listen(port, 'localhost', done))
  return { issuer, errors, close: () => { server.closeAllConnections(); server.close() } }
}

/** Another Writ, with a data folder of its own. */
export async function writProvider() {
  const [data, port] = [await mkdtemp(join(tmpdir(), 'writ-upstream-')), await freePort()]
  const issuer = `https://localhost:${port}`
  const program = await start(process.env.WRIT_PROGRAM, [
    'serve', '--metrics-listen', 'off', '--listen', `localhost:${port}`, '--data-dir', data, '--issuer', issuer,
    '--tls-cert', certPath, '--tls-key', keyPath,
  ], { port, env: { WRIT_RATE_LIMITS: 'off' } })
  const key = await bootstrapped(join(data, 'bootstrap.json'))
  return {
    issuer,
    key,
    output: program.output,
    async close() {
      await program.stop()
      await rm(data, { recursive: true })
    },
  }
}

/** It listens before it makes its first rows. */
async function bootstrapped(path) {
  for (const until = Date.now() + 30_000; ;) {
    try {
      return JSON.parse(await readFile(path, 'utf8')).api_key
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((later) => setTimeout(later, 50))
    }
  }
}
