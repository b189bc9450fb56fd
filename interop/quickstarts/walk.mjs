// A page of the quick starts, taken as somebody takes it who does what it says: files are saved, commands typed, one
// after the other, in a shell that stays. Only the ports are others: each that the page names becomes a free one.

import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../kit/program.mjs'
import { issuer } from '../kit/setup.mjs'

const { WRIT_PROGRAM, WRIT_DOCS, WRIT_BOOTSTRAP } = process.env
const bootstrap = JSON.parse(await readFile(WRIT_BOOTSTRAP, 'utf8'))

/** Who the pages sign in as: the administrator of the first start. */
export const { admin } = bootstrap

/** The steps of a page in order: files to save, and commands to type. */
function* steps(text) {
  for (const [, before, language, block] of text.matchAll(/([^\n]*)\n\n```(\w+)\n(.*?)\n```/gs)) {
    const file = /^Save as `([^`]+)`/.exec(before)?.[1]
    if (file) yield { file, text: `${block}\n` }
    else if (language === 'sh') yield { commands: block }
  }
}

export class Walk {
  /** Takes the whole page. `serves`: of the commands, those that go on running, in another shell as it were. */
  static async of(page, { ports = [], serves, skips } = {}) {
    const walk = new Walk()
    walk.ports = new Map([[8080, Number(new URL(issuer).port)]])
    for (const port of ports) walk.ports.set(port, await freePort())
    walk.folder = await mkdtemp(join(tmpdir(), `writ-${page}-`))
    await mkdir(join(walk.folder, 'bin'))
    await symlink(WRIT_PROGRAM, join(walk.folder, 'bin', 'writ'))
    walk.#shell()
    try {
      const text = await readFile(join(WRIT_DOCS, 'quickstarts', `${page}.md`), 'utf8')
      for (const step of steps(walk.#translated(text))) {
        if (step.file) await walk.#save(step)
        else if (serves?.test(step.commands)) {
          await walk.type(`{ ${step.commands}\n} >> served 2>&1 &`)
          for (const port of ports) await walk.#answers(walk.ports.get(port))
        } else if (!skips?.test(step.commands)) await walk.type(step.commands)
      }
    } catch (error) {
      const served = await readFile(join(walk.folder, 'served'), 'utf8').catch(() => '')
      await walk.end()
      throw new Error(`${page}.md: ${error.message}\n${walk.printed}\n${served}`, { cause: error })
    }
    return walk
  }

  #translated(text) {
    return text.replace(/\b\d{4}\b/g, (word) => this.ports.get(Number(word)) ?? word)
  }

  /** An address of the page, where it is this time. */
  at(address) {
    return this.#translated(address)
  }

  #shell() {
    const mine = Object.entries(process.env).filter(([name]) => !/^(WRIT_|NODE_|npm_)/.test(name))
    const env = {
      ...Object.fromEntries(mine),
      PATH: `${join(this.folder, 'bin')}:${process.env.PATH}`,
      WRIT_DATA_DIR: dirname(WRIT_BOOTSTRAP),
    }
    this.shell = spawn('bash', ['-e', '-o', 'pipefail'], { cwd: this.folder, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    this.printed = ''
    for (const stream of [this.shell.stdout, this.shell.stderr]) stream.on('data', (text) => { this.printed += text })
    this.shell.stdin.on('error', () => {})
    this.ended = new Promise((done) => this.shell.once('close', done))
    process.once('exit', () => this.#kill('SIGKILL'))
  }

  async #save({ file, text }) {
    const path = join(this.folder, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }

  /** Types commands and gives what they print. */
  async type(commands, within = 300_000) {
    const start = this.printed.length
    this.shell.stdin.write(`${commands}\necho; echo "-- done --"\n`)
    const done = () => this.printed.indexOf('\n-- done --\n', start)
    const until = Date.now() + within
    while (done() < 0) {
      if (this.shell.exitCode !== null || Date.now() > until) throw new Error(`this does not work:\n${commands}`)
      await new Promise((later) => setTimeout(later, 20))
    }
    return this.printed.slice(start, done())
  }

  async #answers(port, within = 120_000) {
    for (const until = Date.now() + within; Date.now() < until;) {
      const answers = await new Promise((told) => {
        const socket = connect(port, 'localhost').once('connect', () => { socket.destroy(); told(true) }).once('error', () => told(false))
      })
      if (answers) return
      await new Promise((later) => setTimeout(later, 100))
    }
    throw new Error(`nobody listens on port ${port}`)
  }

  #kill(signal) {
    try {
      process.kill(-this.shell.pid, signal)
    } catch {
      // All of them have ended.
    }
  }

  /** What the program that goes on running has printed. */
  served() {
    return readFile(join(this.folder, 'served'), 'utf8')
  }

  async end() {
    this.#kill('SIGTERM')
    const late = setTimeout(() => this.#kill('SIGKILL'), 3_000)
    await this.ended
    clearTimeout(late)
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
