// The Model Context Protocol's TypeScript SDK: its own client signs somebody in at Writ for its own server.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Browser, through } from '../kit/browser.mjs'
import { called } from '../kit/called.mjs'
import { freePort } from '../kit/program.mjs'
import { api, issuer, person, signing } from '../kit/setup.mjs'
import { serve } from './server.mjs'

const callback = 'http://localhost:8765/callback'
let notes, other, who

before(async () => {
  const [port, second] = [await freePort(), await freePort()]
  const machine = await signing({ client_name: 'Notes API', kind: 'machine', redirect_uris: undefined, grant_types: ['client_credentials'], scope: '' })
  for (const [at, name, scopes] of [[port, 'Notes', ['notes:read', 'notes:write']], [second, 'Others', []]]) {
    await api('POST', '/api/v1/resources', { identifier: `http://localhost:${at}/mcp`, name, scopes, introspection_clients: [machine.client_id] })
  }
  await api('PATCH', '/api/v1/tenant', { settings: { registration: 'open', registration_policy: {
    scopes: ['openid', 'offline_access', 'notes:read', 'notes:write'],
  } } })
  notes = await serve(port, issuer, machine)
  other = await serve(second, issuer, machine)
  who = await person()
})

after(async () => {
  await notes?.stop()
  await other?.stop()
})

/** What an application keeps, and how it opens a browser. */
class Keeper {
  redirectUrl = callback
  opened = []

  constructor(client, scope) {
    this.client = client
    this.clientMetadata = {
      client_name: 'Inspector', redirect_uris: [callback], grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'], token_endpoint_auth_method: 'none', ...(scope ? { scope } : {}),
    }
  }

  state() { return crypto.randomUUID() }
  clientInformation() { return this.client }
  saveClientInformation(client) { this.client = client }
  tokens() { return this.held }
  saveTokens(held) { this.held = held }
  redirectToAuthorization(url) { this.opened.push(url) }
  saveCodeVerifier(verifier) { this.verifier = verifier }
  codeVerifier() { return this.verifier }
}

/** The person goes through the page that was opened last. */
async function answered(keeper, transport) {
  const { arrived, page } = await through(new Browser(), keeper.opened.at(-1), { ...who, stop: callback })
  assert.ok(arrived, page?.text)
  assert.equal(arrived.searchParams.get('error'), null, arrived.href)
  await transport.finishAuth(arrived.searchParams.get('code'))
}

/** Connects, signing somebody in on the way. */
async function connected(keeper) {
  const transport = () => new StreamableHTTPClientTransport(notes.url, { authProvider: keeper })
  const first = transport()
  await assert.rejects(new Client({ name: 'test', version: '1' }).connect(first), UnauthorizedError)
  await answered(keeper, first)
  const [client, second] = [new Client({ name: 'test', version: '1' }), transport()]
  await client.connect(second)
  return { client, transport: second }
}

const call = async (client, name) => (await client.callTool({ name })).content[0].text

test('a client registers itself, and somebody signs in', async () => {
  const keeper = new Keeper()
  const { client } = await connected(keeper)
  assert.match(keeper.client.client_id, /^cli_/)
  assert.equal(await call(client, 'read'), `${who.username} by ${keeper.client.client_id}`)
  const asked = keeper.opened[0].searchParams
  assert.equal(asked.get('resource'), notes.url.href)
  assert.equal(notes.seen.at(-1).aud, notes.url.href)
  assert.equal(keeper.held.scope, 'notes:read', 'what the server says that it needs')
  await client.close()
})

test('a client that has a document is known by it, and registers nothing', async () => {
  await api('PATCH', '/api/v1/tenant', { settings: { client_documents: true } })
  const site = await called(({ path }) => path !== '/client.json' ? 404 : {
    client_id: `${site.home}/client.json`, client_name: 'Inspector', redirect_uris: ['http://localhost/callback'],
    grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none',
  })
  try {
    const keeper = new Keeper()
    keeper.clientMetadataUrl = `${site.home}/client.json`
    const { client } = await connected(keeper)
    assert.equal(keeper.client.client_id, keeper.clientMetadataUrl)
    assert.equal(await call(client, 'read'), `${who.username} by ${keeper.clientMetadataUrl}`)
    await client.close()
    keeper.held = { ...keeper.held, access_token: 'gone' }
    const again = new Client({ name: 'test', version: '1' })
    await again.connect(new StreamableHTTPClientTransport(notes.url, { authProvider: keeper }))
    assert.equal(await call(again, 'read'), `${who.username} by ${keeper.clientMetadataUrl}`)
    await again.close()
  } finally {
    site.close()
    await api('PATCH', '/api/v1/tenant', { settings: { client_documents: null } })
  }
})

test('a client that is registered signs somebody in', async () => {
  const made = await signing({ client_name: 'Known', kind: 'native', redirect_uris: ['http://localhost/callback'], scope: 'notes:read notes:write offline_access' })
  const keeper = new Keeper({ client_id: made.client_id })
  const { client } = await connected(keeper)
  assert.equal(await call(client, 'read'), `${who.username} by ${made.client_id}`)
  await client.close()
})

// With a refresh token, the SDK asks for a fresh token of the same scope first, and gives up when that lacks it too.
test('a scope that is lacking is asked for', async () => {
  const made = await signing({ client_name: 'Writer', kind: 'native', redirect_uris: ['http://localhost/callback'], grant_types: ['authorization_code'], scope: 'notes:read notes:write' })
  const keeper = new Keeper({ client_id: made.client_id })
  const { client, transport } = await connected(keeper)
  await assert.rejects(call(client, 'write'), UnauthorizedError)
  assert.match(keeper.opened.at(-1).searchParams.get('scope'), /notes:write/)
  await answered(keeper, transport)
  assert.match(keeper.held.scope, /notes:write/)
  assert.equal(await call(client, 'write'), `${who.username} by ${keeper.client.client_id}`)
  await client.close()
})

test('a token that has expired is refreshed for the same server', async () => {
  const keeper = new Keeper()
  const { client } = await connected(keeper)
  const before = keeper.held.access_token
  await client.close()
  keeper.held = { ...keeper.held, access_token: 'gone' }
  const again = new Client({ name: 'test', version: '1' })
  await again.connect(new StreamableHTTPClientTransport(notes.url, { authProvider: keeper }))
  assert.equal(await call(again, 'read'), `${who.username} by ${keeper.client.client_id}`)
  assert.notEqual(keeper.held.access_token, before)
  assert.equal(notes.seen.at(-1).aud, notes.url.href)
  await again.close()
})

test('a token for one server is refused by another', async () => {
  const keeper = new Keeper()
  const { client } = await connected(keeper)
  await client.close()
  const bearer = { authorization: `Bearer ${keeper.held.access_token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const answer = await fetch(other.url, { method: 'POST', headers: bearer, body: '{"jsonrpc":"2.0","method":"tools/list","id":1}' })
  assert.equal(answer.status, 401)
  assert.match(answer.headers.get('www-authenticate'), /resource_metadata=/)
})
