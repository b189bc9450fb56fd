// An MCP server as somebody would write it with the SDK: two tools, one of which needs a further scope.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import express from 'express'

/** Starts it on a port; `api` is the client by which it asks Writ about tokens. */
export async function serve(port, issuer, api) {
  const url = new URL(`http://localhost:${port}/mcp`)
  const found = await fetch(`${issuer}/.well-known/oauth-authorization-server`)
  const oauthMetadata = await found.json()
  const verifier = {
    async verifyAccessToken(token) {
      const basic = Buffer.from(`${api.client_id}:${api.client_secret}`).toString('base64')
      const answer = await fetch(oauthMetadata.introspection_endpoint, {
        method: 'POST', headers: { authorization: `Basic ${basic}` }, body: new URLSearchParams({ token }),
      })
      const told = await answer.json()
      if (!told.active) throw new InvalidTokenError('not active')
      seen.push(told)
      return { token, clientId: told.client_id, scopes: told.scope.split(' '), expiresAt: told.exp, resource: new URL([told.aud].flat()[0]), extra: told }
    },
  }
  const seen = []
  const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(url)
  const may = (...requiredScopes) => requireBearerAuth({ verifier, requiredScopes, resourceMetadataUrl, expectedResource: url })
  const app = express()
  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl: url, scopesSupported: ['notes:read'], resourceName: 'Notes' }))
  app.use(express.json())
  // What writes needs more than what reads, and says so before anything is done (RFC 6750 §3.1).
  const needed = (request, response, next) => {
    const writes = request.body?.method === 'tools/call' && request.body.params?.name === 'write'
    return (writes ? may('notes:read', 'notes:write') : may('notes:read'))(request, response, next)
  }
  app.post('/mcp', needed, async (request, response) => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    const who = () => ({ content: [{ type: 'text', text: `${request.auth.extra.username} by ${request.auth.clientId}` }] })
    server.registerTool('read', { description: 'Reads' }, who)
    server.registerTool('write', { description: 'Writes' }, who)
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
    response.on('close', () => { transport.close(); server.close() })
    await server.connect(transport)
    await transport.handleRequest(request, response, request.body)
  })
  app.all('/mcp', may('notes:read'), (_, response) => response.status(405).end())
  const listening = await new Promise((ready) => { const made = app.listen(port, 'localhost', () => ready(made)) })
  return { url, seen, stop: () => new Promise((done) => { listening.closeAllConnections(); listening.close(done) }) }
}
