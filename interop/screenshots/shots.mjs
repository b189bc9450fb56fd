// Pictures of every page and state, on a phone and on a wide screen: `cargo xtask screenshots` writes them to
// docs/screenshots/. Each page is also checked with axe-core and for what is wider than the screen; anything found fails.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Axe from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { api, issuer } from '../kit/setup.mjs'
import { totp } from '../kit/totp.mjs'

const AxeBuilder = Axe.default ?? Axe
const out = process.env.WRIT_SCREENSHOTS
const only = process.env.WRIT_SCREENSHOTS_ONLY
const ADA = { username: 'ada@northlight.example', password: 'five other unrelated words here', name: 'Ada Marlow' }
const found = []

const CLAIMS = ['given_name', 'family_name', 'nickname', 'picture', 'birthdate', 'zoneinfo', 'address.locality', 'phone_number']

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

/** A PNG that the browser has drawn: an application's logo, or a person, as there may be no photograph here. */
async function drawn(browser, what) {
  painter.page ??= await browser.newPage()
  const url = await painter.page.evaluate((kind) => {
    const side = kind === 'logo' ? 128 : 480
    const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side })
    const pen = canvas.getContext('2d')
    pen.scale(side / 128, side / 128)
    if (kind === 'logo') {
      pen.fillStyle = '#f2b632'
      pen.beginPath()
      pen.roundRect(22, 10, 84, 108, 12)
      pen.fill()
      pen.strokeStyle = '#3a2f14'
      pen.lineWidth = 8
      pen.lineCap = 'round'
      for (const [y, end] of [[42, 88], [64, 88], [86, 66]]) {
        pen.beginPath()
        pen.moveTo(42, y)
        pen.lineTo(end, y)
        pen.stroke()
      }
    } else {
      const sky = pen.createLinearGradient(0, 0, 0, 128)
      sky.addColorStop(0, '#8fb6c9')
      sky.addColorStop(1, '#d9e6e4')
      pen.fillStyle = sky
      pen.fillRect(0, 0, 128, 128)
      const oval = (colour, x, y, w, h) => {
        pen.fillStyle = colour
        pen.beginPath()
        pen.ellipse(x, y, w, h, 0, 0, 7)
        pen.fill()
      }
      oval('#3b2a24', 64, 56, 33, 38)
      oval('#2f5d62', 64, 132, 48, 40)
      oval('#c98f70', 64, 92, 13, 20)
      oval('#dba583', 64, 60, 24, 30)
      oval('#3b2a24', 64, 34, 27, 15)
    }
    return canvas.toDataURL('image/png')
  }, what)
  return Buffer.from(url.split(',')[1], 'base64')
}

/** A tenant with Ada, and an application. */
async function tenant(browser, slug, name, { look = {}, texts = {} } = {}) {
  await api('POST', '/api/v1/tenants', {
    slug,
    name,
    settings: { self_registration: true, account_deletion: true, profile_claims: CLAIMS, look, texts },
  })
  const below = { 'X-Tenant-ID': slug }
  await api('POST', '/api/v1/users', { ...ADA, email_verified: true }, below)
  const application = await api('POST', '/api/v1/clients', {
    client_name: 'Fieldnotes',
    token_endpoint_auth_method: 'none',
    application_type: 'web',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://fieldnotes.example/callback'],
    scope: 'openid profile email phone offline_access',
  }, below)
  const television = await api('POST', '/api/v1/clients', {
    client_name: 'Living room',
    token_endpoint_auth_method: 'none',
    grant_types: [DEVICE],
    scope: 'openid profile',
  }, below)
  const logo = `data:image/png;base64,${(await drawn(browser, 'logo')).toString('base64')}`
  await api('PUT', `/api/v1/clients/${application.client_id}/logo`, { logo }, below)
  return { slug, base: `${issuer}/t/${slug}`, client: application.client_id, device: television.client_id }
}

/** A browser of somebody's own. */
async function visitor(browser, { width, scheme = 'light', locale = 'en' }) {
  const height = width < 600 ? 844 : 860
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale,
  })
  return { context, page: await context.newPage(), width, scheme }
}

const painter = {}

/** The picture as WebP, made by the browser itself, not wider than it is looked at: a twentieth of what PNG takes. */
async function small(browser, png) {
  painter.page ??= await browser.newPage()
  const url = await painter.page.evaluate(async (data) => {
    const image = new Image()
    image.src = data
    await image.decode()
    const scale = Math.min(1, 560 / image.width)
    const [width, height] = [image.width * scale, image.height * scale].map(Math.round)
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const pen = canvas.getContext('2d')
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(image, 0, 0, width, height)
    return canvas.toDataURL('image/webp', 0.35)
  }, `data:image/png;base64,${png.toString('base64')}`)
  return Buffer.from(url.split(',')[1], 'base64')
}

/** Looks at the page, and keeps a picture of it. */
async function snap(browser, { page, width, scheme }, name) {
  const file = `${name}-${width}${scheme === 'dark' ? '-dark' : ''}.webp`
  const { violations } = await new AxeBuilder({ page }).analyze()
  for (const { id, nodes } of violations) found.push(`${file}: ${id} at ${nodes.map((node) => node.target).join(', ')}`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  if (wide > width) found.push(`${file}: ${wide} wide`)
  // What sticks to the end of the screen stands at the end of the page.
  const before = page.viewportSize()
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width, height: Math.max(before.height, height) })
  // Drawn anew in that size, or the picture may be an empty one.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  const png = await page.screenshot()
  await page.setViewportSize(before)
  if (process.env.WRIT_SCREENSHOTS_PNG) await writeFile(join(process.env.WRIT_SCREENSHOTS_PNG, file.replace('webp', 'png')), png)
  await writeFile(join(out, file), await small(browser, png))
}

const authorize = (of, more = {}) =>
  `${of.base}/oauth2/authorize?${new URLSearchParams({
    client_id: of.client,
    response_type: 'code',
    redirect_uri: 'https://fieldnotes.example/callback',
    scope: 'openid profile email phone offline_access',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    state: 'x',
    // Whatever was agreed to before.
    prompt: 'consent',
    ...more,
  })}`

/** Presses a button, and waits for the page that follows. */
async function press(page, button) {
  await Promise.all([page.waitForNavigation(), page.click(button)])
}

async function signIn(page, password = ADA.password) {
  await page.fill('[name=username]', ADA.username)
  await page.fill('[name=password]', password)
  await press(page, 'button[type=submit]')
}

/** The pages that everybody sees, in one look. */
async function main(browser, of, look) {
  const keep = (name) => snap(browser, look, of.slug === 'northlight' ? name : `${of.slug}-${name}`)
  const { page } = look
  await page.goto(authorize(of))
  await keep('sign-in')
  await signIn(page)
  await keep('consent')
  await page.goto(`${of.base}/account`)
  await keep('account')
}

/** The newest letter with these words in its subject, as it is shown to developers. */
async function letter(page, words) {
  await page.goto(`${issuer}/dev/mailbox`)
  await Promise.all([page.waitForNavigation(), page.getByRole('link', { name: words }).first().click()])
}

/** Two-step sign-in: set up, used, and taken away. */
async function second(browser, of, look) {
  const { page } = look
  const keep = (name) => snap(browser, look, name)
  const password = () => page.fill('[name=current_password]', ADA.password)
  await page.goto(`${of.base}/account/app`)
  await keep('account-app')
  const key = await page.locator('#key').innerText()
  await page.fill('[name=code]', '000000')
  await password()
  await press(page, 'main form button[type=submit]')
  await keep('account-app-wrong')
  await page.fill('[name=code]', totp(key))
  await password()
  await press(page, 'main form button[type=submit]')
  await keep('account-app-codes')
  const [code] = await page.locator('#codes li').allInnerTexts()
  await page.goto(`${of.base}/account`)
  await keep('account-two-step')
  await page.goto(`${of.base}/account/codes`)
  await keep('account-codes')
  await page.goto(`${of.base}/logout`)
  await press(page, 'button[value=logout]')
  await page.goto(authorize(of))
  await signIn(page)
  await keep('factor')
  await page.fill('[name=code]', '000000')
  await press(page, 'main form button[type=submit]')
  await keep('factor-wrong')
  await press(page, 'main .under a')
  await keep('factor-recovery')
  await page.fill('[name=code]', code)
  await press(page, 'main form button[type=submit]')
  await page.goto(`${of.base}/account`)
  await press(page, 'a[href*="/account/factor?id="]')
  await keep('account-factor')
  await password()
  await press(page, 'main form button[type=submit]')
}

/** A device without a browser. */
async function television(browser, of, look) {
  const { page } = look
  const keep = (name) => snap(browser, look, name)
  const body = new URLSearchParams({ client_id: of.device, scope: 'openid profile' })
  const asked = await (await fetch(`${of.base}/oauth2/device_authorization`, { method: 'POST', body })).json()
  await page.goto(`${of.base}/device`)
  await keep('device')
  await page.fill('[name=user_code]', 'BCDF-GHJK')
  await press(page, 'main form button[type=submit]')
  await keep('device-wrong')
  await page.fill('[name=user_code]', asked.user_code)
  await press(page, 'main form button[type=submit]')
  await keep('device-consent')
  await press(page, 'button[value=allow]')
  await keep('device-allowed')
}

/** All other pages and states. */
async function others(browser, of, look) {
  const { page } = look
  const keep = (name) => snap(browser, look, name)
  const at = (path) => page.goto(of.base + path)
  await page.goto(authorize(of))
  await signIn(page, 'not the password')
  await keep('sign-in-wrong')
  await page.fill('[name=password]', 'not the password')
  await page.click('[data-show]')
  await keep('sign-in-shown')
  await at('/register')
  await keep('register')
  await page.fill('[name=password]', 'correct horse battery staple')
  await page.waitForSelector('.strength[data-level="4"]')
  await keep('register-strong')
  await page.fill('[name=username]', 'grace@northlight.example')
  await page.fill('[name=password]', 'password')
  await press(page, 'button[type=submit]')
  await keep('register-wrong')
  await page.fill('[name=password]', 'seven green umbrellas at noon')
  await press(page, 'button[type=submit]')
  await keep('register-sent')
  await at('/reset-password')
  await keep('reset')
  await page.fill('[name=username]', ADA.username)
  await press(page, 'button[type=submit]')
  await keep('reset-sent')
  await page.goto(`${issuer}/dev/mailbox`)
  await keep('mailbox')
  await letter(page, /new password/i)
  await keep('letter')
  await at('/verify-email?token=lnk_nothing')
  await keep('link-dead')
  await page.goto(authorize(of, { redirect_uri: 'https://fieldnotes.example/callback/' }))
  await keep('refused')
  await page.goto(authorize(of))
  await signIn(page)
  // The application is nowhere: the browser says so.
  await page.click('button[value=allow]')
  await page.waitForURL('chrome-error://**')
  await page.goto(authorize(of, { prompt: 'select_account' }))
  await keep('choose-account')
  await at('/account/profile')
  await keep('account-profile-first')
  await page.fill('[name=given_name]', 'Ada')
  await page.fill('[name=family_name]', 'Marlow')
  await page.fill('[name=birthdate]', 'in spring')
  await press(page, 'form button[type=submit]')
  await keep('account-profile-wrong')
  await page.fill('[name=birthdate]', '1990-05-17')
  await page.fill('[name=nickname]', 'Countess')
  await page.fill('[name="address.locality"]', 'London')
  await press(page, 'form button[type=submit]')
  await keep('account-profile-saved')
  const send = async (name, mimeType, buffer) => {
    await at('/account/profile')
    await page.setInputFiles('[name=picture]', { name, mimeType, buffer })
    await press(page, '#portrait button[type=submit]')
  }
  await send('notes.png', 'image/png', Buffer.from('no picture'))
  await keep('account-picture-wrong')
  await send('ada.png', 'image/png', await drawn(browser, 'person'))
  await keep('account-picture-saved')
  for (const leaf of ['profile', 'email', 'password', 'activity', 'delete']) {
    await at(`/account/${leaf}`)
    await keep(`account-${leaf}`)
  }
  await at('/account/email')
  await page.fill('[name=email]', 'ada@elsewhere.example')
  await page.fill('[name=current_password]', 'not the password')
  await press(page, 'form button[type=submit]')
  await keep('account-email-wrong')
  await at('/account')
  await keep('account-used')
  await second(browser, of, look)
  await television(browser, of, look)
  await at('/account/delete')
  await page.fill('[name=current_password]', ADA.password)
  await press(page, 'form button[type=submit]')
  await keep('deletion-asked')
  await at('/account/sign-in')
  await signIn(page)
  await keep('deletion-keep')
  await press(page, 'form button[type=submit]')
  await keep('deletion-kept')
  await at('/logout')
  await keep('sign-out')
  await press(page, 'button[value=logout]')
  await keep('signed-out')
  await page.goto(issuer)
  await keep('home')
  await page.goto(`${issuer}/dev/components`)
  await keep('components')
  await page.goto(`${issuer}/errors`)
  await keep('errors')
  await page.goto(`${issuer}/errors/invalid_client`)
  await keep('error')
}

await mkdir(out, { recursive: true })
for (const file of await readdir(out)) if (file.endsWith('.webp')) await rm(join(out, file))
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--disable-gpu', '--no-sandbox', '--hide-scrollbars'],
})
try {
  const northlight = await tenant(browser, 'northlight', 'Northlight')
  const looks = [
    await tenant(browser, 'bank', 'Harbour Bank', { look: {
      brand_color: '#0e4a3c', ground_color: '#0c3028', corners: 3,
      help_uri: 'https://bank.example/help', policy_uri: 'https://bank.example/privacy',
      tos_uri: 'https://bank.example/terms',
    } }),
    await tenant(browser, 'game', 'Emberfall', { look: {
      brand_color: '#ff5d2e', ground_color: '#1a0f2e', corners: 16, font: 'rounded',
    } }),
    await tenant(browser, 'charity', 'Open Table', {
      look: { brand_color: '#c13923', ground_color: '#fdf3e1', hue: 60, font: 'serif' },
      texts: {
        en: {
          sign_in_title: 'Good to see you',
          sign_in_intro: 'Volunteers and guests use the same account.',
          consent_intro: 'Open Table never sells what you share.',
          footer: 'Open Table is a registered charity, no. 1123581.',
        },
      },
    }),
  ]
  for (const width of [390, 1280]) {
    for (const scheme of ['light', 'dark']) {
      for (const of of [northlight, ...looks]) {
        if (only && only !== of.slug) continue
        const look = await visitor(browser, { width, scheme })
        await main(browser, of, look)
        await look.context.close()
      }
    }
    if (only) continue
    const look = await visitor(browser, { width })
    await others(browser, northlight, look)
    await look.context.close()
    const arabic = await visitor(browser, { width, locale: 'ar' })
    await arabic.page.goto(authorize(northlight))
    await snap(browser, arabic, 'arabic-sign-in')
    await signIn(arabic.page)
    await snap(browser, arabic, 'arabic-consent')
    await arabic.page.goto(`${northlight.base}/account`)
    await snap(browser, arabic, 'arabic-account')
    await arabic.context.close()
  }
} finally {
  await browser.close()
}
if (found.length) {
  console.error(found.join('\n'))
  process.exitCode = 1
}
