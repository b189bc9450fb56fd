// A real browser with JavaScript switched off, on a narrow and on a wide screen: from an application's request over the
// pages back to the application, and out again. Each page is looked at as it comes.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { api, client, issuer, person } from '../kit/setup.mjs'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
let browser, application, callback

before(async () => {
  browser = await chromium.launch({ executablePath, args: quiet })
  application = createServer((request, response) => response.end(`the application got ${request.url}`))
  await new Promise((listening) => application.listen(0, '127.0.0.1', listening))
  callback = `http://127.0.0.1:${application.address().port}/callback`
})

after(async () => {
  await browser?.close()
  application?.close()
})

/** What every page keeps: a language, a title, one heading, nothing wider than the screen, a label at every field. */
async function isReadable(page) {
  const wrong = await page.evaluate(() => {
    const found = []
    const root = document.documentElement
    if (!root.lang || !document.title) found.push('no language or title')
    if (document.querySelectorAll('h1').length !== 1) found.push('not one heading')
    if (root.scrollWidth > innerWidth) found.push(`${root.scrollWidth} wide on ${innerWidth}`)
    for (const field of document.querySelectorAll('input:not([type=hidden]):not([hidden])')) {
      if (!field.labels.length) found.push(`no label: ${field.name}`)
    }
    for (const described of document.querySelectorAll('[aria-describedby]')) {
      for (const id of described.getAttribute('aria-describedby').split(' ')) {
        if (!document.getElementById(id)) found.push(`nothing is called ${id}`)
      }
    }
    return found
  })
  assert.deepEqual(wrong, [], `${page.url()}: ${await page.content()}`)
}

/** Waits for the page with this heading, and looks at it. */
async function arrives(page, heading) {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
  await isReadable(page)
}

/** Types into the field in which the page has put the cursor. */
async function type(page, field, text) {
  await page.locator(`#${field}:focus`).waitFor()
  await page.keyboard.type(text)
}

for (const width of [390, 1280]) {
  test(`somebody signs in, shares less than was asked for, and signs out, ${width} px wide`, async () => {
    const name = `An application with a name that is ${'long'.repeat(30)}`
    const app = await client({ name, redirect_uris: [callback] })
    const who = await person()
    const tenant = (await api('GET', '/api/v1/tenants')).tenants.find((one) => one.slug === 'default').name
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width, height: 800 } })
    const page = await context.newPage()
    const ask = (more) => `${issuer}/oauth2/authorize?${new URLSearchParams({
      response_type: 'code', client_id: app.client_id, redirect_uri: callback, state: 's', ...more,
    })}`

    await page.goto(ask({ scope: 'openid profile email read' }))
    await arrives(page, 'Sign in')
    await type(page, 'username', who.username)
    await page.keyboard.press('Tab')
    await type(page, 'password', 'not the password')
    await page.keyboard.press('Enter')
    assert.match(await page.locator('[role=alert]:not([hidden])').textContent(), /username or password is incorrect/)
    await isReadable(page)
    assert.equal(await page.locator('#username').inputValue(), who.username)
    await type(page, 'password', who.password)
    await page.keyboard.press('Enter')

    await arrives(page, `${name} wants to use your ${tenant} account`)
    await page.reload()
    assert.equal(await page.locator('input[type=checkbox]:visible:checked').count(), 3)
    await page.getByText('See your email address').click()
    const consent = page.url()
    await page.locator('button[value=allow]').click()
    await page.waitForURL(`${callback}?**`)
    const answer = new URL(page.url()).searchParams
    assert.deepEqual([answer.get('state'), answer.get('iss')], ['s', issuer])
    const redeemed = await fetch(`${issuer}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${app.client_id}:${app.client_secret}`)}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: callback }),
    })
    assert.equal((await redeemed.json()).scope, 'openid profile read')

    await page.goBack()
    assert.equal(page.url(), consent)
    await page.reload()
    await arrives(page, 'Request refused')
    assert.match(await page.locator('main').textContent(), /You have answered .* already/)

    await page.goto(`${issuer}/logout`)
    await arrives(page, 'Sign out')
    await page.locator('button[value=logout]').click()
    await arrives(page, 'Signed out')
    await page.reload()
    await arrives(page, 'Signed out')
    await page.goto(ask({ scope: 'openid', prompt: 'none' }))
    assert.equal(new URL(page.url()).searchParams.get('error'), 'login_required')
    await context.close()
  })
}
