// express-openid-connect, unmodified, in an application that runs as a program of its own.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser, through } from '../kit/browser.mjs'
import { freePort, start } from '../kit/program.mjs'
import { client, api, issuer, person } from '../kit/setup.mjs'

let app, home

before(async () => {
  const port = await freePort()
  home = `http://localhost:${port}`
  const registered = await client({ redirect_uris: [`${home}/callback`] })
  await api('PATCH', `/api/v1/clients/${registered.client_id}`, { post_logout_redirect_uris: [home] })
  const { client_id: CLIENT_ID, client_secret: CLIENT_SECRET } = registered
  app = await start('node', ['app.mjs'], { port, env: { ISSUER: issuer, PORT: port, CLIENT_ID, CLIENT_SECRET } })
})

after(() => app?.stop())

const json = ({ page }) => {
  assert.equal(page.status, 200, `${page.url}: ${page.text}\n${app.output()}`)
  return JSON.parse(page.text)
}

test('a protected page leads to the sign-in and back, and the ID token tells who', async () => {
  const [browser, who] = [new Browser(), await person()]
  const step = await through(browser, `${home}/profile`, who)
  assert.equal(step.page.url.href, `${home}/profile`)
  const user = json(step)
  assert.equal(user.email, who.username)
  assert.match(user.name, /^Person /)
  assert.ok(user.sub)
})

test('the library reads UserInfo', async () => {
  const [browser, who] = [new Browser(), await person()]
  assert.equal(json(await through(browser, `${home}/userinfo`, who)).email, who.username)
})

test('the library refreshes the access token', async () => {
  const browser = new Browser()
  await through(browser, `${home}/profile`, await person())
  const tokens = json(await browser.go(`${home}/refresh`))
  assert.ok(tokens.after)
  assert.notEqual(tokens.after, tokens.before)
})

test('a person who says no gets the page of the application for that', async () => {
  const { page } = await through(new Browser(), `${home}/profile`, { ...(await person()), decision: 'deny' })
  assert.equal(page.url.origin, home)
  assert.deepEqual([page.status, JSON.parse(page.text).error], [400, 'access_denied'])
})

test('signing out of the application signs out of Writ, and asks nothing', async () => {
  const browser = new Browser()
  await through(browser, `${home}/profile`, await person())
  const { page } = await browser.go(`${home}/logout`)
  assert.deepEqual([page.url.href, page.text], [`${home}/`, 'out'])
  const again = await browser.go(`${home}/profile`)
  assert.equal(again.page.url.origin, issuer)
  assert.match(again.page.text, /name="password"/)
})
