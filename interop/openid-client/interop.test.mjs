// openid-client, unmodified, against a running server. The names say what each flow shows.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as jose from 'jose'
import * as oidc from 'openid-client'
import { Browser, through } from '../kit/browser.mjs'
import { api, client, issuer, person, signing } from '../kit/setup.mjs'

const callback = 'https://app.example/callback'
const insecure = { execute: [oidc.allowInsecureRequests] }

before(() => api('PUT', '/api/v1/tenants/default', { settings: { refresh_grace: 0, password_grant: true } }))

const discover = (app, authentication) =>
  oidc.discovery(new URL(issuer), app.client_id, app.client_secret ?? undefined, authentication, insecure)

/** An authorization request with PKCE, state and nonce, and what its answer is checked with. */
async function request(config, more = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const checks = { pkceCodeVerifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true }
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...more,
  })
  return { url, checks }
}

/** Signs somebody in and redeems the code. */
async function signIn(config, who, { browser = new Browser(), ...more } = {}) {
  const { url, checks } = await request(config, more)
  const { arrived, page } = await through(browser, url, { ...who, stop: callback })
  assert.ok(arrived, `no answer to the application: ${page?.status} ${page?.text}`)
  const tokens = await oidc.authorizationCodeGrant(config, arrived, checks)
  return { tokens, arrived, checks, browser }
}

for (const [name, authentication] of [
  ['client_secret_basic', oidc.ClientSecretBasic],
  ['client_secret_post', oidc.ClientSecretPost],
]) {
  test(`a confidential client signs somebody in with ${name}`, async () => {
    const [app, who] = [await client(), await person()]
    const config = await discover(app, authentication(app.client_secret))
    const { tokens } = await signIn(config, who)
    const claims = tokens.claims()
    assert.equal(claims.iss, issuer)
    assert.equal(claims.aud, app.client_id)
    const user = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
    assert.equal(user.email, who.username)
    assert.ok(tokens.refresh_token)
    const state = await oidc.tokenIntrospection(config, tokens.access_token)
    assert.deepEqual([state.active, state.sub, state.client_id], [true, claims.sub, app.client_id])
  })
}

/** Holds that the token endpoint knows nobody behind `attempt`. The library keeps the challenge of a 401, and its body unread. */
async function unknown(attempt) {
  const failure = await attempt.then(() => assert.fail('taken for the client'), (failure) => failure)
  assert.deepEqual([failure.code, failure.status], ['OAUTH_WWW_AUTHENTICATE_CHALLENGE', 401], failure)
  assert.equal((await failure.response.json()).error, 'invalid_client')
}

/** Signs somebody in, uses the refresh token, introspects and revokes: each time the client proves itself anew. */
async function throughout(config, app) {
  const { tokens } = await signIn(config, await person())
  assert.equal(tokens.claims().aud, app.client_id)
  const second = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  assert.equal((await oidc.tokenIntrospection(config, second.access_token)).active, true)
  await oidc.tokenRevocation(config, second.access_token)
  assert.equal((await oidc.tokenIntrospection(config, second.access_token)).active, false)
}

for (const alg of ['ES256', 'PS256', 'RS256']) {
  test(`a client signs somebody in with private_key_jwt and ${alg}`, async () => {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true })
    const key = { ...(await jose.exportJWK(publicKey)), kid: 'first', alg, use: 'sig' }
    const app = await signing({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key] } })
    assert.equal(app.client_secret ?? null, null)
    const config = await discover(app, oidc.PrivateKeyJwt({ key: privateKey, kid: 'first' }))
    const advertised = config.serverMetadata().token_endpoint_auth_signing_alg_values_supported
    assert.ok(advertised.includes(alg), advertised)
    await throughout(config, app)
    const other = await jose.generateKeyPair(alg)
    const stranger = await discover(app, oidc.PrivateKeyJwt({ key: other.privateKey, kid: 'first' }))
    await unknown(signIn(stranger, await person()))
  })
}

test('a client signs somebody in with client_secret_jwt', async () => {
  const app = await signing({ token_endpoint_auth_method: 'client_secret_jwt' })
  await throughout(await discover(app, oidc.ClientSecretJwt(app.client_secret)), app)
  const basic = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  await unknown(signIn(basic, await person()))
})

for (const [registration, token] of [['open', false], ['token', true]]) {
  test(`an application registers itself where that is ${registration}, manages itself and goes`, async () => {
    await api('PUT', '/api/v1/tenants/default', { settings: { registration } })
    const made = token && (await api('POST', '/api/v1/registration-tokens', { name: 'openid-client' }))
    const metadata = {
      client_name: 'Registered by openid-client',
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'refresh_token'],
      // What the library does where it is not told otherwise.
      token_endpoint_auth_method: 'client_secret_post',
    }
    const options = { ...insecure, ...(token ? { initialAccessToken: made.initial_access_token } : {}) }
    const config = await oidc.dynamicClientRegistration(new URL(issuer), metadata, undefined, options)
    const registered = config.clientMetadata()
    await throughout(config, registered)

    const manage = async (method, access, body) => {
      const headers = new Headers(body ? { 'content-type': 'application/json' } : {})
      const at = new URL(registered.registration_client_uri)
      return oidc.fetchProtectedResource(config, access, at, method, body && JSON.stringify(body), headers)
    }
    const access = registered.registration_access_token
    const shown = await (await manage('GET', access)).json()
    assert.deepEqual([shown.client_name, shown.client_id], [metadata.client_name, registered.client_id])
    const changed = { ...metadata, client_id: registered.client_id, client_name: 'Another name' }
    const updated = await (await manage('PUT', access, changed)).json()
    assert.equal(updated.client_name, 'Another name')
    await assert.rejects(manage('GET', access), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' })
    assert.equal((await manage('DELETE', updated.registration_access_token)).status, 204)
    await unknown(oidc.clientCredentialsGrant(config))
  })
}

test('a public client signs somebody in with PKCE alone', async () => {
  const [app, who] = [await client({ confidential: false }), await person()]
  assert.equal(app.client_secret ?? null, null)
  const config = await discover(app, oidc.None())
  const { tokens } = await signIn(config, who)
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).sub, tokens.claims().sub)
})

test('a public client without a challenge is refused', async () => {
  const app = await client({ confidential: false })
  const config = await discover(app, oidc.None())
  const url = oidc.buildAuthorizationUrl(config, { redirect_uri: callback, scope: 'openid', state: 'abc' })
  const { arrived } = await through(new Browser(), url, { ...(await person()), stop: callback })
  assert.equal(arrived.searchParams.get('error'), 'invalid_request')
  assert.equal(arrived.searchParams.get('iss'), issuer)
})

test('a native application may listen on any loopback port', async () => {
  const app = await client({ confidential: false, redirect_uris: ['http://127.0.0.1/callback'] })
  const config = await discover(app, oidc.None())
  const port = 'http://127.0.0.1:49152/callback'
  const { url, checks } = await request(config, { redirect_uri: port })
  const { arrived } = await through(new Browser(), url, { ...(await person()), stop: port })
  assert.ok((await oidc.authorizationCodeGrant(config, arrived, checks)).access_token)
})

test('a wrong verifier gets nothing', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { url, checks } = await request(config)
  const { arrived } = await through(new Browser(), url, { ...(await person()), stop: callback })
  const wrong = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }
  await assert.rejects(oidc.authorizationCodeGrant(config, arrived, wrong), { error: 'invalid_grant' })
})

test('a code that is redeemed twice ends what it gave', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { tokens, arrived, checks } = await signIn(config, await person())
  await assert.rejects(oidc.authorizationCodeGrant(config, arrived, checks), { error: 'invalid_grant' })
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false)
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' })
})

for (const confidential of [true, false]) {
  const kind = confidential ? 'confidential' : 'public'
  test(`refresh tokens of a ${kind} client rotate, and reuse ends the family`, async () => {
    const app = await client({ confidential })
    const config = await discover(app, confidential ? oidc.ClientSecretBasic(app.client_secret) : oidc.None())
    const { tokens: first } = await signIn(config, await person(), { scope: 'openid email offline_access read' })
    const second = await oidc.refreshTokenGrant(config, first.refresh_token)
    assert.notEqual(second.refresh_token, first.refresh_token)
    assert.equal(second.claims()?.sub ?? first.claims().sub, first.claims().sub)
    const narrow = await oidc.refreshTokenGrant(config, second.refresh_token, { scope: 'read' })
    assert.equal(narrow.scope, 'read')
    await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token), { error: 'invalid_grant' })
    await assert.rejects(oidc.refreshTokenGrant(config, narrow.refresh_token), { error: 'invalid_grant' })
    await assert.rejects(oidc.fetchUserInfo(config, second.access_token, first.claims().sub))
  })
}

test('revoking a refresh token ends its whole grant', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { tokens } = await signIn(config, await person())
  await oidc.tokenRevocation(config, tokens.refresh_token)
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false)
  assert.equal((await oidc.tokenIntrospection(config, tokens.refresh_token)).active, false)
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' })
})

test('revoking an access token leaves the refresh token alone', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { tokens } = await signIn(config, await person())
  await oidc.tokenRevocation(config, tokens.access_token)
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false)
  assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token)
})

test('a person who says no is taken at their word', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { url, checks } = await request(config)
  const { arrived } = await through(new Browser(), url, { ...(await person()), decision: 'deny', stop: callback })
  assert.equal(arrived.searchParams.get('iss'), issuer)
  await assert.rejects(oidc.authorizationCodeGrant(config, arrived, checks), { error: 'access_denied' })
})

test('prompt=none asks nobody anything', async () => {
  const [app, who] = [await client(), await person()]
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const silent = await request(config, { prompt: 'none' })
  const stranger = await new Browser().go(silent.url, { stop: callback })
  assert.equal(stranger.arrived.searchParams.get('error'), 'login_required')
  assert.equal(stranger.arrived.searchParams.get('state'), silent.checks.expectedState)

  const { browser, tokens } = await signIn(config, who)
  const other = await client()
  const otherConfig = await discover(other, oidc.ClientSecretBasic(other.client_secret))
  const unasked = await request(otherConfig, { prompt: 'none' })
  const refused = await browser.go(unasked.url, { stop: callback })
  assert.equal(refused.arrived.searchParams.get('error'), 'consent_required')

  const again = await request(config, { prompt: 'none', id_token_hint: tokens.id_token })
  const { arrived } = await browser.go(again.url, { stop: callback })
  if (!arrived.searchParams.get('error')) {
    assert.equal((await oidc.authorizationCodeGrant(config, arrived, again.checks)).claims().sub, tokens.claims().sub)
  } else {
    // The person was not asked to have the decision remembered.
    assert.equal(arrived.searchParams.get('error'), 'consent_required')
  }
})

test('an ID token is signed with RS256 where nothing else was chosen', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { tokens } = await signIn(config, await person())
  assert.equal(jose.decodeProtectedHeader(tokens.id_token).alg, 'RS256')
})

for (const [alg, enc, options] of [
  ['RSA-OAEP-256', 'A128CBC-HS256', { modulusLength: 2048 }],
  ['ECDH-ES', 'A256GCM', { crv: 'P-256' }],
  ['ECDH-ES', 'A256GCM', { crv: 'X25519' }],
]) {
  test(`ID and access tokens are encrypted with ${alg} and ${enc} to ${options.crv ?? 'an RSA key'}`, async () => {
    const app = await client()
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { ...options, extractable: true })
    const jwks = { keys: [{ ...(await jose.exportJWK(publicKey)), kid: 'mine', use: 'enc' }] }
    await api('PATCH', `/api/v1/clients/${app.client_id}`, {
      id_token_encrypted_response_alg: alg,
      // A128CBC-HS256 is what holds where none is named.
      ...(enc === 'A256GCM' ? { id_token_encrypted_response_enc: enc, access_token_encrypted_response_enc: enc } : {}),
      access_token_encrypted_response_alg: alg,
      jwks,
    })
    const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
    oidc.enableDecryptingResponses(config, [enc], { key: privateKey, kid: 'mine', alg })
    const who = await person()
    const { tokens } = await signIn(config, who)
    assert.equal(tokens.claims().iss, issuer)
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, who.username)
    assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, true)

    const outer = await jose.compactDecrypt(tokens.access_token, privateKey, { contentEncryptionAlgorithms: [enc] })
    assert.deepEqual([outer.protectedHeader.cty, outer.protectedHeader.kid], ['JWT', 'mine'])
    const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri))
    const inner = await jose.jwtVerify(new TextDecoder().decode(outer.plaintext), keys, { typ: 'at+jwt', issuer })
    assert.equal(inner.payload.jti, outer.protectedHeader.jti)
    const again = await oidc.refreshTokenGrant(config, tokens.refresh_token)
    assert.equal(again.claims().sub, tokens.claims().sub)
    await oidc.tokenRevocation(config, again.access_token)
    assert.equal((await oidc.tokenIntrospection(config, again.access_token)).active, false)
  })
}

test('max_age is kept, and told in auth_time', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { tokens } = await signIn(config, await person(), { max_age: '300' })
  assert.ok(Math.abs(tokens.claims().auth_time - Date.now() / 1000) < 60)
})

test('prompt=login asks for the password again', async () => {
  const [app, who] = [await client(), await person()]
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { browser } = await signIn(config, who)
  const { url } = await request(config, { prompt: 'login' })
  const { page } = await browser.go(url, { stop: callback })
  assert.match(page.text, /name="password"/)
})

test('form_post posts the answer to the application', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { url, checks } = await request(config, { response_mode: 'form_post' })
  const { page } = await through(new Browser(), url, { ...(await person()), stop: callback })
  const { action, method, fields } = page.form('code')
  assert.deepEqual([action.href, method], [callback, 'POST'])
  const body = new URLSearchParams([...fields].map(([name, [value]]) => [name, value]))
  const posted = new Request(callback, { method: 'POST', body })
  assert.ok((await oidc.authorizationCodeGrant(config, posted, checks)).access_token)
})

test('an unknown redirect URI is a page, never a redirect', async () => {
  const app = await client()
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { url } = await request(config, { redirect_uri: 'https://evil.example/callback' })
  const { page } = await new Browser().go(url)
  assert.equal(page.status, 400)
  assert.match(page.text, /Request refused/)
})

test('a machine gets a token of its own', async () => {
  const app = await client({ grant_types: ['client_credentials'], redirect_uris: [], scope: 'read' })
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const tokens = await oidc.clientCredentialsGrant(config, { scope: 'read' })
  assert.equal(tokens.expires_in, 3600)
})

test('the password grant works where tenant and client have it', async () => {
  const [app, who] = [await client({ grant_types: ['password', 'refresh_token'], redirect_uris: [] }), await person()]
  const config = await discover(app, oidc.ClientSecretBasic(app.client_secret))
  const { username, password } = who
  const tokens = await oidc.genericGrantRequest(config, 'password', { username, password, scope: 'openid read' })
  assert.ok(tokens.refresh_token)
  const wrong = { username, password: 'wrong', scope: 'openid' }
  await assert.rejects(oidc.genericGrantRequest(config, 'password', wrong), { error: 'invalid_grant' })
})
