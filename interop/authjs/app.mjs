// A website that leaves signing in to Auth.js. NextAuth 5 is the same core in another frame.

import { ExpressAuth, getSession } from '@auth/express'
import express from 'express'

const { ISSUER, PORT, CLIENT_ID, CLIENT_SECRET } = process.env

const config = {
  secret: 'a secret of the application, long enough',
  trustHost: true,
  providers: [{ id: 'writ', name: 'Writ', type: 'oidc', issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, checks: ['pkce', 'state', 'nonce'] }],
  callbacks: {
    jwt: ({ token, account }) => (account ? { ...token, granted: account.scope, lasts: account.expires_in } : token),
    session: ({ session, token }) => ({ ...session, subject: token.sub, granted: token.granted, lasts: token.lasts }),
  },
}

const app = express()
app.set('trust proxy', true)
app.use('/auth', ExpressAuth(config))
app.get('/', async (request, response) => response.json(await getSession(request, config)))
app.listen(PORT, 'localhost')
