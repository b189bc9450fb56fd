// Plays the person: keeps cookies, fills in the form of each page, and agrees.

const attribute = (tag, name) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1].replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replaceAll('&amp;', '&')

/** Goes from an address to where the answer leads, which begins with `stop`; gives that address, and what was read on the way. */
export async function agree(address, { username, password }, stop) {
  const cookies = new Map()
  let request = { url: address, init: {} }
  let asked = ''
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...request.init.headers, ...(cookie ? { cookie } : {}) }
    const answer = await fetch(request.url, { ...request.init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location) {
      const to = new URL(location, request.url).href
      if (to.startsWith(stop)) return { to, asked }
      request = { url: to, init: {} }
      continue
    }
    const page = await answer.text()
    const [, head, inner] = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(page) ?? []
    if (!inner) throw new Error(`no form at ${request.url}: ${page}`)
    const form = new URLSearchParams()
    for (const [tag] of inner.matchAll(/<input\b[^>]*>/g)) {
      const isLeftOut = attribute(tag, 'type') === 'checkbox' && !/\schecked\b/.test(tag)
      if (attribute(tag, 'name') && !isLeftOut) form.set(attribute(tag, 'name'), attribute(tag, 'value') ?? '')
    }
    if (form.has('password')) { form.set('username', username); form.set('password', password) }
    if (inner.includes('name="decision"')) {
      form.set('decision', 'allow')
      asked = [...page.matchAll(/<div class="note[^>]*>([\s\S]*?)<\/div>/g)].map(([, note]) => note.replace(/<[^>]*>/g, '').trim()).join('\n')
    }
    const url = new URL(attribute(head, 'action') ?? request.url, request.url)
    request = { url: url.href, init: { method: 'POST', body: form, headers: { origin: url.origin } } }
  }
  throw new Error('the pages never end')
}
