// mod_auth_openidc, as Debian packages it, in an Apache with a configuration of its own.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Browser, through } from '../kit/browser.mjs'
import { called } from '../kit/called.mjs'
import { freePort, run, start } from '../kit/program.mjs'
import { api, client, issuer, person } from '../kit/setup.mjs'

let apache, folder, home, website, caller, relay, app

const log = () => readFileSync(join(folder, 'error.log'), 'utf8')

const configuration = ({ port, upstream, app, clerk }) => `
ServerRoot "${folder}"
ServerName localhost
Listen 127.0.0.1:${port}
PidFile "${folder}/pid"
ErrorLog "${folder}/error.log"
LogLevel warn
${process.getuid() === 0 ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'proxy', 'proxy_http', 'auth_openidc']
    .map((module) => `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so`).join('\n')}

OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${app.client_id}
OIDCClientSecret ${app.client_secret}
OIDCRedirectURI http://localhost:${port}/callback
OIDCCryptoPassphrase "a secret of the website, long enough"
OIDCScope "openid profile email offline_access"
OIDCPKCEMethod S256
OIDCRefreshAccessTokenBeforeExpiry 3600
OIDCOAuthServerMetadataURL ${issuer}/.well-known/oauth-authorization-server
OIDCOAuthClientID ${clerk.client_id}
OIDCOAuthClientSecret ${clerk.client_secret}
OIDCOAuthTokenIntrospectionInterval -1
OIDCOAuthRemoteUserClaim client_id
OIDCCacheEncrypt On

ProxyPass "/callback" "!"
ProxyPass "/" "http://127.0.0.1:${upstream}/"
<Location "/">
  AuthType openid-connect
  Require valid-user
</Location>
<Location "/api">
  AuthType oauth20
  Require claim scope:read
</Location>
<Location "/bye">
  AuthType None
  Require all granted
</Location>
`

before(async () => {
  website = createServer((request, response) => response.end(JSON.stringify(request.headers)))
  await new Promise((done) => website.listen(0, '127.0.0.1', done))
  const port = await freePort()
  home = `http://localhost:${port}`
  const machine = { grant_types: ['client_credentials'], redirect_uris: [], scope: 'read write' }
  app = await client({ redirect_uris: [`${home}/callback`] })
  // Writ calls nobody without TLS: what stands before such a website passes it on.
  relay = await called(async ({ path, method, form }) => {
    const answer = await fetch(home + path, { method, body: form, redirect: 'manual' })
    await answer.arrayBuffer()
    return answer.status
  })
  await api('PATCH', `/api/v1/clients/${app.client_id}`, {
    post_logout_redirect_uris: [`${home}/bye`],
    backchannel_logout_uri: `${relay.home}/callback?logout=backchannel`,
    backchannel_logout_session_required: true,
  })
  const clerk = await client(machine)
  caller = await client(machine)
  await api('PATCH', `/api/v1/clients/${caller.client_id}`, { audience: [clerk.client_id] })
  folder = await mkdtemp(join(tmpdir(), 'writ-apache-'))
  await chmod(folder, 0o755)
  const file = join(folder, 'apache2.conf')
  await writeFile(file, configuration({ port, upstream: website.address().port, app, clerk }))
  apache = await start('/usr/sbin/apache2', ['-DFOREGROUND', '-f', file], {
    port, env: { APACHE_RUN_DIR: folder },
  })
})

after(async () => {
  await apache?.stop()
  relay?.close()
  website?.close()
  if (folder) await rm(folder, { recursive: true })
})

const told = ({ page }) => {
  assert.equal(page.status, 200, `${page.url}: ${page.text}\n${log()}`)
  return JSON.parse(page.text)
}

test('mod_auth_openidc signs somebody in, and tells the website who it is', async () => {
  const who = await person()
  const step = await through(new Browser(), `${home}/a/page`, who)
  assert.equal(step.page.url.href, `${home}/a/page`, step.page.text)
  const headers = told(step)
  assert.deepEqual([headers.oidc_claim_email, headers.oidc_claim_iss], [who.username, issuer])
  assert.match(headers.oidc_claim_name, /^Person /)
})

test('mod_auth_openidc refreshes the access token that it passes on', async () => {
  const browser = new Browser()
  const first = told(await through(browser, `${home}/`, await person())).oidc_access_token
  const second = told(await browser.go(`${home}/`)).oidc_access_token
  assert.ok(first && second)
  assert.notEqual(second, first)
})

test('signing out of the website signs out of Writ, and asks nothing', async () => {
  const browser = new Browser()
  told(await through(browser, `${home}/`, await person()))
  const { page } = await browser.go(`${home}/callback?logout=${encodeURIComponent(`${home}/bye`)}`)
  assert.equal(page.url.href, `${home}/bye`)
  assert.match((await browser.go(`${home}/`)).page.text, /name="password"/)
})

test('Writ tells mod_auth_openidc that somebody has signed out elsewhere', async () => {
  const [here, who] = [new Browser(), await person()]
  told(await through(here, `${home}/`, who))
  const { page } = await here.go(`${issuer}/logout`)
  await here.submit(page, { decision: 'logout' })
  // It is told by itself, in a moment.
  for (const until = Date.now() + 20_000; ; await new Promise((later) => setTimeout(later, 100))) {
    const step = await here.go(`${home}/`)
    if (/name="password"/.test(step.page.text)) break
    assert.ok(Date.now() < until, `still signed in: ${step.page.text}\n${log()}`)
  }
})

test('a person who says no is not let in', async () => {
  const browser = new Browser()
  const { arrived } = await through(browser, `${home}/`, { ...(await person()), decision: 'deny', stop: `${home}/callback` })
  assert.equal(arrived.searchParams.get('error'), 'access_denied')
  // 2.4.12 takes an error with `iss` (RFC 9207) for a sign-in that somebody else begins, refuses that, and sends the page
  // twice in one answer. curl takes the first, as browsers do; Node's parser takes none.
  const page = await run('curl', ['--silent', '--cookie', browser.cookie(arrived), arrived.href])
  assert.match(page, /<title>Error<\/title>/)
  assert.doesNotMatch((await browser.go(`${home}/`)).page.text, /oidc_claim/)
})

test('Apache asks Writ about the tokens of an API', async () => {
  const basic = { authorization: `Basic ${btoa(`${caller.client_id}:${caller.client_secret}`)}` }
  const token = async (scope) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope })
    const answer = await fetch(`${issuer}/oauth2/token`, { method: 'POST', headers: basic, body })
    return (await answer.json()).access_token
  }
  const call = (bearer) => fetch(`${home}/api`, { headers: { authorization: `Bearer ${bearer}` } })
  const bearer = await token('read')
  const answer = await call(bearer)
  assert.equal(answer.status, 200, log())
  assert.equal((await answer.json()).oidc_claim_client_id, caller.client_id)
  assert.equal((await call(await token('write'))).status, 401)
  await fetch(`${issuer}/oauth2/revoke`, { method: 'POST', headers: basic, body: new URLSearchParams({ token: bearer }) })
  assert.equal((await call(bearer)).status, 401)
})
