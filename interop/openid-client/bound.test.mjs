// openid-client, unmodified, with tokens that are bound to a key of the application's (DPoP, RFC 9449): in the first tenant,
// and in one that demands proofs with its nonces.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as oidc from 'openid-client'
import { Browser, through } from '../kit/browser.mjs'
import { api, issuer } from '../kit/setup.mjs'

const callback = 'https://app.example/callback'
const insecure = { execute: [oidc.allowInsecureRequests] }
const slug = `bound-${process.pid}`
const places = [
  { name: 'the first tenant', at: issuer, tenant: {} },
  { name: 'a tenant that demands nonces', at: `${issuer}/t/${slug}`, tenant: { 'x-tenant-id': slug } },
]

before(() => api('POST', '/api/v1/tenants', {
  slug, name: 'Bound', settings: { dpop_bound_access_tokens: true, require_dpop_nonce: true },
}))

async function application({ at, tenant }, more) {
  const app = await api('POST', '/api/v1/clients', {
    client_name: 'An application with a key',
    redirect_uris: [callback],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid email offline_access',
    dpop_bound_access_tokens: true,
    ...more,
  }, tenant)
  const authentication = app.client_secret ? oidc.ClientSecretBasic(app.client_secret) : oidc.None()
  return oidc.discovery(new URL(at), app.client_id, { dpop_bound_access_tokens: true }, authentication, insecure)
}

async function somebody({ tenant }) {
  const who = { username: `bound-${crypto.randomUUID()}@example.com`, password: `quite unguessable ${crypto.randomUUID()}` }
  await api('POST', '/api/v1/users', { ...who, name: 'Bound' }, tenant)
  return who
}

for (const place of places) {
  for (const [kind, more] of [['with a secret', {}], ['without one', { kind: 'native', redirect_uris: ['http://127.0.0.1/callback'] }]]) {
    for (const pushed of [false, true]) {
      test(`${place.name}, an application ${kind}${pushed ? ', pushed' : ''}: code, UserInfo and refresh with a key`, async () => {
        const [config, who] = [await application(place, more), await somebody(place)]
        const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
        const redirect_uri = more.redirect_uris?.[0] ?? callback
        const checks = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), idTokenExpected: true }
        const parameters = {
          redirect_uri,
          scope: 'openid email offline_access',
          code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
          code_challenge_method: 'S256',
          state: checks.expectedState,
          ...(pushed ? {} : { dpop_jkt: await DPoP.calculateThumbprint() }),
        }
        const url = pushed
          ? await oidc.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
          : oidc.buildAuthorizationUrl(config, parameters)
        const { arrived, page } = await through(new Browser(), url, { ...who, stop: redirect_uri })
        assert.ok(arrived, `no answer to the application: ${page?.status} ${page?.text}`)
        const stranger = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
        await assert.rejects(oidc.authorizationCodeGrant(config, arrived, checks, undefined, { DPoP: stranger }), { error: 'invalid_grant' })

        const tokens = await oidc.authorizationCodeGrant(config, arrived, checks, undefined, { DPoP })
        assert.equal(tokens.token_type, 'dpop')
        const { sub } = tokens.claims()
        const user = await oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP })
        assert.equal(user.email, who.username)
        await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub), { status: 401 })
        await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP: stranger }), { status: 401 })
        if (!config.clientMetadata().client_secret && kind === 'without one') {
          await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: stranger }), { error: 'invalid_grant' })
        }
        const next = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
        assert.equal(next.token_type, 'dpop')
        assert.equal((await oidc.fetchUserInfo(config, next.access_token, sub, { DPoP })).sub, sub)
      })
    }
  }

  test(`${place.name}: a machine gets a token for its key, and introspection tells which`, async () => {
    const more = { grant_types: ['client_credentials'], redirect_uris: [], scope: 'read' }
    const config = await application(place, more)
    await assert.rejects(oidc.clientCredentialsGrant(config), { error: 'invalid_dpop_proof' })
    for (const alg of ['ES256', 'RS256', 'PS256', 'Ed25519']) {
      if (alg === 'Ed25519') continue // its name in JOSE is newer than the metadata's EdDSA
      const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(alg))
      const { access_token, token_type } = await oidc.clientCredentialsGrant(config, undefined, { DPoP })
      assert.equal(token_type, 'dpop')
      const said = await oidc.tokenIntrospection(config, access_token)
      assert.deepEqual([said.active, said.token_type, said.cnf], [true, 'DPoP', { jkt: await DPoP.calculateThumbprint() }])
    }
  })
}
