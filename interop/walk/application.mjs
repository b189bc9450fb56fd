// An application as somebody would write it: authorization code with PKCE, a refresh token, nothing else.

import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

const random = () => randomBytes(32).toString('base64url')

/** Listens on a free port; `registered` takes its callback and gives its client. */
export async function application(issuer, registered) {
  const waiting = new Map()
  const answers = []
  let client
  const post = async (path, parameters) => {
    const response = await fetch(`${issuer}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.client_id}:${client.client_secret}`)}` },
      body: new URLSearchParams(parameters),
    })
    const text = await response.text()
    return { status: response.status, body: text ? JSON.parse(text) : undefined }
  }
  const server = createServer(async (request, response) => {
    const here = new URL(request.url, base)
    const show = (text) => response.writeHead(200, { 'content-type': 'text/html' }).end(
      `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>App</title><h1>${text}</h1>`)
    if (here.pathname === '/') {
      const [state, verifier] = [random(), random()]
      waiting.set(state, verifier)
      const wanted = {
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri: `${base}/callback`,
        scope: 'openid profile email offline_access read',
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...Object.fromEntries(here.searchParams),
      }
      return response.writeHead(302, { location: `${issuer}/oauth2/authorize?${new URLSearchParams(wanted)}` }).end()
    }
    if (here.pathname !== '/callback') return response.writeHead(404).end()
    const got = Object.fromEntries(here.searchParams)
    const verifier = waiting.get(got.state)
    waiting.delete(got.state)
    if (!verifier || got.iss !== issuer) return show('not ours')
    if (got.error) {
      answers.push({ error: got.error })
      return show(got.error)
    }
    const { status, body } = await post('/oauth2/token', {
      grant_type: 'authorization_code', code: got.code, redirect_uri: `${base}/callback`, code_verifier: verifier,
    })
    answers.push({ status, ...body })
    return show(status === 200 ? 'signed in' : 'refused')
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const base = `http://127.0.0.1:${server.address().port}`
  client = await registered(`${base}/callback`)
  return {
    base,
    client,
    /** What it got last. */
    last: () => answers.at(-1),
    refresh: (token) => post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: token }),
    async userinfo(token) {
      const response = await fetch(`${issuer}/oauth2/userinfo`, { headers: { authorization: `Bearer ${token}` } })
      return { status: response.status, body: response.ok ? await response.json() : undefined }
    },
    close: () => server.close(),
  }
}
