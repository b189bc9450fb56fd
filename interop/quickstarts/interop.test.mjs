// The quick starts, word by word. A test a page; what a page promises is what is looked at.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { chromium } from 'playwright-core'
import { Browser, through } from '../kit/browser.mjs'
import { issuer } from '../kit/setup.mjs'
import { Walk, admin } from './walk.mjs'

let walk

/** A test of a page; whatever the page has started ends with it. */
const page = (name, what, options, look) => test(`${name}.md: ${what}`, async () => {
  walk = await Walk.of(name, options)
  try {
    await look(walk)
  } finally {
    await walk.end()
    walk = undefined
  }
})

after(() => walk?.end())

async function shown(step, wanted) {
  assert.equal(step.page.status, 200, `${step.page.url}: ${step.page.text}`)
  assert.match(step.page.text, wanted)
  return step.page
}

const address = admin.username.replace('.', '\\.')

page('machine', 'a job gets a token', { skips: /localhost:4000/ }, async (walk) => {
  assert.match(await walk.type('cat token.json'), /"access_token":"ey.*"scope":"reports:read"/)
})

page('express', 'somebody signs in and out', { ports: [3000], serves: /node app\.js/ }, async (walk) => {
  const [home, browser] = [walk.at('http://localhost:3000'), new Browser()]
  await shown(await browser.go(home), /href="\/login"/)
  await shown(await through(browser, `${home}/login`, admin), /Hello \w+/)
  await shown(await browser.go(`${home}/profile`), new RegExp(`"email":"${address}"`))
  assert.equal((await shown(await browser.go(`${home}/logout`), /Sign in/)).url.origin, home)
  assert.match((await browser.go(`${home}/login`)).page.text, /name="password"/)
})

page('nextjs', 'somebody signs in', { ports: [3001], serves: /next dev/ }, async (walk) => {
  const [home, browser] = [walk.at('http://localhost:3001'), new Browser()]
  await shown(await browser.go(home), /Sign in/)
  const { page: choice } = await browser.go(`${home}/api/auth/signin`)
  const { page: login } = await browser.submit(choice, {}, { has: 'csrfToken' })
  assert.equal(login.url.origin, issuer)
  const { page: back } = await through(browser, login.url, admin)
  assert.equal(back.url.origin, home, `${back.text}\n${await walk.served()}`)
  await shown(await browser.go(home), new RegExp(`Hello <!-- -->${address}`))
})

page('flask', 'somebody signs in', { ports: [5000], serves: /python app\.py/ }, async (walk) => {
  const [home, browser] = [walk.at('http://localhost:5000'), new Browser()]
  await shown(await browser.go(home), /href="\/login"/)
  await shown(await through(browser, `${home}/login`, admin), new RegExp(`Hello ${address}`))
})

page('go', 'somebody signs in', { ports: [9000], serves: /go run/ }, async (walk) => {
  await shown(await through(new Browser(), walk.at('http://localhost:9000'), admin), new RegExp(`Hello ${address}`))
})

page('spring', 'somebody signs in and out, and an API is called', { ports: [8081], serves: /spring-boot:run/ }, async (walk) => {
  const [home, browser] = [walk.at('http://localhost:8081'), new Browser()]
  await shown(await through(browser, `${home}/hello`, admin), new RegExp(`Hello ${address}`))
  const { page: form } = await browser.go(`${home}/logout`)
  const { page: out } = await browser.submit(form, {}, { has: '_csrf' })
  assert.equal(out.url.href, `${home}/`)
  assert.match((await browser.go(`${home}/hello`)).page.text, /name="password"/)
  assert.match(walk.printed, /HTTP\/1.1 200[^]*Reports for cli_/)
})

page('native', 'somebody signs in', { serves: /node tool\.mjs/ }, async (walk) => {
  await walk.type('until grep -q "^http" served; do sleep 0.1; done')
  const [, opened] = /^(http\S+)$/m.exec(await walk.served())
  await shown(await through(new Browser(), opened, admin), /You are signed in/)
  await walk.type('wait')
  assert.match(await walk.served(), new RegExp(`Signed in as ${address}`))
})

page('resource-server', 'tokens are verified, and asked about', { ports: [4000, 4001] }, (walk) => {
  const answers = [...walk.printed.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  assert.deepEqual(answers, ['200', '200', '401'], walk.printed)
})

page('oauth2-proxy', 'a folder is shown to somebody who signed in', { ports: [8000, 4180], serves: /oauth2-proxy --provider/ }, async (walk) => {
  const [home, browser] = [walk.at('http://localhost:4180'), new Browser()]
  const { page: choice } = await browser.go(home)
  const { page: login } = await browser.submit(choice, {}, { has: 'rd' })
  await shown(await through(browser, login.url, admin), /The wiki/)
})

page('spa', 'somebody signs in and out, in Chromium', { ports: [5173], serves: /npx http-server/ }, async (walk) => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--disable-gpu'] })
  try {
    const tab = await browser.newPage()
    await tab.goto(walk.at('http://localhost:5173/'))
    await tab.click('#in')
    await tab.fill('input[name=username]', admin.username)
    await tab.fill('input[name=password]', admin.password)
    await tab.click('button[type=submit]')
    await tab.click('button[value=allow]')
    await tab.getByText(/^Hello \w+/).waitFor()
    await tab.click('#out')
    await tab.getByText('Nobody is signed in.').waitFor()
    await tab.click('#in')
    await tab.locator('input[name=password]').waitFor()
  } finally {
    await browser.close()
  }
})
