// One person's whole way in Chromium: register, confirm the address, sign in, agree to less than was asked for, and in the
// account withdraw that, end a session, change the address, sign out everywhere, delete. Six runs cover every pair of
// scripts on or off, phone or desktop, light or dark, and a language; a seventh goes by keyboard alone. Every page is
// looked at as it comes.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import Axe from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { mailServer } from '../kit/mail.mjs'
import { totp } from '../kit/totp.mjs'
import { api, client, issuer } from '../kit/setup.mjs'
import { application } from './application.mjs'

const AxeBuilder = Axe.default ?? Axe
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

const RUNS = [
  { scripts: false, width: 390, scheme: 'light', language: 'en', hand: 'pointer' },
  { scripts: true, width: 1280, scheme: 'dark', language: 'en', hand: 'pointer' },
  { scripts: true, width: 390, scheme: 'light', language: 'ar', hand: 'pointer' },
  { scripts: false, width: 1280, scheme: 'dark', language: 'ar', hand: 'pointer' },
  { scripts: false, width: 390, scheme: 'dark', language: 'qps', hand: 'pointer' },
  { scripts: true, width: 1280, scheme: 'light', language: 'qps', hand: 'pointer' },
  { scripts: false, width: 390, scheme: 'dark', language: 'en', hand: 'keyboard' },
]
/** What a heading in that language has in it. */
const WRITING = { en: /^[^⟦\u0600-\u06ff]+$/, ar: /[\u0600-\u06ff]/, qps: /⟦.*⟧/ }

let browser, app, post, device

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

/** What a device asks, and is answered. */
async function asks(path, parameters) {
  const body = new URLSearchParams({ client_id: device.client_id, ...parameters })
  return (await fetch(issuer + path, { method: 'POST', body })).json()
}

/** A PNG of one pixel. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGM4wcDwHwAEJAHIBqHEeAAAAABJRU5ErkJggg==',
  'base64',
)

before(async () => {
  await api('PUT', '/api/v1/tenants/default', {
    settings: {
      self_registration: true,
      account_deletion: true,
      require_verified_email: true,
      profile_claims: ['given_name', 'picture'],
    },
  })
  post = await mailServer(process.env.WRIT_MAIL_PORT)
  device = await api('POST', '/api/v1/clients', {
    client_name: 'Living room',
    token_endpoint_auth_method: 'none',
    grant_types: [DEVICE],
    scope: 'openid email',
  })
  app = await application(issuer, (callback) => client({ name: 'Fieldnotes', redirect_uris: [callback] }))
  browser = await chromium.launch({ executablePath, args: quiet })
})

after(async () => {
  await browser?.close()
  app?.close()
  post?.close()
})

/** A browser of somebody's own, and what it complains of. */
class Visitor {
  static async arrive(run) {
    const look = {
      javaScriptEnabled: run.scripts,
      viewport: { width: run.width, height: run.width < 600 ? 844 : 860 },
      colorScheme: run.scheme,
      reducedMotion: 'reduce',
      locale: run.language === 'qps' ? 'en' : run.language,
    }
    const context = await browser.newContext({ ...look, permissions: run.scripts ? ['clipboard-read', 'clipboard-write'] : [] })
    context.setDefaultTimeout(20_000)
    const page = await context.newPage()
    const complaints = []
    const known = [issuer, app.base]
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (protocol !== 'data:' && !known.includes(origin)) complaints.push(`a request to ${request.url()}`)
    })
    page.on('console', (message) => {
      // That a page has the status of an error is what it should have.
      if (message.type() === 'error' && !/the server responded with a status of 40[0-9]/.test(message.text())) {
        complaints.push(`console: ${message.text()}`)
      }
    })
    page.on('pageerror', (error) => complaints.push(`a script failed: ${error}`))
    await page.addInitScript(() => {
      globalThis.violations = []
      addEventListener('securitypolicyviolation', (event) => globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`))
    })
    const visitor = Object.assign(new Visitor(), { run, look, context, page, complaints })
    // Nobody's browser asks for the language that nobody speaks: it is chosen, and kept.
    if (run.language === 'qps') await visitor.open(`${issuer}/?lang=qps`)
    return visitor
  }

  /** Types an address. */
  open(address) {
    return this.page.goto(address)
  }

  path() {
    return new URL(this.page.url()).pathname
  }

  text() {
    return this.page.locator('main').innerText()
  }

  /** By keyboard: goes on from where the focus is until it is there, and sees that the focus can be seen. */
  async #reach(selector) {
    for (let steps = 0; steps < 80; steps += 1) {
      const seen = await this.page.evaluate((wanted) => {
        const on = document.activeElement
        if (!on?.matches(wanted)) return undefined
        const { outlineStyle, boxShadow } = getComputedStyle(on)
        const { left, top, width, height } = on.getBoundingClientRect()
        const above = document.elementFromPoint(left + width / 2, top + height / 2)
        const isFree = above && (on.contains(above) || above.closest('label')?.contains(on))
        return { isMarked: outlineStyle !== 'none' || boxShadow !== 'none', isFree: Boolean(isFree) }
      }, selector)
      if (seen) {
        assert.deepEqual(seen, { isMarked: true, isFree: true }, `${selector} has the focus at ${this.page.url()}`)
        return
      }
      await this.page.keyboard.press('Tab')
    }
    assert.fail(`the keyboard does not come to ${selector} at ${this.page.url()}`)
  }

  /** Follows a link, or presses a button, and waits for the page behind it. */
  async press(selector) {
    if (this.run.hand === 'keyboard') {
      await this.#reach(selector)
      await Promise.all([this.page.waitForNavigation(), this.page.keyboard.press('Enter')])
    } else {
      await Promise.all([this.page.waitForNavigation(), this.page.locator(selector).first().click()])
    }
  }

  /** Turns a switch. */
  async turn(selector) {
    if (this.run.hand === 'keyboard') {
      await this.#reach(selector)
      await this.page.keyboard.press('Space')
    } else {
      await this.page.locator(selector).click()
    }
  }

  /** Fills in fields by their names. */
  async fill(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = `[name=${name}]:not([readonly])`
      if (this.run.hand === 'keyboard') {
        await this.#reach(field)
        await this.page.keyboard.press('Control+A')
        await this.page.keyboard.type(value)
      } else {
        await this.page.locator(field).fill(value)
      }
    }
  }

  /** What a button does that is only there where scripts run: none where they do not. */
  async #better(selector, does) {
    const button = this.page.locator(selector).first()
    assert.equal(await button.isVisible(), this.run.scripts, `${selector} at ${this.page.url()}`)
    if (this.run.scripts) await does(button)
  }

  /** Reads the password that was typed. */
  async reads(typed) {
    await this.#better('[data-show]', async (button) => {
      const field = this.page.locator('[name=password]')
      assert.equal(await field.getAttribute('type'), 'password')
      await button.click()
      assert.deepEqual([await field.getAttribute('type'), await field.inputValue()], ['text', typed])
      assert.equal(await button.getAttribute('aria-pressed'), 'true')
      await this.#axe('a password that is read')
    })
  }

  /** Sees how hard passwords are to guess. */
  async measures(strong) {
    if (!this.run.scripts) return
    const [field, meter] = [this.page.locator('#password'), this.page.locator('.strength')]
    for (const [typed, level] of [['short', '0'], ['iloveyou', '1'], ['Password1', '1'], ['q1w2e3r4t5', '1'], ['secure_password', '2'], [strong, '4'], ['walker-0', '1']]) {
      await field.fill(typed)
      await this.page.waitForFunction(([wanted]) => document.querySelector('.strength').dataset.level === wanted, [level])
      assert.match(await meter.innerText(), WRITING[this.run.language])
      await this.#axe(`how hard ${typed} is to guess`)
    }
    await field.fill('')
  }

  /** Copies what is on the page. */
  async copies(text) {
    await this.#better('[data-copy]', async (button) => {
      const before = await button.innerText()
      await button.click()
      await this.page.waitForFunction(([words]) => document.querySelector('[data-copy] span').textContent !== words, [before])
      assert.equal(await this.page.evaluate(() => navigator.clipboard.readText()), text)
    })
  }

  /** Fills in the form of a page and sends it. */
  async send(values) {
    await this.fill(values)
    await this.press('main form button[type=submit]')
  }

  /** Looks at the page, which is one of the issuer's. */
  async looks(path, what) {
    const { page, run } = this
    const where = `${what}, at ${page.url()}`
    assert.equal(this.path(), path, `${where}: ${await page.locator('body').innerText()}`)
    const seen = await page.evaluate(() => {
      const { documentElement: root } = document
      return {
        language: root.lang,
        direction: root.dir,
        wider: root.scrollWidth > innerWidth ? `${root.scrollWidth} on ${innerWidth}` : undefined,
        headings: [...document.querySelectorAll('h1')].map((heading) => heading.textContent),
        violations: globalThis.violations ?? [],
        isDark: matchMedia('(prefers-color-scheme: dark)').matches,
        ground: getComputedStyle(document.body).backgroundColor,
      }
    })
    assert.equal(seen.language, run.language, where)
    assert.equal(seen.direction, run.language === 'en' ? 'ltr' : 'rtl', where)
    assert.equal(seen.wider, undefined, `${where} is wider than the screen`)
    assert.equal(seen.headings.length, 1, `${where} has one heading`)
    assert.match(seen.headings[0], WRITING[run.language], where)
    assert.equal(seen.isDark, run.scheme === 'dark', where)
    assert.deepEqual(seen.violations, [], `${where} keeps its policy`)
    await this.#axe(where)
    assert.deepEqual(this.complaints, [], where)
  }

  /** axe-core needs scripts: a page that was made without them is looked at as a copy. */
  async #axe(where) {
    const page = this.run.scripts ? this.page : await this.#copy()
    // The language that nobody speaks has a tag for private use (ISO 639-2), which axe-core does not list.
    const unlisted = this.run.language === 'qps' ? ['html-lang-valid'] : []
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().disableRules(unlisted).analyze()
    if (page !== this.page) await page.context().close()
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} (${node.failureSummary})`).join(' ')}`), [], where)
  }

  async #copy() {
    const body = await this.page.content()
    const page = await (await browser.newContext({ ...this.look, javaScriptEnabled: true })).newPage()
    await page.route(this.page.url(), (route) => route.fulfill({ body, contentType: 'text/html' }))
    await page.goto(this.page.url())
    return page
  }

  leave() {
    return this.context.close()
  }
}

/** Signs in at the account, with nothing before it. */
async function signsIn(visitor, who) {
  await visitor.open(`${issuer}/account`)
  await visitor.looks('/account/sign-in', 'signing in to the account')
  await visitor.send(who)
}

for (const [number, run] of RUNS.entries()) {
  const { scripts, width, scheme, language, hand } = run
  const name = `by ${hand}, ${scripts ? 'with' : 'without'} scripts, ${width} px, ${scheme}, ${language}`
  test(`from registering to leaving: ${name}`, { timeout: 240_000 }, async () => {
    const first = `walker-${number}@mail.example`
    const second = `walker-${number}@elsewhere.example`
    const password = `seven green umbrellas at noon ${number}`
    const one = await Visitor.arrive(run)
    const other = await Visitor.arrive(run)

    // Registers on the way to an application.
    await one.open(app.base)
    await one.looks('/login', 'the sign-in page')
    await one.press('main a[href*="/register"]')
    await one.looks('/register', 'registering')
    await one.measures(password)
    await one.send({ username: first, name: 'Ada Marlow', password: 'password' })
    await one.looks('/register', 'a password that is refused')
    assert.equal(await one.page.locator('[name=username]').inputValue(), first)
    assert.equal(await one.page.locator('#password[aria-invalid=true]').count(), 1)
    await one.send({ password })
    await one.looks('/register', 'welcome')

    // Without the address confirmed, nobody comes in.
    await one.press('main a[href*="/login"]')
    await one.looks('/login', 'the sign-in page after registering')
    await one.send({ username: first, password })
    await one.looks('/login', 'an address that is not confirmed')
    assert.equal(await one.page.locator('[role=alert] a[href*="/verify-email"]').count(), 1)
    const confirm = await post.take(first, { link: true })
    assert.match(confirm.text, WRITING[language])
    await one.open(confirm.link)
    await one.looks('/verify-email', 'confirming the address')
    await one.press('main form button[type=submit]')
    await one.looks('/verify-email', 'the address is confirmed')
    await one.press('main a[href*="login_challenge"]')
    await one.looks('/login', 'back on the way to the application')

    await one.fill({ username: first, password: 'not the password' })
    await one.reads('not the password')
    await one.press('main form button[type=submit]')
    await one.looks('/login', 'a wrong password')
    assert.equal(await one.page.locator('[role=alert]:not([hidden])').count(), 1)
    await one.send({ password })

    // Agrees to all but one.
    await one.looks('/consent', 'consent')
    assert.equal(await one.page.locator('input[type=checkbox][name="scope.email"]:checked').count(), 1)
    await one.turn('input[name="scope.email"]')
    await one.press('button[name=decision][value=allow]')
    assert.equal(one.page.url().startsWith(`${app.base}/callback?`), true, one.page.url())
    const little = app.last()
    assert.equal(little.status, 200)
    assert.deepEqual(little.scope.split(' ').sort(), ['offline_access', 'openid', 'profile', 'read'])
    const told = await app.userinfo(little.access_token)
    assert.deepEqual([told.status, told.body.name, told.body.email], [200, 'Ada Marlow', undefined])

    // What is theirs, page by page.
    await one.open(`${issuer}/account`)
    await one.looks('/account', 'the account')
    assert.match(await one.text(), /Fieldnotes/)
    for (const leaf of ['profile', 'password', 'activity']) {
      await one.open(`${issuer}/account/${leaf}`)
      await one.looks(`/account/${leaf}`, leaf)
    }

    // Sends a picture, which applications find where they are told, and takes it away.
    await one.open(`${issuer}/account/profile`)
    const file = { name: 'ada.png', mimeType: 'image/png', buffer: PICTURE }
    await one.page.setInputFiles('[name=picture]', { ...file, buffer: Buffer.from('no picture') })
    await one.press('#portrait button[type=submit]')
    await one.looks('/account/picture', 'what is no picture')
    await one.page.setInputFiles('[name=picture]', file)
    await one.press('#portrait button[type=submit]')
    await one.looks('/account', 'a picture was sent')
    const drawn = await one.page.locator('#profile img').evaluate(async (image) => (await image.decode(), image.naturalWidth))
    assert.equal(drawn, 1)
    const { picture } = (await app.userinfo(little.access_token)).body
    assert.equal((await fetch(picture)).headers.get('content-type'), 'image/png')
    await one.open(`${issuer}/account/profile`)
    await one.press('#portrait form:last-of-type button')
    await one.looks('/account', 'the picture was taken away')
    assert.equal((await fetch(picture)).status, 404)

    // Sets up an authenticator app, signs in with it elsewhere by a recovery code, and takes it away.
    await one.open(`${issuer}/account`)
    await one.press('a[href$="/account/app"]')
    await one.looks('/account/app', 'setting up an app')
    const key = await one.page.locator('#key').innerText()
    await one.copies(key)
    await one.send({ code: '000000', name: 'My phone', current_password: password })
    await one.looks('/account/app', 'a code that is wrong')
    await one.send({ code: totp(key), current_password: password })
    await one.looks('/account/app', 'recovery codes')
    const recovery = await one.page.locator('#codes li').allInnerTexts()
    assert.equal(recovery.length > 5, true, recovery.join(' '))
    await one.copies(recovery.join('\n'))
    await one.press('main a.btn[href*="/account"]')
    await one.looks('/account', 'an app is set up')
    await signsIn(other, { username: first, password })
    await other.looks('/login/factor', 'the second factor')
    await other.send({ code: '000000' })
    await other.looks('/login/factor', 'a second factor that is wrong')
    await other.press('main .under a')
    await other.looks('/login/factor', 'a recovery code')
    await other.send({ code: recovery[0] })
    await other.looks('/account', 'signed in by a recovery code')
    await other.press('a[href$="/logout"]')
    await other.press('button[value=logout]')
    await one.open(`${issuer}/account`)
    await one.press('a[href$="/account/codes"]')
    await one.looks('/account/codes', 'other recovery codes')
    await one.send({ current_password: password })
    await one.looks('/account/codes', 'the other recovery codes')
    await one.open(`${issuer}/account`)
    await one.press('a[href*="/account/factor?id="]')
    await one.looks('/account/factor', 'removing the app')
    await one.send({ current_password: password })
    await one.looks('/account', 'the app is removed')

    // Lets a device in that has no browser.
    const shown = await asks('/oauth2/device_authorization', { scope: 'openid email' })
    await one.open(shown.verification_uri)
    await one.looks('/device', 'a code of a device')
    await one.send({ user_code: 'BCDF-GHJK' })
    await one.looks('/device', 'a code that no device shows')
    await one.send({ user_code: shown.user_code })
    await one.looks('/consent', 'a device asks')
    assert.match(await one.text(), new RegExp(shown.user_code))
    await one.press('button[name=decision][value=allow]')
    await one.looks('/device', 'a device is let in')
    const given = await asks('/oauth2/token', { grant_type: DEVICE, device_code: shown.device_code })
    assert.equal(typeof given.access_token, 'string', JSON.stringify(given))

    // Ends the session of another browser.
    await signsIn(other, { username: first, password })
    await other.looks('/account', 'the account in another browser')
    await one.open(`${issuer}/account`)
    await one.press('button[name=session]')
    await one.looks('/account', 'a session was ended')
    assert.equal(await one.page.locator('[role=status]').count(), 1)
    assert.equal(await one.page.locator('button[name=session]').count(), 0)
    await other.open(`${issuer}/account`)
    await other.looks('/account/sign-in', 'the browser whose session was ended')

    // Withdraws, the device's first: the application's tokens end, and it has to ask again.
    await one.press('button[name=consent]')
    await one.looks('/account', 'the consent of the device was withdrawn')
    assert.match(await one.page.locator('#applications').innerText(), /Fieldnotes/)
    assert.doesNotMatch(await one.page.locator('#applications').innerText(), /Living room/)
    await one.press('button[name=consent]')
    await one.looks('/account', 'a consent was withdrawn')
    assert.doesNotMatch(await one.page.locator('#applications').innerText(), /Fieldnotes/)
    assert.equal((await app.refresh(little.refresh_token)).body.error, 'invalid_grant')
    assert.equal((await app.userinfo(little.access_token)).status, 401)
    await one.open(app.base)
    await one.looks('/consent', 'asked again')
    await one.press('button[name=decision][value=deny]')
    assert.equal(app.last().error, 'access_denied')
    await one.open(app.base)
    await one.looks('/consent', 'asked again after a no')
    await one.press('button[name=decision][value=allow]')
    const all = app.last()
    assert.equal((await app.userinfo(all.access_token)).body.email, first)

    // Changes the address: the new one gets a link, the old one is told.
    await one.open(`${issuer}/account/email`)
    await one.looks('/account/email', 'changing the address')
    await one.send({ email: second, current_password: 'not the password' })
    await one.looks('/account/email', 'changing the address with a wrong password')
    await one.send({ email: second, current_password: password })
    await one.looks('/account', 'an address that waits')
    assert.match(await one.page.locator('#profile').innerText(), new RegExp(second))
    const moved = await post.take(second, { link: true })
    assert.equal((await post.take(first)).link, undefined)
    assert.equal((await app.userinfo(all.access_token)).body.email, first)
    await one.open(moved.link)
    await one.looks('/verify-email', 'confirming the new address')
    await one.press('main form button[type=submit]')
    await one.looks('/verify-email', 'the new address is confirmed')
    await post.take(first)
    await one.open(moved.link)
    await one.looks('/verify-email', 'a link that is used up')
    assert.equal((await app.userinfo(all.access_token)).body.email, second)

    // Signs out everywhere: elsewhere, then here.
    await signsIn(other, { username: second, password })
    await other.looks('/account', 'signed in by the new address')
    await one.open(`${issuer}/account`)
    await one.press('button[name=which][value=others]')
    await one.looks('/account', 'signed out everywhere else')
    await other.open(`${issuer}/account`)
    await other.looks('/account/sign-in', 'the other browser is signed out')
    await one.press('a[href$="/logout"]')
    await one.looks('/logout', 'signing out')
    await one.press('button[value=logout]')
    await one.looks('/logout', 'signed out')
    await one.open(`${app.base}/?prompt=none`)
    assert.equal(app.last().error, 'login_required')

    // Deletes the account.
    await signsIn(one, { username: second, password })
    await one.press('main a[href$="/account/delete"]')
    await one.looks('/account/delete', 'deleting the account')
    await one.send({ current_password: 'not the password' })
    await one.looks('/account/delete', 'deleting with a wrong password')
    await one.send({ current_password: password })
    await one.looks('/account/delete', 'the account is leaving')
    assert.equal((await post.take(second)).link, undefined)
    assert.equal((await app.refresh(all.refresh_token)).body.error, 'invalid_grant')
    assert.equal((await app.userinfo(all.access_token)).status, 401)
    await one.open(app.base)
    await one.looks('/login', 'nobody is signed in any more')
    await one.send({ username: second, password: 'not the password' })
    await one.looks('/login', 'who does not know the password learns nothing')
    await one.send({ password })
    // The application is not reached: all that is left is to keep the account.
    assert.equal(new URL(one.page.url()).origin, issuer)
    await one.looks(one.path(), 'signing in says that the account is leaving')
    assert.equal(await one.page.locator('[name=password]').count(), 0)
    const { users } = await api('GET', `/api/v1/users?search=${encodeURIComponent(second)}`)
    assert.equal(users.length, 1)
    assert.equal(typeof users[0].leaves_at, 'string')

    await one.leave()
    await other.leave()
  })
}

test('a form is sent once, however often it is pressed, and Caps Lock is told', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.arrive({ scripts: true, width: 390, scheme: 'light', language: 'en', hand: 'pointer' })
  const { page } = visitor
  await visitor.open(`${issuer}/account/sign-in`)
  const caps = (isOn) => page.locator('#password').evaluate((field, on) => {
    field.focus()
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'A', modifierCapsLock: on, bubbles: true }))
    return document.querySelector('.caps').textContent
  }, isOn)
  assert.match(await caps(true), /Caps Lock/)
  await visitor.looks('/account/sign-in', 'Caps Lock is on')
  assert.equal(await caps(false), '')
  let sent = 0
  await page.route('**/account/sign-in*', async (route) => {
    if (route.request().method() === 'POST') {
      sent += 1
      await new Promise((later) => setTimeout(later, 500))
    }
    await route.continue()
  })
  await visitor.fill({ username: 'nobody@mail.example', password: 'whatever it is' })
  const isBusy = await page.evaluate(() => {
    const button = document.querySelector('main form button[type=submit]')
    for (let press = 0; press < 3; press += 1) button.click()
    return button.getAttribute('aria-busy')
  })
  assert.equal(isBusy, 'true')
  await page.waitForSelector('[role=alert]:not([hidden])')
  assert.equal(sent, 1)
  await visitor.looks('/account/sign-in', 'a form that was pressed thrice')
  await visitor.leave()
})
