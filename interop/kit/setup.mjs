// What the tests need of a server that has just been started: people, applications, a setting.

import { readFile } from 'node:fs/promises'

export const issuer = process.env.WRIT_ISSUER
// Where the issuer has a name that only a browser is told how to find.
const server = process.env.WRIT_ADDRESS ?? issuer
const bootstrap = JSON.parse(await readFile(process.env.WRIT_BOOTSTRAP, 'utf8'))

/** A request to the management API, as its operator. */
export async function api(method, path, body, headers = {}) {
  const response = await fetch(server + path, {
    method,
    headers: {
      authorization: `Bearer ${bootstrap.api_key}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return text ? JSON.parse(text) : undefined
}

let number = 0

/** A new application of the oauth2 contract. */
export function client(more = {}) {
  number += 1
  return api('POST', '/api/v1/oauth/clients', {
    name: `Interop ${number}`,
    redirect_uris: ['https://app.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access read write',
    ...more,
  })
}

/** A new application that signs assertions: Writ's own resource has every field of a client. */
export function signing(more) {
  number += 1
  return api('POST', '/api/v1/clients', {
    client_name: `Interop ${number}`,
    redirect_uris: ['https://app.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access read write',
    ...more,
  })
}

/** A new person, with a password that nobody guesses. */
export async function person() {
  number += 1
  const username = `person-${number}-${process.pid}@example.com`
  const password = `quite unguessable ${crypto.randomUUID()}`
  const user = await api('POST', '/api/v1/users', { username, password, name: `Person ${number}` })
  return { username, password, id: user.id }
}
