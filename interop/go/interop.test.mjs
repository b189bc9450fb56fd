// go-oidc and golang.org/x/oauth2, unmodified, in an application that runs as a program of its own.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser, through } from '../kit/browser.mjs'
import { freePort, start } from '../kit/program.mjs'
import { api, client, issuer, person } from '../kit/setup.mjs'

const audience = 'https://api.example'
let app, home, registered

before(async () => {
  const port = await freePort()
  home = `http://localhost:${port}`
  registered = await client({ redirect_uris: [`${home}/callback`] })
  const { client_id: CLIENT_ID, client_secret: CLIENT_SECRET } = registered
  const env = { ISSUER: issuer, PORT: port, CLIENT_ID, CLIENT_SECRET, AUDIENCE: audience }
  app = await start('./bin/interop', [], { port, env })
})

after(() => app?.stop())

async function signIn(who) {
  const { page } = await through(new Browser(), `${home}/`, who)
  assert.equal(page.status, 200, page.text)
  return JSON.parse(page.text)
}

test('go-oidc verifies the ID token: signature, audience, nonce, at_hash', async () => {
  const who = await person()
  const answer = await signIn(who)
  assert.equal(answer.email, who.username)
  assert.match(answer.name, /^Person /)
})

test('go-oidc reads UserInfo, and sees that an address was verified', async () => {
  const [who, unverified] = [await person(), await person()]
  await api('PUT', `/api/v1/users/${who.id}`, { email_verified: true })
  const { subject, userinfo } = await signIn(who)
  assert.deepEqual(userinfo, { subject, email: who.username, verified: true })
  assert.equal((await signIn(unverified)).userinfo.verified, false)
})

test('x/oauth2 refreshes the access token', async () => {
  assert.equal((await signIn(await person())).refreshed, true)
})

for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
  test(`go-oidc verifies ID tokens signed with ${alg}`, async () => {
    await api('PATCH', `/api/v1/clients/${registered.client_id}`, { id_token_signed_response_alg: alg })
    const who = await person()
    assert.equal((await signIn(who)).email, who.username)
  })
}

test('an API verifies access tokens of its audience with go-oidc, and no others', async () => {
  const machine = { grant_types: ['client_credentials'], redirect_uris: [], scope: 'read' }
  const ask = async (app) => {
    const answer = await fetch(`${issuer}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${app.client_id}:${app.client_secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    const { access_token } = await answer.json()
    return fetch(`${home}/api`, { headers: { authorization: `Bearer ${access_token}` } })
  }
  const [caller, other] = [await client(machine), await client(machine)]
  await api('PATCH', `/api/v1/clients/${caller.client_id}`, { audience: [audience] })
  const answer = await ask(caller)
  assert.deepEqual([answer.status, await answer.text()], [200, caller.client_id])
  assert.equal((await ask(other)).status, 401)
})

test('a person who says no is told to the application', async () => {
  const { page } = await through(new Browser(), `${home}/`, { ...(await person()), decision: 'deny' })
  assert.deepEqual([page.status, page.text.trim()], [502, 'access_denied'])
})

const device = 'urn:ietf:params:oauth:grant-type:device_code'

/** A device, once it has printed what its person has to do. */
async function waiting() {
  const body = { client_name: 'A device', kind: 'native', grant_types: [device, 'refresh_token'], scope: 'openid profile email offline_access' }
  const { client_id: CLIENT_ID } = await api('POST', '/api/v1/clients', body)
  const program = await start('./bin/interop', ['device'], { env: { ISSUER: issuer, CLIENT_ID, CLIENT_SECRET: '' } })
  for (const until = Date.now() + 20_000; Date.now() < until;) {
    const [line] = program.output().split('\n')
    if (line.endsWith('}')) return { program, told: JSON.parse(line) }
    await new Promise((later) => setTimeout(later, 50))
  }
  throw new Error(`it prints nothing:\n${program.output()}`)
}

/** Waits until a program has printed that. */
async function prints(program, wanted) {
  for (const until = Date.now() + 20_000; Date.now() < until;) {
    if (wanted.test(program.output())) return
    await new Promise((later) => setTimeout(later, 100))
  }
  assert.match(program.output(), wanted)
}

test('x/oauth2 waits on a device for its person, and go-oidc verifies who that is', async () => {
  const [{ program, told }, who] = [await waiting(), await person()]
  assert.equal(told.verification_uri, `${issuer}/device`)
  const { page } = await through(new Browser(), told.verification_uri_complete, who)
  assert.match(page.text, /Your device may go on/)
  await prints(program, new RegExp(` ${who.username}`))
  await program.stop()
})

test('x/oauth2 hears on a device that its person said no', async () => {
  const [{ program, told }, who] = [await waiting(), await person()]
  await through(new Browser(), told.verification_uri_complete, { ...who, decision: 'deny' })
  await prints(program, /access_denied/)
  await program.stop()
})
