// openid-client, unmodified, with all that OpenID Connect has for careful applications at once; told of sign-outs; and as a
// device without a browser.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as jose from 'jose'
import * as oidc from 'openid-client'
import { Browser, through } from '../kit/browser.mjs'
import { Inbox, called } from '../kit/called.mjs'
import { api, issuer, person, signing } from '../kit/setup.mjs'

const callback = 'https://app.example/callback'
const insecure = { execute: [oidc.allowInsecureRequests] }
const inbox = new Inbox()
let own

before(async () => {
  await api('PUT', '/api/v1/tenants/default', { settings: { registration: 'open' } })
  own = await called(({ path, form }) => {
    if (path === '/backchannel') inbox.take(form)
    return path === '/backchannel' ? 200 : 404
  })
})

after(() => own?.close())

/** A key of the application's, with its public half as it registers it. */
async function key(alg, use, options = {}) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true, ...options })
  const kid = `${use}-${alg}`
  return { kid, alg, key: privateKey, jwk: { ...(await jose.exportJWK(publicKey)), kid, alg, use } }
}

/** Pushes a signed request, comes back with a signed and encrypted answer, and redeems its code. */
async function careful(config, signer, who, browser = new Browser()) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const checks = { pkceCodeVerifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true }
  const parameters = {
    redirect_uri: callback,
    scope: 'openid email',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  }
  const { searchParams: signed } = await oidc.buildAuthorizationUrlWithJAR(config, parameters, signer)
  assert.ok(signed.has('request') && !signed.has('redirect_uri'))
  const url = await oidc.buildAuthorizationUrlWithPAR(config, signed)
  assert.ok(url.searchParams.get('request_uri').startsWith('urn:ietf:params:oauth:request_uri:'))
  const { arrived, page } = await through(browser, url, { ...who, stop: callback })
  assert.ok(arrived, `no answer to the application: ${page?.status} ${page?.text}`)
  assert.deepEqual([...arrived.searchParams.keys()], ['response'])
  return { tokens: await oidc.authorizationCodeGrant(config, arrived, checks), browser }
}

test('private_key_jwt, pushed and signed requests, signed and encrypted answers, pairwise subjects: registered by itself', async () => {
  const [signer, enc] = [await key('ES256', 'sig'), await key('ECDH-ES', 'enc', { crv: 'P-256' })]
  const sealed = (what) => ({ [`${what}_encrypted_response_alg`]: 'ECDH-ES', [`${what}_encrypted_response_enc`]: 'A256GCM' })
  const metadata = {
    client_name: 'A careful application',
    'client_name#de': 'Eine sorgfältige Anwendung',
    redirect_uris: [callback],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [signer.jwk, enc.jwk] },
    subject_type: 'pairwise',
    require_pushed_authorization_requests: true,
    require_signed_request_object: true,
    request_object_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
    userinfo_signed_response_alg: 'ES256',
    authorization_signed_response_alg: 'ES256',
    ...sealed('id_token'),
    ...sealed('userinfo'),
    ...sealed('authorization'),
  }
  const authentication = oidc.PrivateKeyJwt({ key: signer.key, kid: signer.kid })
  const config = await oidc.dynamicClientRegistration(new URL(issuer), metadata, authentication, insecure)
  const registered = config.clientMetadata()
  for (const name of Object.keys(metadata)) assert.deepEqual(registered[name], metadata[name], name)
  assert.equal(registered.client_secret, undefined)
  oidc.useJwtResponseMode(config)
  oidc.enableDecryptingResponses(config, ['A256GCM'], { key: enc.key, kid: enc.kid, alg: enc.alg })
  oidc.enableNonRepudiationChecks(config)

  const who = await person()
  const { tokens } = await careful(config, { key: signer.key, kid: signer.kid }, who)
  const { sub } = tokens.claims()
  assert.equal(tokens.id_token.split('.').length, 5, 'it is encrypted')
  const user = await oidc.fetchUserInfo(config, tokens.access_token, sub)
  assert.equal(user.email, who.username)
  const plain = await oidc.discovery(new URL(issuer), ...(await basic()), insecure)
  assert.notEqual((await usual(plain, who)).claims().sub, sub, 'another application has another name for them')
  const second = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  assert.equal(second.claims()?.sub ?? sub, sub)

  const manage = (method, access, body) => oidc.fetchProtectedResource(
    config, access, new URL(registered.registration_client_uri), method, body && JSON.stringify(body),
    new Headers(body ? { 'content-type': 'application/json' } : {}),
  )
  const changed = { ...metadata, client_id: registered.client_id, 'client_name#de': undefined, 'client_name#ja': '丁寧な' }
  const updated = await (await manage('PUT', registered.registration_access_token, changed)).json()
  assert.deepEqual([updated['client_name#ja'], updated['client_name#de']], ['丁寧な', undefined])
  assert.equal((await manage('DELETE', updated.registration_access_token)).status, 204)
  await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token), { status: 401 })
})

async function basic(more = {}) {
  const app = await signing(more)
  return [app.client_id, app.client_secret, oidc.ClientSecretBasic(app.client_secret)]
}

/** The plain code flow. */
async function usual(config, who, browser = new Browser()) {
  const checks = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), idTokenExpected: true }
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid email',
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
  })
  const { arrived } = await through(browser, url, { ...who, stop: callback })
  return oidc.authorizationCodeGrant(config, arrived, checks)
}

/** Signs the person of a browser out, from one application. */
async function signOut(config, tokens, browser) {
  const url = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token })
  const { page } = await browser.go(url)
  return /name=["']?decision/.test(page.text) ? (await browser.submit(page, { decision: 'logout' })).page : page
}

test('signing out in one application tells the other by back-channel, with sid and sub', async () => {
  const [first, second] = await Promise.all([
    basic().then((app) => oidc.discovery(new URL(issuer), ...app, insecure)),
    basic({ backchannel_logout_uri: `${own.home}/backchannel`, backchannel_logout_session_required: true })
      .then((app) => oidc.discovery(new URL(issuer), ...app, insecure)),
  ])
  const [who, browser] = [await person(), new Browser()]
  const tokens = await usual(first, who, browser)
  const claims = (await usual(second, who, browser)).claims()
  await signOut(first, tokens, browser)
  const keys = jose.createRemoteJWKSet(new URL(second.serverMetadata().jwks_uri))
  const audience = second.clientMetadata().client_id
  const { payload } = await jose.jwtVerify((await inbox.next()).get('logout_token'), keys, { issuer, audience, typ: 'logout+jwt' })
  assert.deepEqual([payload.sub, payload.sid], [claims.sub, claims.sid])
  assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} })
  assert.equal(payload.nonce, undefined)
})

test('signing out in one application tells the other by front-channel', async () => {
  const told = 'https://app.example/frontchannel'
  const [first, second] = await Promise.all([
    basic().then((app) => oidc.discovery(new URL(issuer), ...app, insecure)),
    basic({ frontchannel_logout_uri: told, frontchannel_logout_session_required: true })
      .then((app) => oidc.discovery(new URL(issuer), ...app, insecure)),
  ])
  const [who, browser] = [await person(), new Browser()]
  const tokens = await usual(first, who, browser)
  const { sid } = (await usual(second, who, browser)).claims()
  const page = await signOut(first, tokens, browser)
  const frames = [...page.text.matchAll(/<iframe[^>]*\ssrc="([^"]*)"/g)].map(([, address]) => new URL(address.replaceAll('&amp;', '&').replaceAll('&#38;', '&')))
  const [frame] = frames.filter((address) => address.href.startsWith(told))
  assert.ok(frame, page.text)
  assert.deepEqual([frame.searchParams.get('iss'), frame.searchParams.get('sid')], [issuer, sid])
})

const device = 'urn:ietf:params:oauth:grant-type:device_code'

/** A device, and what its person is told. */
async function waiting() {
  const body = { client_name: 'A television', kind: 'native', grant_types: [device, 'refresh_token'], scope: 'openid email offline_access' }
  const app = await api('POST', '/api/v1/clients', body)
  const config = await oidc.discovery(new URL(issuer), app.client_id, undefined, oidc.None(), insecure)
  const told = await oidc.initiateDeviceAuthorization(config, { scope: 'openid email offline_access' })
  assert.equal(told.verification_uri, `${issuer}/device`)
  return { config, told }
}

test('a device gets what its person agrees to on another one', async () => {
  const [{ config, told }, who] = [await waiting(), await person()]
  const polling = oidc.pollDeviceAuthorizationGrant(config, told)
  const browser = new Browser()
  const { page } = await browser.go(told.verification_uri)
  const typed = told.user_code.toLowerCase().replace('-', ' ')
  let { page: next } = await browser.submit(page, { user_code: typed })
  next = (await browser.submit(next, who)).page
  assert.match(next.text, new RegExp(told.user_code))
  next = (await browser.submit(next, { decision: 'allow' })).page
  assert.match(next.text, /Your device may go on/)
  const tokens = await polling
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, who.username)
  assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token)
})

test('a device is told that its person said no', async () => {
  const [{ config, told }, who] = [await waiting(), await person()]
  const polling = oidc.pollDeviceAuthorizationGrant(config, told)
  const { page } = await through(new Browser(), told.verification_uri_complete, { ...who, decision: 'deny' })
  assert.match(page.text, /Your device gets nothing/)
  await assert.rejects(polling, { error: 'access_denied' })
})
