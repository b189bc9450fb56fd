// A browser as far as a sign-in needs one: cookies, redirects, forms. No JavaScript, as the pages promise.

import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'

// Servers of a test's own, by https with the certificate that the server under test trusts.
const ca = process.env.WRIT_CALLED_CERT && readFileSync(process.env.WRIT_CALLED_CERT)

/** `fetch` says of itself that it is a script; a browser that goes somewhere says something else. */
function send(url, { method = 'GET', headers, body }) {
  return new Promise((done, failed) => {
    const kind = body instanceof URLSearchParams ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
    const [{ request: ask }, more] = new URL(url).protocol === 'https:' ? [https, { ca }] : [http, {}]
    const request = ask(url, { method, headers: { ...kind, ...headers }, ...more }, async (answer) => {
      try {
        const chunks = []
        for await (const chunk of answer) chunks.push(chunk)
        const { statusCode: status, rawHeaders: raw } = answer
        const pairs = raw.flatMap((name, at) => (at % 2 ? [] : [[name, raw[at + 1]]]))
        done(new Response([204, 304].includes(status) ? null : Buffer.concat(chunks), { status, headers: pairs }))
      } catch (error) {
        failed(error)
      }
    })
    request.once('error', failed).end(body && String(body))
  })
}

const decode = (text) =>
  text.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<').replaceAll('&#60;', '<').replaceAll('&gt;', '>').replaceAll('&#62;', '>')
    .replaceAll('&#38;', '&').replaceAll('&amp;', '&')

const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag)
  return found ? decode(found[1] ?? found[2] ?? found[3]) : undefined
}

export class Page {
  constructor(url, response, text) {
    Object.assign(this, { url, status: response.status, headers: response.headers, text })
  }

  /** Where the link leads that says this, or is around it. */
  link(words) {
    for (const [, tag, inner] of this.text.matchAll(/(<a\b[^>]*>)([\s\S]*?)<\/a>/gi)) {
      const said = decode(inner.replace(/<[^>]*>/g, '')).replace(/[\u2066-\u2069]/g, '').trim()
      if (said.includes(words)) return new URL(attribute(tag, 'href'), this.url)
    }
    throw new Error(`no link that says ${words} at ${this.url} (${this.status}):\n${this.text}`)
  }

  /** The form with a button or field of that name: action, method, and the values it would send. */
  form(has) {
    for (const [whole, tag] of this.text.matchAll(/(<form\b[^>]*>)[\s\S]*?<\/form>/gi)) {
      const fields = new Map()
      const controls = [...whole.matchAll(/<(?:input|button|select|textarea)\b[^>]*>/gi)].map(([control]) => control)
      if (has && !controls.some((control) => attribute(control, 'name') === has)) continue
      for (const control of controls) {
        const name = attribute(control, 'name')
        const type = attribute(control, 'type') ?? ''
        if (!name || control.startsWith('<button') || type === 'submit') continue
        if ((type === 'checkbox' || type === 'radio') && !/\schecked\b/i.test(control)) continue
        fields.set(name, [...(fields.get(name) ?? []), attribute(control, 'value') ?? ''])
      }
      return {
        action: new URL(attribute(tag, 'action') ?? this.url, this.url),
        method: (attribute(tag, 'method') ?? 'get').toUpperCase(),
        fields,
      }
    }
    throw new Error(`no form${has ? ` with ${has}` : ''} at ${this.url} (${this.status}):\n${this.text}`)
  }
}

export class Browser {
  /** By host: ports share them, as in every browser. */
  #jars = new Map()

  #jar({ hostname }) {
    if (!this.#jars.has(hostname)) this.#jars.set(hostname, new Map())
    return this.#jars.get(hostname)
  }

  /** What a request there bears. */
  cookie(url) {
    return [...this.#jar(url)].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async #send(url, init) {
    const [jar, cookie] = [this.#jar(url), this.cookie(url)]
    const headers = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', ...(cookie ? { cookie } : {}), ...init.headers }
    const response = await send(url, { ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  /** Goes somewhere, follows redirects; stops at a page, or at an address of `stop`, which is an application's. */
  async go(url, { init = {}, stop } = {}) {
    let next = new URL(url)
    for (let hops = 0; hops < 12; hops += 1) {
      if (stop && next.href.startsWith(stop)) return { arrived: next }
      const response = await this.#send(next, init)
      const location = response.headers.get('location')
      if (response.status < 300 || response.status >= 400 || !location) {
        return { page: new Page(next, response, await response.text()) }
      }
      // 303 and, as browsers do it, 302 turn a POST into a GET.
      if (response.status !== 307 && response.status !== 308) init = {}
      await response.arrayBuffer()
      next = new URL(location, next)
    }
    throw new Error(`redirects never end at ${next}`)
  }

  /** Sends a form with some values of its own. */
  async submit(page, values, { stop, has = Object.keys(values)[0] } = {}) {
    const { action, method, fields } = page.form(has)
    for (const [name, value] of Object.entries(values)) fields.set(name, [value])
    const body = new URLSearchParams([...fields].flatMap(([name, all]) => all.map((value) => [name, value])))
    if (method === 'GET') {
      action.search = body
      return this.go(action, { stop })
    }
    const headers = { origin: page.url.origin, 'sec-fetch-site': 'same-origin' }
    return this.go(action, { init: { method, headers, body }, stop })
  }
}

/** Signs in where asked, decides where asked, and comes back to the application. */
export async function through(browser, url, { username, password, decision = 'allow', stop }) {
  let step = await browser.go(url, { stop })
  for (let pages = 0; pages < 4 && step.page; pages += 1) {
    const { page } = step
    if (/name=["']?password/.test(page.text)) step = await browser.submit(page, { username, password }, { stop })
    else if (/name=["']?decision/.test(page.text)) step = await browser.submit(page, { decision }, { stop })
    else return step
  }
  return step
}
