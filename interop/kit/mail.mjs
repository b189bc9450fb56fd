// A mail server that keeps what it is given, for tests that open the links in letters (RFC 5321, as far as a sender
// needs it).

import { createServer } from 'node:net'

const quoted = (text) =>
  Buffer.from(
    text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

/** The plain text of a letter. */
function plain(source) {
  const at = source.search(/^content-type: text\/plain/im)
  const part = at < 0 ? source : source.slice(at)
  const head = part.slice(0, part.indexOf('\r\n\r\n'))
  const body = part.slice(head.length + 4).split(/^--/m)[0]
  const encoding = /content-transfer-encoding: (\S+)/i.exec(`${head}\r\n${at < 0 ? '' : source.slice(Math.max(0, at - 200), at)}`)
  switch (encoding?.[1].toLowerCase()) {
    case 'base64': return Buffer.from(body, 'base64').toString('utf8')
    case 'quoted-printable': return quoted(body)
    default: return Buffer.from(body, 'latin1').toString('utf8')
  }
}

/** Listens on a port of this machine. */
export async function mailServer(port) {
  const letters = []
  const server = createServer((socket) => {
    let [rest, to, isBody] = ['', [], false]
    const answer = (line) => socket.write(`${line}\r\n`)
    const take = (line) => {
      const [verb] = line.toUpperCase().split(/[ :]/)
      switch (verb) {
        case 'EHLO': return answer('250-sink\r\n250 8BITMIME')
        case 'RCPT':
          to.push(/<([^>]*)>/.exec(line)[1])
          return answer('250 ok')
        case 'DATA':
          isBody = true
          return answer('354 go on')
        case 'RSET':
          to = []
          return answer('250 ok')
        case 'QUIT':
          answer('221 bye')
          return socket.end()
        default: return answer('250 ok')
      }
    }
    socket.setEncoding('latin1').on('error', () => {}).on('data', (text) => {
      rest += text
      for (;;) {
        const end = rest.indexOf(isBody ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const taken = rest.slice(0, end)
        rest = rest.slice(end + (isBody ? 5 : 2))
        if (!isBody) {
          take(taken)
          continue
        }
        const source = taken.replace(/^\.\./gm, '.')
        letters.push({ to, source, text: plain(source) })
        ;[to, isBody] = [[], false]
        answer('250 kept')
      }
    })
    answer('220 sink ESMTP')
  })
  await new Promise((listening) => server.listen(port, '127.0.0.1', listening))
  return {
    letters,
    close: () => server.close(),

    /** Takes the oldest letter to an address, once there is one; with a link, where one is wanted. */
    async take(address, { link = false, within = 30_000 } = {}) {
      const until = Date.now() + within
      for (;;) {
        const at = letters.findIndex((one) => one.to.includes(address) && (!link || /\btoken=/.test(one.text)))
        if (at >= 0) {
          const [letter] = letters.splice(at, 1)
          return { ...letter, link: /https?:\/\/\S*\btoken=\S+/.exec(letter.text)?.[0] }
        }
        if (Date.now() > until) throw new Error(`no such letter to ${address}; there are ${JSON.stringify(letters)}`)
        await new Promise((later) => setTimeout(later, 50))
      }
    },
  }
}
