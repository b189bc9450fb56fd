// Auth.js, unmodified, in an application that runs as a program of its own.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser, through } from '../kit/browser.mjs'
import { freePort, start } from '../kit/program.mjs'
import { client, issuer, person } from '../kit/setup.mjs'

let app, home

before(async () => {
  const port = await freePort()
  home = `http://localhost:${port}`
  const { client_id: CLIENT_ID, client_secret: CLIENT_SECRET } = await client({ redirect_uris: [`${home}/auth/callback/writ`] })
  const env = { ISSUER: issuer, PORT: port, CLIENT_ID, CLIENT_SECRET, NODE_ENV: 'production' }
  app = await start('node', ['app.mjs'], { port, env })
})

after(() => app?.stop())

/** Posts the form that the pages of Auth.js hold. */
async function post(browser, action, more = {}) {
  const { page } = await browser.go(`${home}/auth/csrf`)
  const body = new URLSearchParams({ csrfToken: JSON.parse(page.text).csrfToken, callbackUrl: `${home}/`, ...more })
  return browser.go(`${home}/auth/${action}`, { init: { method: 'POST', body } })
}

async function signIn(browser, who) {
  const step = await post(browser, 'signin/writ')
  assert.equal(step.page.url.origin, issuer, `${step.page.url}\n${app.output()}`)
  return through(browser, step.page.url, who)
}

test('Auth.js signs somebody in, and the session has the name and the address of the ID token', async () => {
  const [browser, who] = [new Browser(), await person()]
  const { page } = await signIn(browser, who)
  assert.equal(page.url.href, `${home}/`, `${page.text}\n${app.output()}`)
  const session = JSON.parse(page.text)
  assert.equal(session.user.email, who.username)
  assert.match(session.user.name, /^Person /)
  assert.ok(session.subject)
  assert.deepEqual([session.granted, session.lasts], ['openid profile email', 3600])
})

test('the session lasts from page to page, and ends with the sign-out', async () => {
  const [browser, who] = [new Browser(), await person()]
  await signIn(browser, who)
  assert.equal(JSON.parse((await browser.go(`${home}/`)).page.text).user.email, who.username)
  await post(browser, 'signout')
  assert.equal(JSON.parse((await browser.go(`${home}/`)).page.text), null)
})

test('somebody who is signed in at Writ is not asked for a password again', async () => {
  const [browser, who] = [new Browser(), await person()]
  await signIn(browser, who)
  await post(browser, 'signout')
  const { page } = await post(browser, 'signin/writ')
  assert.doesNotMatch(page.text, /name="password"/)
})

test('a person who says no gets the error page of Auth.js', async () => {
  const { page } = await signIn(new Browser(), { ...(await person()), decision: 'deny' })
  assert.equal(page.url.origin, home)
  assert.match(page.url.href, /error/)
})
