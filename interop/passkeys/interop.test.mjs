// Passkeys in Chromium, with the authenticator in software that it has for tests (Web Authentication Level 3 §11): making one,
// signing in without typing anything, the second factor, removing it, and what is refused.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { api, client, issuer, person } from '../kit/setup.mjs'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

let browser, app, site, callback

before(async () => {
  // The application: what is sent there is looked at, and that is all.
  site = createServer((request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>there</h1>'))
  await new Promise((listening) => site.listen(0, '127.0.0.1', listening))
  callback = `http://127.0.0.1:${site.address().port}/callback`
  app = await client({ name: 'Fieldnotes', redirect_uris: [callback] })
  browser = await chromium.launch({ executablePath, args: quiet })
})

after(async () => {
  await browser?.close()
  site?.close()
})

/** Somebody's browser, with an authenticator that they can hold back from answering. */
class Desk {
  static async at({ autofill = true, verifies = true, scripts = true } = {}) {
    const context = await browser.newContext({ locale: 'en', javaScriptEnabled: scripts })
    context.setDefaultTimeout(15_000)
    const page = await context.newPage()
    const desk = Object.assign(new Desk(), { context, page, complaints: [], sent: [] })
    page.on('pageerror', (error) => desk.complaints.push(`a script failed: ${error}`))
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) desk.complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (request.method() === 'POST') desk.sent.push({ url: request.url(), body: request.postData() })
    })
    if (!autofill) {
      await page.addInitScript(() => {
        if (globalThis.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false
      })
    }
    desk.cdp = await context.newCDPSession(page)
    await desk.cdp.send('WebAuthn.enable', { enableUI: false })
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: verifies,
      automaticPresenceSimulation: false,
    }
    const { authenticatorId } = await desk.cdp.send('WebAuthn.addVirtualAuthenticator', { options })
    desk.authenticatorId = authenticatorId
    return desk
  }

  /** Whether its owner touches the authenticator when it is asked. */
  touches(enabled) {
    return this.cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: this.authenticatorId, enabled })
  }

  async keys() {
    return (await this.cdp.send('WebAuthn.getCredentials', { authenticatorId: this.authenticatorId })).credentials
  }

  remove({ credentialId }) {
    return this.cdp.send('WebAuthn.removeCredential', { authenticatorId: this.authenticatorId, credentialId })
  }

  add(credential) {
    return this.cdp.send('WebAuthn.addCredential', { authenticatorId: this.authenticatorId, credential })
  }

  /** The browser forgets who is signed in; the authenticator keeps its keys. */
  async leave() {
    await this.touches(false)
    await this.context.clearCookies()
  }

  open(path) {
    return this.page.goto(path.startsWith('http') ? path : issuer + path)
  }

  text() {
    return this.page.locator('main').innerText()
  }

  path() {
    return new URL(this.page.url()).pathname
  }

  /** Types name and password on the page that asks for them. */
  async types({ username, password }) {
    await this.page.fill('[name=username]', username)
    await this.page.fill('[name=password]', password)
    await Promise.all([this.page.waitForNavigation(), this.page.click('main form button[type=submit]')])
  }

  /** Presses the button that asks for a passkey, with a finger on the authenticator. */
  async uses() {
    await this.touches(true)
    await Promise.all([this.page.waitForNavigation(), this.page.click('[data-passkey] button')])
    await this.touches(false)
  }

  /** Makes a passkey for somebody who signs in with their password. Gives the recovery codes. */
  async enrols(who, below = '') {
    await this.open(`${below}/account/sign-in`)
    await this.types(who)
    await this.open(`${below}/account/passkey`)
    await this.uses()
    return this.page.locator('li code').allInnerTexts()
  }

  /** Sends the browser to sign in for the application; gives what the application does when it is there. */
  async asks() {
    const verifier = randomBytes(32).toString('base64url')
    const wanted = new URLSearchParams({
      response_type: 'code',
      client_id: app.client_id,
      redirect_uri: callback,
      scope: 'openid profile',
      state: 'state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    await this.open(`/oauth2/authorize?${wanted}`)
    return async () => {
      await this.page.waitForURL((url) => url.pathname === '/consent' || url.pathname === '/callback')
      if (this.path() === '/consent') {
        await this.page.click('[name=decision][value=allow]')
      }
      await this.page.waitForURL(`${callback}?*`)
      const code = new URL(this.page.url()).searchParams.get('code')
      const response = await fetch(`${issuer}/oauth2/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${app.client_id}:${app.client_secret}`)}` },
        body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier }),
      })
      const { id_token: token } = await response.json()
      return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
    }
  }

  async close() {
    assert.deepEqual(this.complaints, [])
    await this.context.close()
  }
}

test('a passkey is made, and signs in without a name or a password', async () => {
  const [desk, ada] = [await Desk.at(), await person()]
  const codes = await desk.enrols(ada)
  assert.equal(codes.length, 10, await desk.text())
  assert.equal((await desk.keys()).length, 1)
  await desk.open('/account')
  assert.match(await desk.text(), /10 codes left/)
  // It is among what the browser fills in: nothing is typed, nothing is pressed.
  await desk.leave()
  await desk.open('/account/sign-in')
  assert.match(await desk.page.getAttribute('[name=username]', 'autocomplete'), /webauthn/)
  await desk.touches(true)
  const redeemed = await desk.asks()
  const filled = await redeemed()
  assert.deepEqual([filled.acr, filled.amr.includes('mfa'), filled.amr.includes('user')], ['2', true, true])
  await desk.close()
})

test('the button signs in whom nobody has named', async () => {
  const [desk, ada] = [await Desk.at({ autofill: false }), await person()]
  await desk.enrols(ada)
  await desk.leave()
  const redeemed = await desk.asks()
  await desk.uses()
  const claims = await redeemed()
  assert.equal(claims.acr, '2')
  await desk.leave()
  await desk.open('/account/sign-in?to=profile')
  await desk.uses()
  assert.equal(desk.path(), '/account/profile')
  await desk.close()
})

test('a passkey is the second factor, and a recovery code stands in for it', async () => {
  const [desk, ada] = [await Desk.at({ autofill: false }), await person()]
  const codes = await desk.enrols(ada)
  await desk.leave()
  const redeemed = await desk.asks()
  await desk.types(ada)
  assert.equal(desk.path(), '/login/factor')
  await desk.uses()
  const claims = await redeemed()
  assert.deepEqual([claims.acr, claims.amr.at(0), claims.amr.at(-1)], ['2', 'pwd', 'mfa'])
  await desk.leave()
  await desk.open('/account/sign-in')
  await desk.types(ada)
  await desk.page.click('text=Use a recovery code instead')
  await desk.page.fill('[name=code]', codes[0])
  await Promise.all([desk.page.waitForNavigation(), desk.page.click('main form button[type=submit]')])
  assert.equal(desk.path(), '/account')
  await desk.close()
})

test('whoever cancels can try again, or sign in another way', async () => {
  const [desk, ada] = [await Desk.at({ autofill: false }), await person()]
  await desk.enrols(ada)
  await desk.leave()
  for (const key of await desk.keys()) await desk.remove(key)
  await desk.open('/account/sign-in')
  await desk.touches(true)
  await desk.page.click('[data-passkey] button')
  await desk.page.waitForSelector('[data-passkey] [role=alert]:not([hidden])')
  assert.match(await desk.text(), /No passkey was used/)
  await desk.close()
})

test('two people on one authenticator are told apart', async () => {
  const [desk, ada, bob] = [await Desk.at({ autofill: false }), await person(), await person()]
  await desk.enrols(ada)
  const [hers] = await desk.keys()
  await desk.leave()
  await desk.enrols(bob)
  const his = (await desk.keys()).find((key) => key.credentialId !== hers.credentialId)
  assert.ok(his, 'the second passkey has not replaced the first one')
  assert.notEqual(his.userHandle, hers.userHandle)
  for (const [who, other] of [[ada, his], [bob, hers]]) {
    await desk.leave()
    await desk.remove(other)
    await desk.open('/account/sign-in')
    await desk.uses()
    assert.equal(desk.path(), '/account', await desk.text())
    assert.match(await desk.text(), new RegExp(who.username))
    await desk.add(other)
  }
  await desk.close()
})

test('a copy, whose count goes back, is refused', async () => {
  const [desk, ada] = [await Desk.at({ autofill: false }), await person()]
  await desk.enrols(ada)
  const [copy] = await desk.keys()
  for (let times = 0; times < 2; times += 1) {
    await desk.leave()
    await desk.open('/account/sign-in')
    await desk.uses()
    assert.equal(desk.path(), '/account')
  }
  await desk.leave()
  await desk.remove(copy)
  await desk.add(copy)
  await desk.open('/account/sign-in')
  await desk.uses()
  assert.match(await desk.text(), /This passkey was not accepted/)
  await desk.close()
})

test('a passkey of another tenant is refused, and so is a page of another origin', async () => {
  const [desk, ada] = [await Desk.at({ autofill: false }), await person()]
  await desk.enrols(ada)
  await desk.leave()
  const slug = `other-${process.pid}`
  await api('POST', '/api/v1/tenants', { slug })
  await desk.open(`/t/${slug}/account/sign-in`)
  await desk.uses()
  assert.match(await desk.text(), /This passkey was not accepted/)
  // The same server under another name: the browser itself finds that it is not whom the passkey is for.
  await desk.open(issuer.replace('localhost', '127.0.0.1') + '/account/sign-in')
  if (await desk.page.locator('[data-passkey] button').isVisible()) {
    await desk.touches(true)
    await desk.page.click('[data-passkey] button')
    await desk.page.waitForSelector('[data-passkey] [role=alert]:not([hidden])')
  }
  await desk.close()
})

test('what was sent once signs nobody in again', async () => {
  const [desk, ada] = [await Desk.at({ autofill: false }), await person()]
  await desk.enrols(ada)
  await desk.leave()
  await desk.open('/account/sign-in')
  await desk.uses()
  assert.equal(desk.path(), '/account')
  const { url, body } = desk.sent.at(-1)
  assert.match(body, /passkey=/)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const again = await fetch(url, { method: 'POST', headers, body, redirect: 'manual' })
  assert.equal(again.status, 400)
  assert.equal(again.headers.get('set-cookie'), null)
  await desk.close()
})

test('one that only sees a touch asks for the password besides', async () => {
  const [desk, ada] = [await Desk.at({ autofill: false }), await person()]
  await desk.enrols(ada)
  await desk.leave()
  // Required by the page, and not done by the authenticator: the browser gives nothing.
  await desk.cdp.send('WebAuthn.setUserVerified', { authenticatorId: desk.authenticatorId, isUserVerified: false })
  await desk.open('/account/sign-in')
  await desk.touches(true)
  await desk.page.click('[data-passkey] button')
  await desk.page.waitForSelector('[data-passkey] [role=alert]:not([hidden])')
  // After the password a touch is enough.
  await desk.touches(false)
  await desk.types(ada)
  await desk.uses()
  assert.equal(desk.path(), '/account')
  await desk.close()
})

test('a passkey is removed by whoever proves with it that it is theirs', async () => {
  const [desk, ada] = [await Desk.at({ autofill: false }), await person()]
  await desk.enrols(ada)
  await desk.open('/account')
  await Promise.all([desk.page.waitForNavigation(), desk.page.click('a[href*="/account/factor?id="]')])
  assert.match(await desk.text(), /Remove this passkey/)
  await desk.uses()
  assert.match(await desk.text(), /The passkey is removed/)
  await desk.leave()
  await desk.open('/account/sign-in')
  await desk.uses()
  assert.match(await desk.text(), /This passkey was not accepted/)
  await desk.types(ada)
  assert.equal(desk.path(), '/account', 'the password alone signs in again')
  await desk.close()
})

test('without scripts nobody sees a passkey, and the password does as before', async () => {
  const [desk, ada] = [await Desk.at({ scripts: false }), await person()]
  await desk.open('/account/sign-in')
  assert.equal(await desk.page.locator('[data-passkey] button').isVisible(), false)
  await desk.types(ada)
  assert.equal(desk.path(), '/account')
  await desk.open('/account/passkey')
  assert.match(await desk.text(), /This needs a browser that knows passkeys/)
  assert.equal(await desk.page.locator('[data-passkey] button').isVisible(), false)
  await desk.close()
})
