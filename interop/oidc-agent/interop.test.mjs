// oidc-agent, as Debian packages it: it keeps the tokens of a person for programs on a command line.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Browser, through } from '../kit/browser.mjs'
import { freePort, run, start } from '../kit/program.mjs'
import { api, client, issuer, person } from '../kit/setup.mjs'

let home, env, agent

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'writ-oidc-agent-'))
  env = { HOME: home, OIDC_CONFIG_DIR: home, OIDC_ENCRYPTION_PW: 'what encrypts the file' }
  env.OIDC_SOCK = join(home, 'socket')
  agent = await start('oidc-agent', ['--console', `--socket-path=${env.OIDC_SOCK}`], { env })
})

after(async () => {
  await agent?.stop()
  if (home) await rm(home, { recursive: true })
})

/** Waits until a program has printed what is looked for. */
async function printed(program, wanted, within = 20_000) {
  for (const until = Date.now() + within; Date.now() < until;) {
    const found = wanted.exec(program.output())
    if (found) return found
    await new Promise((later) => setTimeout(later, 50))
  }
  throw new Error(`${wanted} was never printed:\n${program.output()}`)
}

let number = 0

/** Makes an account as somebody would who follows what the program says; by `known` it is told which client it is. */
async function follow(known, redirect) {
  number += 1
  const [name, who] = [`account-${number}`, await person()]
  const program = await start('oidc-gen', [
    ...known, `--issuer=${issuer}`, `--redirect-uri=${redirect}`, '--scope=openid profile email offline_access',
    '--flow=code', '--no-url-call', '--no-scheme', '--prompt=none', '--confirm-yes', '--pw-env', name,
  ], { env })
  const [address] = await printed(program, /http\S+\/oauth2\/authorize\?\S+/)
  const { page } = await through(new Browser(), address, who)
  assert.equal(page.url.origin, redirect, page.text)
  await printed(program, /Everything setup correctly/)
  await program.stop()
  return { name, who }
}

/** An account of a client that was registered for it. */
async function account(registered = {}) {
  const redirect = `http://localhost:${await freePort()}`
  const app = await client({ redirect_uris: [redirect], ...registered })
  return follow(['--manual', `--client-id=${app.client_id}`, `--client-secret=${app.client_secret ?? ''}`], redirect)
}

const token = async (name, ...options) => (await run('oidc-token', [...options, name], { env })).trim()

const userInfo = (bearer) => fetch(`${issuer}/oauth2/userinfo`, { headers: { authorization: `Bearer ${bearer}` } })

for (const [kind, registered] of [['confidential', {}], ['public', { confidential: false }]]) {
  test(`oidc-agent signs somebody in with a ${kind} client, and hands out tokens`, async () => {
    const { name, who } = await account(registered)
    const answer = await userInfo(await token(name))
    assert.equal(answer.status, 200)
    assert.equal((await answer.json()).email, who.username)
  })
}

test('oidc-agent refreshes, and keeps up with the rotation', async () => {
  const { name } = await account()
  const first = await token(name)
  const second = await token(name, '--force-new')
  const third = await token(name, '--force-new')
  assert.equal(new Set([first, second, third]).size, 3)
  assert.equal((await userInfo(third)).status, 200)
})

test('oidc-agent asks for less than it may have', async () => {
  const { name } = await account()
  const narrow = await token(name, '--scope=openid email')
  const { scope } = JSON.parse(Buffer.from(narrow.split('.')[1], 'base64url'))
  assert.deepEqual(scope.split(' ').sort(), ['email', 'openid'])
})

test('oidc-agent gets nothing more for an account that was disabled', async () => {
  const { name, who } = await account()
  await api('PUT', `/api/v1/users/${who.id}`, { enabled: false })
  await assert.rejects(token(name, '--force-new'), /invalid_grant|disabled|Error/)
})

test('oidc-agent registers itself where the tenant lets it', async () => {
  await api('PATCH', '/api/v1/tenant', { settings: { registration: 'open' } })
  const { name, who } = await follow([], `http://localhost:${await freePort()}`)
  const answer = await userInfo(await token(name))
  assert.equal(answer.status, 200)
  assert.equal((await answer.json()).email, who.username)
})
