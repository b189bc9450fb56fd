// oauth4webapi, unmodified, through the flows of its own end-to-end tests: each application registers itself, and
// checks all that the library can check.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as jose from 'jose'
import * as lib from 'oauth4webapi'
import { Browser, through } from '../kit/browser.mjs'
import { api, issuer, person } from '../kit/setup.mjs'

const callback = 'http://localhost:8080/cb'
const alg = 'ES256'
const device = 'urn:ietf:params:oauth:grant-type:device_code'
const insecure = { [lib.allowInsecureRequests]: true }

before(() => api('PUT', '/api/v1/tenants/default', { settings: {
  registration: 'open',
  registration_policy: {
    grant_types: ['authorization_code', 'refresh_token', 'implicit', 'client_credentials', device],
    scopes: ['openid', 'email', 'offline_access', 'read'],
  },
} }).then(() => api('POST', '/api/v1/oauth/scopes', { name: 'read', description: 'Read' }).catch(() => {})))

const discover = async () =>
  lib.processDiscoveryResponse(new URL(issuer), await lib.discoveryRequest(new URL(issuer), insecure))

/** An application with the keys that it signs and decrypts with. */
async function application(as, metadata, { jar, jwtUserinfo, jwtIntrospection, encryption } = {}) {
  const [own, sealed] = await Promise.all([jose.generateKeyPair(alg, { extractable: true }), jose.generateKeyPair('ECDH-ES', { extractable: true })])
  const jwk = async (key, more) => ({ ...(await jose.exportJWK(key)), kid: `${more.use}-${crypto.randomUUID()}`, ...more })
  const [mine, theirs] = [await jwk(own.publicKey, { alg, use: 'sig' }), await jwk(sealed.publicKey, { alg: 'ECDH-ES', use: 'enc' })]
  const keys = [...(jar ? [mine] : []), ...(encryption ? [theirs] : [])]
  const response = await lib.dynamicClientRegistrationRequest(as, {
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: alg,
    authorization_signed_response_alg: alg,
    introspection_signed_response_alg: alg,
    ...(jar ? { request_object_signing_alg: alg } : {}),
    ...(jwtUserinfo ? { userinfo_signed_response_alg: alg } : {}),
    ...(encryption ? { id_token_encrypted_response_alg: 'ECDH-ES', authorization_encrypted_response_alg: 'ECDH-ES' } : {}),
    ...(encryption && jwtUserinfo ? { userinfo_encrypted_response_alg: 'ECDH-ES' } : {}),
    ...(encryption && jwtIntrospection ? { introspection_encrypted_response_alg: 'ECDH-ES' } : {}),
    ...(keys.length ? { jwks: { keys } } : {}),
    ...metadata,
  }, insecure)
  const client = await lib.processDynamicClientRegistrationResponse(response)
  const decrypt = async (jwe) => {
    const options = { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A128CBC-HS256'] }
    return new TextDecoder().decode((await jose.compactDecrypt(jwe, sealed.privateKey, options)).plaintext)
  }
  return {
    client: { ...client, introspection_signed_response_alg: jwtIntrospection ? alg : undefined },
    auth: lib.ClientSecretBasic(client.client_secret),
    signer: { kid: mine.kid, key: own.privateKey },
    opening: { ...insecure, [lib.jweDecrypt]: decrypt },
  }
}

/** Leaves nothing of a request but who asks, and what stands for the rest. */
function instead(params, name, value) {
  for (const known of [...params.keys()]) if (known !== 'client_id') params.delete(known)
  params.set(name, value)
}

for (const flags of [
  [], ['par'], ['jar'], ['par', 'jar'], ['encryption'], ['jarm'], ['jarm', 'encryption'], ['jwtUserinfo'],
  ['jwtUserinfo', 'encryption'], ['hybrid'], ['hybrid', 'encryption'], ['dpop'], ['par', 'dpop'], ['par', 'jar', 'dpop'],
  ['dpop', 'encryption'], ['jarm', 'dpop'], ['jwtUserinfo', 'dpop'], ['hybrid', 'dpop'],
]) {
  const on = Object.fromEntries(flags.map((flag) => [flag, true]))
  test(`a code is redeemed, a person known, a token refreshed: ${flags.join(', ') || 'plain'}`, async () => {
    const [as, who] = [await discover(), await person()]
    const { client, auth, signer, opening } = await application(as, {
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'refresh_token', ...(on.hybrid ? ['implicit'] : [])],
      response_types: [on.hybrid ? 'code id_token' : 'code'],
      require_auth_time: true,
      ...(on.dpop ? { dpop_bound_access_tokens: true } : {}),
    }, on)
    const own = on.dpop ? lib.DPoP(client, await lib.generateKeyPair(alg)) : undefined
    const bound = { ...insecure, DPoP: own }
    const verifier = lib.generateRandomCodeVerifier()
    const nonce = on.hybrid ? lib.generateRandomNonce() : undefined
    const params = new URLSearchParams({
      client_id: client.client_id,
      code_challenge: await lib.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      redirect_uri: callback,
      response_type: on.hybrid ? 'code id_token' : 'code',
      scope: 'openid offline_access',
      prompt: 'consent',
      max_age: '30',
      ...(nonce ? { nonce } : {}),
      ...(on.jarm ? { response_mode: 'jwt' } : {}),
    })
    if (on.jar) instead(params, 'request', await lib.issueRequestObject(as, client, params, signer))
    if (on.par) {
      const pushed = await lib.pushedAuthorizationRequest(as, client, auth, params, bound)
      instead(params, 'request_uri', (await lib.processPushedAuthorizationResponse(as, client, pushed)).request_uri)
    }
    const { arrived, page } = await through(new Browser(), `${as.authorization_endpoint}?${params}`, { ...who, stop: callback })
    assert.ok(arrived, `no answer to the application: ${page?.status} ${page?.text}`)
    const answer = on.hybrid
      ? await lib.validateCodeIdTokenResponse(as, client, arrived, nonce, lib.expectNoState, 30, opening)
      : on.jarm
        ? await lib.validateJwtAuthResponse(as, client, arrived, lib.expectNoState, opening)
        : lib.validateAuthResponse(as, client, arrived, lib.expectNoState)

    const redeemed = await lib.authorizationCodeGrantRequest(as, client, auth, answer, callback, verifier, bound)
    const tokens = await lib.processAuthorizationCodeResponse(as, client, redeemed, { requireIdToken: true, expectedNonce: nonce, maxAge: 30, ...opening })
    assert.equal(tokens.token_type, on.dpop ? 'dpop' : 'bearer')
    const { sub } = lib.getValidatedIdTokenClaims(tokens)
    await lib.validateApplicationLevelSignature(as, redeemed, insecure)
    const told = await lib.userInfoRequest(as, client, tokens.access_token, bound)
    await lib.processUserInfoResponse(as, client, sub, told, opening)
    if (on.jwtUserinfo) await lib.validateApplicationLevelSignature(as, told, insecure)
    const refreshed = await lib.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, bound)
    assert.ok((await lib.processRefreshTokenResponse(as, client, refreshed, opening)).access_token)
  })
}

for (const [how, more] of [['plain', {}], ['signed', { jwtIntrospection: true }], ['signed and encrypted', { jwtIntrospection: true, encryption: true }]]) {
  test(`a machine gets a token, asks about it and ends it; the answer is ${how}`, async () => {
    const as = await discover()
    const { client, auth, opening } = await application(as, { grant_types: ['client_credentials'], scope: 'read', response_types: [], redirect_uris: [] }, more)
    const response = await lib.clientCredentialsGrantRequest(as, client, auth, new URLSearchParams({ scope: 'read' }), insecure)
    const { access_token } = await lib.processClientCredentialsResponse(as, client, response)
    const ask = async () => {
      const asked = await lib.introspectionRequest(as, client, auth, access_token, { requestJwtResponse: Boolean(more.jwtIntrospection), ...insecure })
      const said = await lib.processIntrospectionResponse(as, client, asked, opening)
      if (more.jwtIntrospection) await lib.validateApplicationLevelSignature(as, asked, insecure)
      return said
    }
    const said = await ask()
    assert.deepEqual([said.active, said.client_id, said.scope], [true, client.client_id, 'read'])
    await lib.processRevocationResponse(await lib.revocationRequest(as, client, auth, access_token, insecure))
    assert.equal((await ask()).active, false)
  })
}

test('a device waits for its person', async () => {
  const [as, who] = [await discover(), await person()]
  const { client, auth, opening } = await application(as, { grant_types: ['refresh_token', device], response_types: [], redirect_uris: [] })
  const begun = await lib.deviceAuthorizationRequest(as, client, auth, new URLSearchParams({ scope: 'openid' }), insecure)
  const { verification_uri_complete, device_code, interval } = await lib.processDeviceAuthorizationResponse(as, client, begun)
  const poll = async () => lib.processDeviceCodeResponse(as, client, await lib.deviceCodeGrantRequest(as, client, auth, device_code, insecure), opening)
  await assert.rejects(poll(), { error: 'authorization_pending' })
  await assert.rejects(poll(), { error: 'slow_down' })
  const { page } = await through(new Browser(), verification_uri_complete, who)
  assert.match(page.text, /Your device may go on/)
  await new Promise((later) => setTimeout(later, interval * 1000))
  assert.ok((await poll()).access_token)
})

/** The second try has the nonce that the first one was answered with. */
async function again(call) {
  try {
    return await call()
  } catch (error) {
    if (!lib.isDPoPNonceError(error)) throw error
    return call()
  }
}

test('a tenant demands nonces: the library is told of them, and goes on', async () => {
  const slug = `nonces-${process.pid}`
  await api('POST', '/api/v1/tenants', { slug, name: 'Nonces', settings: { require_dpop_nonce: true } })
  const there = new URL(`${issuer}/t/${slug}`)
  const as = await lib.processDiscoveryResponse(there, await lib.discoveryRequest(there, insecure))
  assert.deepEqual(as.dpop_signing_alg_values_supported, ['ES256', 'RS256', 'PS256', 'EdDSA'])
  const made = await api('POST', '/api/v1/clients', { client_name: 'Job', grant_types: ['client_credentials'], scope: 'read users:read' }, { 'x-tenant-id': slug })
  const [client, auth] = [{ client_id: made.client_id }, lib.ClientSecretBasic(made.client_secret)]
  const DPoP = lib.DPoP(client, await lib.generateKeyPair(alg))
  let tries = 0
  const ask = async () => {
    tries += 1
    const response = await lib.clientCredentialsGrantRequest(as, client, auth, new URLSearchParams(), { ...insecure, DPoP })
    return lib.processClientCredentialsResponse(as, client, response)
  }
  const { access_token } = await again(ask)
  assert.equal(tries, 2)
  const call = async () => (await lib.protectedResourceRequest(access_token, 'GET', new URL(`${there}/api/v1/users`), undefined, undefined, { ...insecure, DPoP })).json()
  assert.ok(Array.isArray((await again(call)).users))
})
