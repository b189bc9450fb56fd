// Chromium holds every hop of the way that a form starts to `form-action`. An application's callback may send the
// browser on to another origin (a broker, www to the apex, a scheme of its own): the sign-in has to get there.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { api, client, issuer, person } from '../kit/setup.mjs'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
let browser, callback, landing, servers

async function listening(answer) {
  const server = createServer(answer)
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  servers.push(server)
  return `http://127.0.0.1:${server.address().port}`
}

before(async () => {
  servers = []
  browser = await chromium.launch({ executablePath, args: quiet })
  landing = `${await listening((request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>Landed</title><h1>Landed</h1>')
  })}/landed`
  // What was posted or asked for is sent on, to another origin.
  callback = `${await listening(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const query = new URL(request.url, 'http://x').search.slice(1)
    response.writeHead(303, { location: `${landing}?${body || query}` }).end()
  })}/callback`
})

after(async () => {
  await browser?.close()
  for (const server of servers) server.close()
})

const ask = (app, more) => `${issuer}/oauth2/authorize?${new URLSearchParams({
  response_type: 'code', client_id: app.client_id, redirect_uri: callback, scope: 'openid read', state: 's', ...more,
})}`

async function signIn(page, who) {
  await page.locator('input[name=username]').fill(who.username)
  await page.locator('input[name=password]').fill(who.password)
  await page.locator('button[type=submit]').first().click()
}

/** Where the browser ends, and what it brought there. */
async function lands(page) {
  await page.waitForURL(`${landing}?**`, { timeout: 10_000 })
  await page.getByRole('heading', { level: 1, name: 'Landed' }).waitFor()
  return new URL(page.url()).searchParams
}

for (const javaScriptEnabled of [false, true]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts'

  test(`a callback that redirects on is reached from every page, ${how}`, async () => {
    const app = await client({ redirect_uris: [callback] })
    await api('PATCH', `/api/v1/clients/${app.client_id}`, { post_logout_redirect_uris: [callback] })
    const who = await person()
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await context.newPage()
    const errors = []
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))

    // From the consent page, a yes and a no.
    await page.goto(ask(app))
    await signIn(page, who)
    await page.locator('button[value=allow]').click()
    assert.match((await lands(page)).get('code'), /^code_/)
    await page.goto(ask(app, { prompt: 'consent' }))
    await page.locator('button[value=deny]').click()
    assert.equal((await lands(page)).get('error'), 'access_denied')

    // From the sign-in page: nothing else is asked.
    await page.goto(ask(app, { prompt: 'login' }))
    await signIn(page, who)
    assert.match((await lands(page)).get('code'), /^code_/)

    // From the form that posts the answer.
    await page.goto(ask(app, { prompt: 'consent', response_mode: 'form_post' }))
    await page.locator('button[value=allow]').click()
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click()
    assert.match((await lands(page)).get('code'), /^code_/)

    // From the sign-out page.
    await page.goto(`${issuer}/oauth2/logout?${new URLSearchParams({ client_id: app.client_id, post_logout_redirect_uri: callback, state: 'out' })}`)
    await page.locator('button[value=logout]').click()
    assert.equal((await lands(page)).get('state'), 'out')
    assert.deepEqual(errors, [], 'nothing is held back')
    await context.close()
  })
}

test('a consent page of the tenant\'s own, which redirects on, is reached from the sign-in page', async () => {
  const slug = `own-${process.pid}`
  await api('POST', '/api/v1/tenants', { slug, name: 'Own pages', settings: { consent_url: callback } })
  const there = { 'x-tenant-id': slug }
  const app = await api('POST', '/api/v1/oauth/clients', {
    name: 'Elsewhere', redirect_uris: [callback], grant_types: ['authorization_code'], scope: 'openid read',
  }, there)
  const who = { username: `ada-${process.pid}@example.com`, password: `quite unguessable ${crypto.randomUUID()}` }
  await api('POST', '/api/v1/users', { ...who, name: 'Ada' }, there)
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(ask(app).replace('/oauth2/authorize', `/t/${slug}/oauth2/authorize`))
  await signIn(page, who)
  assert.match((await lands(page)).get('login_challenge'), /^ch_/)
  await context.close()
})

test('a form whose answer was lost is sent again, and a double click answers once', async () => {
  const app = await client({ redirect_uris: [callback] })
  const who = await person()
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(ask(app))
  // The same form, as it reaches the server the first time; its answer, and the cookie in it, never reach the browser.
  const sent = await fetch(new URL(await page.locator('form').first().getAttribute('action'), issuer), {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: (await context.cookies(issuer)).map(({ name, value }) => `${name}=${value}`).join('; '), origin: issuer },
    body: new URLSearchParams({ ...who, csrf: await page.locator('input[name=csrf]').first().inputValue() }),
  })
  assert.equal(sent.status, 303)
  await signIn(page, who)
  const allow = page.locator('button[value=allow]')
  await allow.waitFor()
  await allow.dblclick({ noWaitAfter: true })
  assert.match((await lands(page)).get('code'), /^code_/)
  await context.close()
})
