// The MCP server: a diary in which somebody can have an entry made. It asks Writ about each token that it is sent.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import express from 'express'

/** Starts it; `known` is the client by which it asks Writ about tokens. */
export async function serve(url, issuer, known) {
  const oauthMetadata = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()
  const verifier = {
    async verifyAccessToken(token) {
      const basic = Buffer.from(`${known.client_id}:${known.client_secret}`).toString('base64')
      const answer = await fetch(oauthMetadata.introspection_endpoint, {
        method: 'POST', headers: { authorization: `Basic ${basic}` }, body: new URLSearchParams({ token }),
      })
      const told = await answer.json()
      if (!told.active) throw new InvalidTokenError('not active')
      return { token, clientId: told.client_id, scopes: told.scope.split(' '), expiresAt: told.exp, resource: new URL(told.aud), extra: told }
    },
  }
  const app = express()
  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl: url, scopesSupported: ['diary:write'], resourceName: 'Diary' }))
  app.use(express.json())
  const may = requireBearerAuth({
    verifier, requiredScopes: ['diary:write'], expectedResource: url,
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(url),
  })
  app.post('/mcp', may, async (request, response) => {
    const server = new McpServer({ name: 'diary', version: '1.0.0' })
    server.registerTool('write', { description: 'Makes an entry' }, () => {
      const { username, act } = request.auth.extra
      return { content: [{ type: 'text', text: `An entry for ${username}, made by ${act ? act.sub : 'themselves'}.` }] }
    })
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
    response.on('close', () => { transport.close(); server.close() })
    await server.connect(transport)
    await transport.handleRequest(request, response, request.body)
  })
  app.all('/mcp', may, (_, response) => response.status(405).end())
  return new Promise((ready) => { const made = app.listen(url.port, 'localhost', () => ready(made)) })
}
