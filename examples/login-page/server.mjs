// A tenant's own login and consent page, in front of Writ. Node 20 or newer, nothing to install.
//
// Writ sends the browser here with ?login_challenge=…. This page signs the person in (password grant of an
// interaction client), shows what the application asks for, and hands Writ the decision in the person's name.

import { createServer } from 'node:http'
import { randomBytes, timingSafeEqual } from 'node:crypto'

const { WRIT_ISSUER = 'http://localhost:8080', CLIENT_ID, CLIENT_SECRET, PORT = '3300' } = process.env
const origin = `http://localhost:${PORT}`
const sessions = new Map() // session id → { csrf, token, expires }

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
const page = (title, body) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
  <title>${title}</title><style>body{font:1rem system-ui;max-width:24rem;margin:3rem auto;padding:0 1rem}
  label,button{display:block;margin:.75rem 0}input:not([type]),input[type=password]{width:100%}</style>
  <h1>${title}</h1>${body}`

async function writ(path, { token, form, json } = {}) {
  const headers = { accept: 'application/json' }
  if (token) headers.authorization = `Bearer ${token}`
  if (form) headers.authorization = `Basic ${btoa(`${encodeURIComponent(CLIENT_ID)}:${encodeURIComponent(CLIENT_SECRET)}`)}`
  if (json) headers['content-type'] = 'application/json'
  const body = form ? new URLSearchParams(form) : json && JSON.stringify(json)
  const answer = await fetch(WRIT_ISSUER + path, { method: body ? 'POST' : 'GET', headers, body })
  return { status: answer.status, body: await answer.json() }
}

function session(request, response) {
  const id = /(?:^|; )session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]
  const known = id && sessions.get(id)
  if (known && (!known.token || known.expires > Date.now())) return known
  const fresh = { csrf: randomBytes(24).toString('base64url') }
  start(response, fresh)
  return fresh
}

// A new id whenever the browser's authority changes: an id that somebody planted is worth nothing.
function start(response, state) {
  const id = randomBytes(24).toString('base64url')
  sessions.set(id, state)
  response.setHeader('set-cookie', `session=${id}; Path=/; HttpOnly; SameSite=Lax`)
}

const field = (state, challenge) => `<input type="hidden" name="csrf" value="${escape(state.csrf)}">
  <input type="hidden" name="login_challenge" value="${escape(challenge)}">`

const signIn = (state, challenge, problem = '') => page('Sign in', `<p role="alert">${escape(problem)}</p>
  <form method="post" action="/login">${field(state, challenge)}
  <label>Username <input name="username" autocomplete="username" required></label>
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button type="submit">Sign in</button></form>`)

async function consent(state, challenge) {
  const { status, body } = await writ(`/api/v1/oauth/consent/${encodeURIComponent(challenge)}`, { token: state.token })
  if (status !== 200) return [404, page('Nothing to decide', '<p>Go back to the application and start again.</p>')]
  const { client, scopes } = body.data
  const list = scopes.map(({ name, description }) => `<label><input type="checkbox" name="scope" checked
    value="${escape(name)}"> ${escape(description || name)}</label>`)
  return [200, page(`${escape(client.name)} asks for access`, `<form method="post" action="/consent">
    ${field(state, challenge)}${list.join('')}<button name="decision" value="allow">Allow</button>
    <button name="decision" value="deny">Deny</button></form>`)]
}

async function decide(state, form) {
  const approved = form.get('decision') === 'allow'
  const json = { loginChallenge: form.get('login_challenge'), approved }
  if (approved) json.scopes = form.getAll('scope')
  const { status, body } = await writ('/api/v1/oauth/consent', { token: state.token, json })
  return status === 200 ? [303, body.data.redirectTo] : [status, page('Not decided', `<p>${escape(body.error?.message)}</p>`)]
}

async function answer(request, response) {
  const url = new URL(request.url, origin)
  const state = session(request, response)
  const challenge = url.searchParams.get('login_challenge') ?? ''
  if (request.method === 'GET' && ['/login', '/consent'].includes(url.pathname)) {
    return state.token ? consent(state, challenge) : [200, signIn(state, challenge)]
  }
  if (request.method !== 'POST' || request.headers.origin !== origin) return [404, page('Not found', '')]
  let text = ''
  for await (const part of request) if ((text += part).length > 16_384) return [413, page('Too much', '')]
  const form = new URLSearchParams(text)
  const [sent, due] = [Buffer.from(form.get('csrf') ?? ''), Buffer.from(state.csrf)]
  if (sent.length !== due.length || !timingSafeEqual(sent, due)) return [403, page('Start again', '')]
  if (url.pathname === '/consent' && state.token) return decide(state, form)
  const { status, body } = await writ('/oauth2/token', {
    form: { grant_type: 'password', username: form.get('username'), password: form.get('password'), scope: 'openid' },
  })
  if (status !== 200) return [400, signIn(state, form.get('login_challenge'), 'Unknown username or wrong password.')]
  start(response, { ...state, token: body.access_token, expires: Date.now() + body.expires_in * 1000 })
  return [303, `/consent?login_challenge=${encodeURIComponent(form.get('login_challenge'))}`]
}

createServer(async (request, response) => {
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
  response.setHeader('content-type', 'text/html; charset=utf-8')
  const [status, body] = await answer(request, response).catch((error) => (console.error(error), [502, page('Try again later', '')]))
  if (status === 303) response.setHeader('location', body)
  response.writeHead(status).end(status === 303 ? '' : body)
}).listen(Number(PORT), 'localhost', () => console.log(`listening on ${origin}`))
