// The `openidconnect` crate, unmodified, in a program of its own.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { Browser, through } from '../kit/browser.mjs'
import { api, client, issuer, person } from '../kit/setup.mjs'

const callback = 'https://app.example/callback'

/** Runs the program; the browser does what the address says and takes the answer back. */
async function signIn(app, who, more = {}) {
  const env = { ...process.env, ISSUER: issuer, CALLBACK: callback, CLIENT_ID: app.client_id, CLIENT_SECRET: app.client_secret ?? '' }
  const child = spawn('target/debug/writ-interop-openidconnect', [], { env })
  const ended = new Promise((done, failed) => child.once('close', done).once('error', failed))
  let [output, complaint] = ['', '']
  child.stderr.on('data', (text) => { complaint += text })
  child.stdout.on('data', (text) => { output += text })
  await Promise.race([ended, new Promise((printed) => child.stdout.once('data', printed))])
  const [address] = output.split('\n')
  assert.match(address, /^http/, complaint)
  const { arrived } = await through(new Browser(), address, { ...who, stop: callback, ...more })
  child.stdin.end(`${arrived}\n`)
  if ((await ended) !== 0) throw new Error(complaint)
  return JSON.parse(output.split('\n')[1])
}

for (const [kind, registered] of [['confidential', {}], ['public', { confidential: false }]]) {
  test(`the crate signs somebody in with a ${kind} client, reads UserInfo, and refreshes`, async () => {
    const [app, who] = [await client(registered), await person()]
    const found = await signIn(app, who)
    assert.deepEqual([found.email, found.userinfo, found.rotated], [who.username, who.username, true])
  })
}

for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
  test(`the crate verifies ID tokens signed with ${alg}`, async () => {
    const [app, who] = [await client(), await person()]
    await api('PATCH', `/api/v1/clients/${app.client_id}`, { id_token_signed_response_alg: alg })
    const found = await signIn(app, who)
    assert.equal(found.email, who.username)
  })
}

test('a person who says no is told to the program', async () => {
  await assert.rejects(signIn(await client(), await person(), { decision: 'deny' }), /access_denied/)
})
