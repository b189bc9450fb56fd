// An application's server that Writ calls: https on this machine, with a certificate that the server under test trusts.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'

/** Answers each request with what `answer` gives of its form and path: a status, or something to be sent as JSON. */
export async function called(answer) {
  const [cert, key] = await Promise.all(['CERT', 'KEY'].map((what) => readFile(process.env[`WRIT_CALLED_${what}`])))
  const server = createServer({ cert, key }, async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    const said = await answer({ path: request.url, method: request.method, form, headers: request.headers })
    if (typeof said === 'number') return response.writeHead(said).end()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  })
  await new Promise((done) => server.listen(0, 'localhost', done))
  return { home: `https://localhost:${server.address().port}`, close: () => server.close() }
}

/** Forms that were posted, and a way to wait for the next one. */
export class Inbox {
  #forms = []
  #waiting = []

  take(form) {
    const next = this.#waiting.shift()
    if (next) next(form)
    else this.#forms.push(form)
  }

  next(within = 20_000) {
    if (this.#forms.length) return Promise.resolve(this.#forms.shift())
    return new Promise((done, failed) => {
      const late = setTimeout(() => failed(new Error('nothing was posted')), within)
      this.#waiting.push((form) => {
        clearTimeout(late)
        done(form)
      })
    })
  }
}
