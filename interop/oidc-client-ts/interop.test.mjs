// oidc-client-ts, unmodified, in Chromium: pages of another origin, https://app.example.com, on the issuer's site, which is
// https://id.example.com, and on another site.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { api, issuer, person } from '../kit/setup.mjs'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const names = '--host-resolver-rules=MAP *.example.com 127.0.0.1, MAP *.example.org 127.0.0.1'
const library = await readFile(new URL('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url))

// The settings are in the fragment of the first address and stay in the tab, beside what the library keeps there.
const page = `<!doctype html>
<html lang="en"><title>An application</title>
<script src="/library.js"></script>
<script>
  if (location.hash) {
    sessionStorage.setItem('settings', decodeURIComponent(location.hash.slice(1)))
    history.replaceState({}, '', '/')
  }
  const settings = JSON.parse(sessionStorage.getItem('settings'))
  window.manager = new oidc.UserManager(settings)
  window.renewals = []
  manager.events.addUserLoaded((user) => renewals.push(user.access_token))
  window.watched = []
  manager.events.addUserSignedOut(() => watched.push('signed out'))
  manager.events.addUserSessionChanged(() => watched.push('changed'))
  const callbacks = { '/': () => manager.signinRedirectCallback(), '/out': () => manager.signoutRedirectCallback() }
  // A page that is left and comes back at the same address is told from itself by this.
  if (location.pathname === '/out') sessionStorage.setItem('left', 'yes')
  window.ready = location.search.includes('state=') ? callbacks[location.pathname]() : Promise.resolve()
  ready.then(() => history.replaceState({}, '', '/'), () => {})
</script>`
const silent = `<!doctype html>
<html lang="en"><title>Silent</title>
<script src="/library.js"></script>
<script>new oidc.UserManager({ authority: 'unused', client_id: 'unused', redirect_uri: 'unused' }).signinCallback()</script>`

let browser, server, port

before(async () => {
  browser = await chromium.launch({ executablePath, args: [...quiet, names] })
  const [cert, key] = await Promise.all(['CERT', 'KEY'].map((what) => readFile(process.env[`WRIT_TLS_${what}`])))
  server = createServer({ cert, key }, (request, response) => {
    const { pathname } = new URL(request.url, 'http://x')
    if (pathname === '/library.js') return response.setHeader('content-type', 'text/javascript').end(library)
    const known = { '/': page, '/out': page, '/popup': silent, '/silent': silent }[pathname]
    response.writeHead(known ? 200 : 404, { 'content-type': 'text/html' }).end(known)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  port = server.address().port
})

after(async () => {
  await browser?.close()
  server?.close()
})

/** A tab with the application in it. */
class Tab {
  static async open({ host = 'app.example.com', settings = {}, registered = {}, context } = {}) {
    const tab = new Tab()
    tab.home = `https://${host}:${port}/`
    const uris = [tab.home, `${tab.home}silent`, `${tab.home}popup`]
    const app = await api('POST', '/api/v1/clients', {
      client_name: 'A page', kind: 'spa', redirect_uris: uris, post_logout_redirect_uris: [`${tab.home}out`],
      scope: 'openid profile email offline_access', ...registered,
    })
    tab.settings = {
      authority: issuer,
      client_id: app.client_id,
      redirect_uri: tab.home,
      silent_redirect_uri: `${tab.home}silent`,
      popup_redirect_uri: `${tab.home}popup`,
      post_logout_redirect_uri: `${tab.home}out`,
      scope: 'openid profile email',
      automaticSilentRenew: false,
      ...settings,
    }
    tab.context = context ?? await browser.newContext({ ignoreHTTPSErrors: true })
    tab.page = await tab.context.newPage()
    tab.errors = []
    tab.page.on('pageerror', (error) => tab.errors.push(String(error)))
    await tab.page.goto(`${tab.home}#${encodeURIComponent(JSON.stringify(tab.settings))}`)
    return tab
  }

  run(what, argument) {
    return this.page.evaluate(what, argument)
  }

  /** Through Writ's pages, back to the application. */
  async signIn(who, page = this.page) {
    this.who = who
    await this.run(() => { manager.signinRedirect() })
    await this.answer(page)
    await this.arrived()
  }

  async answer(page) {
    await page.locator('input[name=username]').fill(this.who.username)
    await page.locator('input[name=password]').fill(this.who.password)
    await page.locator('button[type=submit]').first().click()
    await page.locator('button[value=allow]').click()
  }

  async arrived() {
    await this.page.waitForURL((url) => url.href.startsWith(this.home))
    await this.run(() => ready)
  }

  user() {
    return this.run(async () => {
      const user = await manager.getUser()
      return user && { ...user, expired: user.expired }
    })
  }

  /** The error that the library throws, by its protocol name. */
  refused(what) {
    return this.run(what).then(() => assert.fail('nothing was refused'), (error) => error.message)
  }

  async close() {
    assert.deepEqual(this.errors, [])
    await this.context.close()
  }
}

// Without offline_access and without the grant there is no refresh token: renewal goes through an iframe.
const withoutRefresh = { grant_types: ['authorization_code'] }

test('a page of another origin signs somebody in, and its ID token tells who', async () => {
  const [tab, who] = [await Tab.open(), await person()]
  await tab.signIn(who)
  const { profile, access_token, scope } = await tab.user()
  assert.deepEqual([profile.email, profile.iss, profile.aud], [who.username, issuer, tab.settings.client_id])
  assert.ok(profile.name && access_token)
  assert.deepEqual(scope.split(' ').sort(), ['email', 'openid', 'profile'])
  await tab.close()
})

test('UserInfo is read across origins', async () => {
  const [tab, who] = [await Tab.open({ settings: { loadUserInfo: true } }), await person()]
  const asked = tab.page.waitForResponse(`${issuer}/oauth2/userinfo`)
  await tab.signIn(who)
  assert.equal((await asked).status(), 200)
  assert.equal((await tab.user()).profile.email, who.username)
  await tab.close()
})

test('an ID token that tells only who it is is filled up from UserInfo', async () => {
  const [tab, who] = [await Tab.open({ settings: { loadUserInfo: true } }), await person()]
  await api('PATCH', `/api/v1/clients/${tab.settings.client_id}`, { id_token_claims: 'minimal' })
  await tab.signIn(who)
  const { profile, id_token } = await tab.user()
  assert.equal(profile.email, who.username)
  assert.equal(JSON.parse(Buffer.from(id_token.split('.')[1], 'base64url')).email, undefined)
  await tab.close()
})

test('an iframe on the same site renews silently', async () => {
  const tab = await Tab.open({ registered: withoutRefresh })
  await tab.signIn(await person())
  const first = await tab.user()
  assert.equal(first.refresh_token, undefined)
  await tab.run(() => manager.signinSilent())
  const second = await tab.user()
  assert.notEqual(second.access_token, first.access_token)
  assert.equal(second.profile.sub, first.profile.sub)
  assert.equal(second.profile.auth_time, first.profile.auth_time, 'nobody has signed in again')
  await tab.close()
})

test('an iframe is told at once that nobody is signed in', async () => {
  const tab = await Tab.open({ registered: withoutRefresh })
  assert.match(await tab.refused(() => manager.signinSilent()), /nobody who meets this request is signed in/)
  await tab.close()
})

test('an iframe on another site gets no cookie, and is told so at once', async () => {
  const tab = await Tab.open({ host: 'app.example.org', registered: withoutRefresh })
  await tab.signIn(await person())
  assert.match(await tab.refused(() => manager.signinSilent()), /nobody who meets this request is signed in/)
  await tab.close()
})

test('a refresh token renews, and rotates', async () => {
  const tab = await Tab.open({ settings: { scope: 'openid profile email offline_access' } })
  await tab.signIn(await person())
  const first = await tab.user()
  assert.ok(first.refresh_token)
  await tab.run(() => manager.signinSilent())
  const second = await tab.user()
  assert.notEqual(second.access_token, first.access_token)
  assert.notEqual(second.refresh_token, first.refresh_token)
  assert.equal(second.profile.email, tab.who.username)
  await tab.close()
})

test('a token that is about to expire is renewed by itself', async () => {
  // An hour less two seconds before its end.
  const tab = await Tab.open({ settings: { automaticSilentRenew: true, accessTokenExpiringNotificationTimeInSeconds: 3598 } })
  await tab.signIn(await person())
  const first = await tab.user()
  await tab.page.waitForFunction((before) => renewals.some((token) => token !== before), first.access_token, { timeout: 15_000 })
  assert.notEqual((await tab.user()).access_token, first.access_token)
  await tab.close()
})

test('a window of its own signs somebody in', async () => {
  const tab = await Tab.open()
  tab.who = await person()
  const opened = tab.page.waitForEvent('popup')
  const done = tab.run(() => manager.signinPopup().then((user) => user.profile.email))
  await tab.answer(await opened)
  assert.equal(await done, tab.who.username)
  await tab.close()
})

test('a page can read that its token was revoked', async () => {
  const tab = await Tab.open({ settings: { revokeTokenTypes: ['access_token', 'refresh_token'] } })
  await tab.signIn(await person())
  const { access_token } = await tab.user()
  await tab.run(() => manager.revokeTokens())
  const seen = await tab.run(async ([url, token]) => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    return [answer.status, answer.headers.get('www-authenticate')]
  }, [`${issuer}/oauth2/userinfo`, access_token])
  assert.equal(seen[0], 401)
  assert.match(seen[1], /^Bearer .*error="invalid_token"/)
  await tab.close()
})

test('a person who says no is told to the page', async () => {
  const tab = await Tab.open()
  const who = await person()
  await tab.run(() => { manager.signinRedirect() })
  await tab.page.locator('input[name=username]').fill(who.username)
  await tab.page.locator('input[name=password]').fill(who.password)
  await tab.page.locator('button[type=submit]').first().click()
  await tab.page.locator('button[value=deny]').click()
  await tab.page.waitForURL((url) => url.href.startsWith(tab.home))
  assert.equal(await tab.run(() => ready.then(() => 'signed in', (error) => error.error)), 'access_denied')
  await tab.context.close()
})

test('signing out ends the session at Writ and comes back without a question', async () => {
  const tab = await Tab.open()
  await tab.signIn(await person())
  await tab.run(() => { manager.signoutRedirect({ state: 'where it was' }) })
  await tab.page.waitForFunction(() => sessionStorage.getItem('left') && document.readyState === 'complete')
  await tab.run(() => ready)
  assert.equal(await tab.user(), null)
  const again = await Tab.open({ context: tab.context, registered: withoutRefresh })
  assert.match(await again.refused(() => manager.signinSilent()), /nobody who meets this request is signed in/)
  await again.close()
})

const monitored = { monitorSession: true, checkSessionIntervalInSeconds: 1 }

test('a page that watches the session stays as long as it does, and hears of its end elsewhere', async () => {
  const tab = await Tab.open({ settings: monitored, registered: withoutRefresh })
  await tab.signIn(await person())
  assert.ok((await tab.user()).session_state)
  await tab.page.waitForFunction(() => [...document.querySelectorAll('iframe')].some((frame) => frame.src.includes('check-session')))
  await tab.page.waitForTimeout(3_000)
  assert.deepEqual(await tab.run(() => watched), [])
  // In another window of the same browser.
  const other = await tab.context.newPage()
  await other.goto(`${issuer}/logout`)
  await other.locator('button[value=logout]').click()
  await tab.page.waitForFunction(() => watched.includes('signed out'), undefined, { timeout: 20_000 })
  await tab.close()
})
