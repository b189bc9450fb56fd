// Identity providers that are not a test's own: people of node-oidc-provider, and of another Writ, sign in here.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { after, before, test } from 'node:test'
import { Browser, through } from '../kit/browser.mjs'
import { api, client, issuer, person } from '../kit/setup.mjs'
import { nodeProvider, writProvider } from './providers.mjs'

const STOP = 'https://app.example/callback'
const SECRET = 'a secret that both of them know, and nobody else'
const ca = await readFile(process.env.WRIT_CALLED_CERT)
const people = new Map()

/** Fails at first, then works: each provider begins with its redirect URI alone. */
const registered = (slug, id, secret = SECRET) => ({
  client_id: id,
  client_secret: secret,
  redirect_uris: [`${issuer}/login/with/${slug}/callback`],
})

let node, writ, app

before(async () => {
  node = await nodeProvider(people, [registered('node', 'writ'), registered('wrong', 'wrong')])
  const known = { preset: 'openid', issuer: node.issuer, client_secret: SECRET }
  await api('POST', '/api/v1/identity-providers', { ...known, slug: 'node', name: 'Node', client_id: 'writ' })
  const other = { ...known, slug: 'wrong', name: 'Wrong', client_id: 'wrong', client_secret: 'another one' }
  await api('POST', '/api/v1/identity-providers', other)
  app = await client({ redirect_uris: [STOP] })
})

after(async () => {
  node?.close()
  await writ?.close()
})

let number = 0

/** Somebody who has an account at node-oidc-provider. */
function somebody(more = {}) {
  number += 1
  const id = `sub-${number}`
  people.set(id, { email: `somebody-${number}@example.org`, email_verified: true, name: `Somebody ${number}`, ...more })
  return { id, ...people.get(id) }
}

/** An authorization request, with what its answer is redeemed by. */
async function asked(more = {}) {
  const verifier = crypto.randomUUID() + crypto.randomUUID()
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const address = new URL(`${issuer}/oauth2/authorize`)
  address.search = new URLSearchParams({
    client_id: app.client_id,
    redirect_uri: STOP,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'own',
    code_challenge: Buffer.from(hash).toString('base64url'),
    code_challenge_method: 'S256',
    ...more,
  })
  return { address, verifier }
}

/** Through the provider's own pages, as somebody. */
async function atNode(browser, address, id) {
  let step = await browser.go(address, { stop: STOP })
  for (let pages = 0; pages < 4 && step.page?.url.origin === node.issuer; pages += 1) {
    const values = /name=["']?login/.test(step.page.text) ? { login: id, password: 'any' } : { prompt: 'consent' }
    step = await browser.submit(step.page, values, { stop: STOP })
  }
  return step
}

/** Agrees to what the application wants, and gives what it is told. */
async function told(browser, step, verifier) {
  if (step.page) step = await browser.submit(step.page, { decision: 'allow' }, { stop: STOP })
  assert.ok(step.arrived, step.page?.text)
  const response = await fetch(`${issuer}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${app.client_id}:${app.client_secret}`)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code', code: step.arrived.searchParams.get('code'), redirect_uri: STOP, code_verifier: verifier,
    }),
  })
  const answer = await response.json()
  assert.equal(response.status, 200, JSON.stringify(answer))
  const claims = JSON.parse(Buffer.from(answer.id_token.split('.')[1], 'base64url'))
  const info = await fetch(`${issuer}/oauth2/userinfo`, { headers: { authorization: `Bearer ${answer.access_token}` } })
  return { ...claims, ...(await info.json()) }
}

/** Signs in by the button, from nothing. */
async function signedIn(id, browser = new Browser()) {
  const { address, verifier } = await asked()
  const { page } = await browser.go(address)
  const step = await atNode(browser, page.link('Continue with Node'), id)
  return told(browser, step, verifier)
}

test('somebody of node-oidc-provider gets an account here, and has it the next time', async () => {
  const who = somebody()
  const first = await signedIn(who.id)
  assert.deepEqual([first.email, first.email_verified, first.name], [who.email, true, who.name])
  assert.deepEqual([first.amr, first.acr], [['fed'], '1'])
  people.set(who.id, { ...people.get(who.id), email: 'moved@example.org' })
  assert.equal((await signedIn(who.id)).sub, first.sub)
  assert.deepEqual(node.errors, [])
})

test('somebody who is told without a verified address gets an account without one', async () => {
  const who = somebody({ email_verified: false, preferred_username: 'unverified' })
  const first = await signedIn(who.id)
  assert.equal(first.email, undefined)
})

test('an address alone opens no account that has a password; its owner connects it', async () => {
  const owner = await person()
  await api('PUT', `/api/v1/users/${owner.id}`, { email_verified: true })
  const who = somebody({ email: owner.username })
  const { address } = await asked()
  const stranger = new Browser()
  const { page } = await stranger.go(address)
  const { page: refused } = await atNode(stranger, page.link('Continue with Node'), who.id)
  assert.match(refused.text, /already have an account/)

  const browser = new Browser()
  const { page: home } = await through(browser, `${issuer}/account`, owner)
  const { page: form } = await browser.go(home.link('Connect Node'))
  const { page: login } = await browser.submit(form, { current_password: owner.password })
  assert.equal(login.url.origin, node.issuer, login.text)
  const { page: consent } = await browser.submit(login, { login: who.id, password: 'any' })
  const { page: connected } = await browser.submit(consent, { prompt: 'consent' })
  assert.match(connected.text, /Your account is connected/)
  assert.equal((await signedIn(who.id)).email, owner.username)
})

test('whoever turns back at node-oidc-provider is told so', async () => {
  const browser = new Browser()
  const { address } = await asked()
  const { page } = await browser.go(address)
  const { page: there } = await browser.go(page.link('Continue with Node'))
  const { page: back } = await browser.go(there.link('Cancel'))
  assert.equal(back.url.pathname, '/login')
  assert.match(back.text, /You did not sign in at/)
})

test('a wrong secret is told to the operator, and people can sign in in another way', async () => {
  const browser = new Browser()
  const { address } = await asked()
  const { page } = await browser.go(address)
  const { page: back } = await atNode(browser, page.link('Continue with Wrong'), somebody().id)
  assert.match(back.text, /did not work/)
  const owner = await person()
  const step = await through(browser, back.url, { ...owner, stop: STOP })
  assert.ok(step.arrived?.searchParams.get('code'))
})

/** A request to the other Writ, as its operator. */
function there(method, path, body) {
  return new Promise((done, failed) => {
    const headers = { authorization: `Bearer ${writ.key}`, 'content-type': 'application/json' }
    request(writ.issuer + path, { method, headers, ca }, async (answer) => {
      const chunks = []
      for await (const chunk of answer) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      if (answer.statusCode >= 300) failed(new Error(`${method} ${path} answered ${answer.statusCode}: ${text}`))
      else done(JSON.parse(text))
    }).once('error', failed).end(JSON.stringify(body))
  })
}

test('somebody of another Writ gets an account here, and has it the next time', async () => {
  writ = await writProvider()
  const made = await there('POST', '/api/v1/oauth/clients', {
    name: 'The other one',
    redirect_uris: [`${issuer}/login/with/writ/callback`],
    grant_types: ['authorization_code'],
    scope: 'openid profile email',
  })
  const { client_id, client_secret } = made
  const known = { slug: 'writ', name: 'Other Writ', preset: 'openid', issuer: writ.issuer, client_id, client_secret }
  await api('POST', '/api/v1/identity-providers', known)
  const who = { username: 'ada@example.net', password: `quite unguessable ${crypto.randomUUID()}` }
  const user = await there('POST', '/api/v1/users', { ...who, name: 'Ada' })
  await there('PUT', `/api/v1/users/${user.id}`, { email_verified: true })
  const subjects = []
  for (const _ of [1, 2]) {
    const browser = new Browser()
    const { address, verifier } = await asked()
    const { page } = await browser.go(address)
    let step = await browser.go(page.link('Continue with Other Writ'), { stop: STOP })
    for (let pages = 0; pages < 3 && step.page?.url.origin === writ.issuer; pages += 1) {
      const values = /name=["']?password/.test(step.page.text) ? who : { decision: 'allow' }
      step = await browser.submit(step.page, values, { stop: STOP })
    }
    const { sub, email, name, amr } = await told(browser, step, verifier)
    assert.deepEqual([email, name, amr], ['ada@example.net', 'Ada', ['fed']])
    subjects.push(sub)
  }
  assert.equal(subjects[0], subjects[1])
})
