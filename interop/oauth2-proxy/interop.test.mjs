// oauth2-proxy, unmodified, in front of a website that knows nothing of signing in.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import { Browser, through } from '../kit/browser.mjs'
import { freePort, start } from '../kit/program.mjs'
import { api, client, issuer, person } from '../kit/setup.mjs'

let proxy, home, website

before(async () => {
  website = createServer((request, response) => response.end(JSON.stringify(request.headers)))
  await new Promise((done) => website.listen(0, '127.0.0.1', done))
  const port = await freePort()
  home = `http://localhost:${port}`
  const app = await client({ redirect_uris: [`${home}/oauth2/callback`] })
  proxy = await start('./bin/oauth2-proxy', [
    '--provider=oidc', `--oidc-issuer-url=${issuer}`,
    `--client-id=${app.client_id}`, `--client-secret=${app.client_secret}`,
    '--scope=openid profile email offline_access', '--code-challenge-method=S256',
    `--redirect-url=${home}/oauth2/callback`, `--http-address=localhost:${port}`,
    `--upstream=http://127.0.0.1:${website.address().port}`, '--pass-access-token',
    '--cookie-secret=0123456789abcdef0123456789abcdef', '--cookie-secure=false', '--cookie-refresh=1s',
    '--email-domain=*', `--whitelist-domain=${new URL(issuer).host}`,
    '--skip-provider-button', '--skip-jwt-bearer-tokens',
  ], { port })
})

after(async () => {
  await proxy?.stop()
  website?.close()
})

async function verified() {
  const who = await person()
  await api('PUT', `/api/v1/users/${who.id}`, { email_verified: true })
  return who
}

const headers = ({ page }) => {
  assert.equal(page.status, 200, `${page.url}: ${page.text}\n${proxy.output()}`)
  return JSON.parse(page.text)
}

test('oauth2-proxy signs somebody in, and tells the website who it is', async () => {
  const who = await verified()
  const step = await through(new Browser(), `${home}/a/page`, who)
  assert.equal(step.page.url.href, `${home}/a/page`)
  const told = headers(step)
  assert.deepEqual([told['x-forwarded-email'], told['x-forwarded-preferred-username']], [who.username, who.username])
  assert.ok(told['x-forwarded-user'])
})

test('oauth2-proxy refuses whose address is not verified', async () => {
  const { page } = await through(new Browser(), `${home}/`, await person())
  assert.equal(page.url.origin, home)
  assert.ok(page.status >= 403, page.text)
  assert.match(proxy.output(), /isn't verified/)
})

test('oauth2-proxy refreshes the access token that it passes on', async () => {
  const browser = new Browser()
  const first = headers(await through(browser, `${home}/`, await verified()))['x-forwarded-access-token']
  assert.ok(first)
  await later(2_100)
  const second = headers(await browser.go(`${home}/`))['x-forwarded-access-token']
  assert.notEqual(second, first)
})

test('a person who says no gets the error page of oauth2-proxy', async () => {
  const { page } = await through(new Browser(), `${home}/`, { ...(await verified()), decision: 'deny' })
  assert.deepEqual([page.url.origin, page.status], [home, 403])
})

test('signing out of oauth2-proxy leads to the sign-out of Writ', async () => {
  const [browser, who] = [new Browser(), await verified()]
  headers(await through(browser, `${home}/`, who))
  const { page } = await browser.go(`${home}/oauth2/sign_out?rd=${encodeURIComponent(`${issuer}/logout`)}`)
  assert.equal(page.url.href, `${issuer}/logout`)
  await browser.submit(page, { decision: 'logout' })
  assert.match((await browser.go(`${home}/`)).page.text, /name="password"/)
})
