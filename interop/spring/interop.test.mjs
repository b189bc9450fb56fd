// Spring Security, unmodified, as a website and as an API, in a program of its own.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser, through } from '../kit/browser.mjs'
import { freePort, start } from '../kit/program.mjs'
import { api, client, issuer, person } from '../kit/setup.mjs'

const audience = 'https://api.example'
let app, home, caller, clerk

before(async () => {
  const port = await freePort()
  home = `http://localhost:${port}`
  const machine = { grant_types: ['client_credentials'], redirect_uris: [], scope: 'read write' }
  const website = await client({ redirect_uris: [`${home}/login/oauth2/code/writ`] })
  await api('PATCH', `/api/v1/clients/${website.client_id}`, { post_logout_redirect_uris: [`${home}/bye`] })
  ;[caller, clerk] = [await client(machine), await client(machine)]
  await api('PATCH', `/api/v1/clients/${caller.client_id}`, { audience: [audience, clerk.client_id] })
  const registration = 'spring.security.oauth2.client.registration.writ'
  const settings = {
    'server.port': port,
    'server.address': 'localhost',
    'writ.issuer': issuer,
    'writ.audience': audience,
    'writ.caller': caller.client_id,
    'writ.api.id': clerk.client_id,
    'writ.api.secret': clerk.client_secret,
    [`${registration}.client-id`]: website.client_id,
    [`${registration}.client-secret`]: website.client_secret,
  }
  // Nimbus waits half a second for keys, which a server that is built without optimisation may take to make its first.
  await fetch(`${issuer}/.well-known/jwks.json`)
  const jar = ['-XX:TieredStopAtLevel=1', '-jar', 'target/interop.jar']
  app = await start('java', [...jar, ...Object.entries(settings).map(([key, value]) => `--${key}=${value}`)], { port })
})

after(() => app?.stop())

test('Spring Security signs somebody in; ID token and UserInfo tell who', async () => {
  const who = await person()
  const { page } = await through(new Browser(), `${home}/me`, who)
  assert.equal(page.status, 200, `${page.url} ${page.text}\n${app.output()}`)
  const told = JSON.parse(page.text)
  assert.deepEqual([told.idToken, told.userInfo], [who.username, who.username])
})

test('signing out of Spring Security signs out of Writ, and asks nothing', async () => {
  const browser = new Browser()
  await through(browser, `${home}/me`, await person())
  const { page: form } = await browser.go(`${home}/logout`)
  const { page } = await browser.submit(form, {}, { has: '_csrf' })
  assert.deepEqual([new URL('/bye', home).href, page.text], [page.url.href, 'bye'])
  assert.match((await browser.go(`${home}/me`)).page.text, /name="password"/)
})

test('a person who says no gets the sign-in page of Spring Security', async () => {
  const { page } = await through(new Browser(), `${home}/me`, { ...(await person()), decision: 'deny' })
  assert.equal(page.url.href, `${home}/login?error`)
})

async function token(more = {}) {
  const answer = await fetch(`${issuer}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${caller.client_id}:${caller.client_secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...more }),
  })
  return (await answer.json()).access_token
}

const call = (path, bearer) => fetch(home + path, { headers: { authorization: `Bearer ${bearer}` } })

test('an API with everything at its default takes tokens that are typed JWT', async () => {
  // RFC 9068 says at+jwt; Spring's default wants JWT, and a client can be told to issue that.
  assert.equal((await call('/plain', await token())).status, 401)
  await api('PATCH', `/api/v1/clients/${caller.client_id}`, { access_token_typ: 'JWT' })
  const answer = await call('/plain', await token())
  assert.equal(answer.status, 200, answer.headers.get('www-authenticate'))
  await api('PATCH', `/api/v1/clients/${caller.client_id}`, { access_token_typ: 'at+jwt' })
})

test('an API that wants RFC 9068 takes at+jwt', async () => {
  const answer = await call('/typed', await token())
  assert.equal(answer.status, 200, answer.headers.get('www-authenticate'))
  assert.equal((await answer.json()).name, caller.client_id)
  assert.equal((await call('/typed', `${(await token()).slice(0, -4)}AAAA`)).status, 401)
})

test('an API that asks Writ hears at once that a token was revoked', async () => {
  const bearer = await token()
  const answer = await call('/opaque', bearer)
  assert.equal(answer.status, 200, answer.headers.get('www-authenticate'))
  assert.equal((await answer.json()).name, caller.client_id)
  await fetch(`${issuer}/oauth2/revoke`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${caller.client_id}:${caller.client_secret}`)}` },
    body: new URLSearchParams({ token: bearer }),
  })
  assert.equal((await call('/opaque', bearer)).status, 401)
  // The signature alone does not know it until the token ends.
  assert.equal((await call('/typed', bearer)).status, 200)
})

for (const path of ['/typed', '/opaque']) {
  test(`a token without the scope is refused at ${path}`, async () => {
    assert.equal((await call(path, await token({ scope: 'write' }))).status, 403)
  })
}
