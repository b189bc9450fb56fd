// An agent that acts for a person: it connects, is agreed to, acts, is seen, and is switched off.

import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as freeServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { agree } from './person.mjs'
import { serve } from './server.mjs'

const alone = process.argv.includes('--alone')
const say = (title, ...lines) => console.log(`\n== ${title}\n${lines.join('\n')}`)

const freePort = () => new Promise((done) => {
  const server = freeServer().listen(0, 'localhost', () => { const { port } = server.address(); server.close(() => done(port)) })
})

// A Writ of its own, in a folder that goes with it.
const folder = await mkdtemp(join(tmpdir(), 'writ-agent-'))
const issuer = `http://localhost:${await freePort()}`
const writ = spawn(process.env.WRIT ?? 'writ', ['serve', '--listen', issuer.slice('http://'.length), '--metrics-listen', 'off', '--data-dir', folder], { stdio: 'ignore' })
writ.on('error', (why) => { console.error(`writ does not start (${why.message}): set WRIT to its path`); process.exit(1) })
let bootstrap
while (!bootstrap) {
  await new Promise((wait) => setTimeout(wait, 100))
  const answers = await fetch(`${issuer}/health/ready`).then((answer) => answer.ok, () => false)
  if (answers) bootstrap = JSON.parse(await readFile(join(folder, 'bootstrap.json'), 'utf8'))
}

async function api(method, path, body) {
  const headers = { authorization: `Bearer ${bootstrap.api_key}`, 'content-type': 'application/json' }
  const answer = await fetch(issuer + path, { method, headers, body: body && JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text ? JSON.parse(text) : undefined
}

// The API with the client by which it asks about tokens, the agent, and the person.
const url = new URL(`http://localhost:${await freePort()}/mcp`)
const callback = `http://localhost:${await freePort()}/callback`
const asks = await api('POST', '/api/v1/clients', { client_name: 'Diary', kind: 'machine', grant_types: ['client_credentials'], scope: '' })
await api('POST', '/api/v1/resources', { identifier: url.href, name: 'Diary', scopes: ['diary:write'], introspection_clients: [asks.client_id] })
const agent = await api('POST', '/api/v1/clients', {
  client_name: 'Diary agent', kind: 'web', redirect_uris: [callback], agent: true, scope: 'diary:write offline_access',
  grant_types: ['authorization_code', 'refresh_token'], refresh_token_lifetime: 7 * 86_400,
})
const person = { username: 'ada@example.com', password: `a diary of one's own ${crypto.randomUUID().slice(0, 8)}` }
await api('POST', '/api/v1/users', { ...person, name: 'Ada' })
const server = await serve(url, issuer, asks)

/** What the agent keeps, and how it asks its person. */
const keeper = {
  redirectUrl: callback,
  clientMetadata: { client_name: 'Diary agent', redirect_uris: [callback] },
  clientInformation: () => ({ client_id: agent.client_id, client_secret: agent.client_secret }),
  state: () => crypto.randomUUID(),
  tokens: () => keeper.held,
  saveTokens: (held) => { keeper.held = held },
  saveCodeVerifier: (verifier) => { keeper.verifier = verifier },
  codeVerifier: () => keeper.verifier,
  redirectToAuthorization: (asked) => { keeper.asked = asked.href },
}
const transport = () => new StreamableHTTPClientTransport(url, { authProvider: keeper })

/** The person opens the page, or is played. */
async function answered() {
  if (alone) {
    const { to, asked } = await agree(keeper.asked, person, callback)
    say('What the person is told', asked)
    return new URL(to)
  }
  say('Open this page', keeper.asked, '', `and sign in as ${person.username} with: ${person.password}`)
  return new Promise((done) => {
    const waiting = createServer((request, response) => {
      response.end('Thank you. Look at the terminal.')
      waiting.close()
      done(new URL(request.url, callback))
    }).listen(new URL(callback).port, 'localhost')
  })
}

let failed = false
try {
  const first = transport()
  await new Client({ name: 'diary-agent', version: '1' }).connect(first).catch((why) => {
    if (!(why instanceof UnauthorizedError)) throw why
  })
  const came = await answered()
  if (came.searchParams.has('error')) throw new Error(`the person said no: ${came.searchParams.get('error')}`)
  await first.finishAuth(came.searchParams.get('code'))
  const client = new Client({ name: 'diary-agent', version: '1' })
  await client.connect(transport())
  const act = async () => (await client.callTool({ name: 'write' })).content[0].text
  say('What the MCP server did', await act())
  const claims = JSON.parse(Buffer.from(keeper.held.access_token.split('.')[1], 'base64url'))
  say('What the token says', JSON.stringify({ sub: claims.sub, client_id: claims.client_id, act: claims.act, aud: claims.aud, scope: claims.scope }, null, 2))
  const { audit_logs: [record] } = await api('GET', '/api/v1/audit-logs?action=authorization_code.redeemed')
  say('What the audit log says', `${record.action}: user ${record.details.user}, agent ${record.details.agent}`)
  await api('PATCH', `/api/v1/clients/${agent.client_id}`, { enabled: false })
  const refused = await act().then(() => undefined, (why) => why)
  say('Switched off, the next call', refused ? `is refused: ${refused.message.split('\n')[0]}` : 'went through')
  failed = !refused || claims.act?.sub !== agent.client_id || record.details.user !== person.username
} finally {
  server.closeAllConnections()
  server.close()
  writ.kill()
  await rm(folder, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
