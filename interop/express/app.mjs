// A website on Express that leaves signing in to express-openid-connect.

import express from 'express'
import oidc from 'express-openid-connect'

const { auth, requiresAuth } = oidc
const { ISSUER, PORT, CLIENT_ID, CLIENT_SECRET } = process.env

const app = express()
app.use(auth({
  issuerBaseURL: ISSUER,
  baseURL: `http://localhost:${PORT}`,
  clientID: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  secret: 'a secret of the application, long enough',
  authRequired: false,
  idpLogout: true,
  authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
}))
app.get('/', (request, response) => response.send(request.oidc.isAuthenticated() ? 'in' : 'out'))
app.get('/profile', requiresAuth(), (request, response) => response.json(request.oidc.user))
app.get('/userinfo', requiresAuth(), async (request, response) => response.json(await request.oidc.fetchUserInfo()))
app.get('/refresh', requiresAuth(), async (request, response) => {
  const before = request.oidc.accessToken.access_token
  const { access_token } = await request.oidc.accessToken.refresh()
  response.json({ before, after: access_token })
})
app.use((error, request, response, next) => response.status(error.status ?? 500).json({ error: error.error ?? error.message }))
app.listen(PORT, 'localhost')
