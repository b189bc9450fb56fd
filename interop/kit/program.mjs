// An application as a program of its own: started, waited for until it answers, ended with the tests.

import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'

/** A port that nobody listens on. */
export function freePort() {
  const server = createServer()
  return new Promise((found) => server.listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => found(port))
  }))
}

const answers = (port) => new Promise((told) => {
  const socket = connect(port, 'localhost')
  socket.once('connect', () => told(true) || socket.destroy())
  socket.once('error', () => told(false))
})

/** Starts a program and waits until its port answers; without a port, it has only been started. */
export async function start(command, args, { port, env = {}, cwd, within = 60_000 } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const ended = new Promise((done) => child.once('exit', done).once('error', done))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output += text })
  const program = {
    output: () => output,
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(end, 5_000)
      await ended
      clearTimeout(late)
      process.off('exit', end)
    },
  }
  const until = Date.now() + within
  while (port && !(await answers(port))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > until) {
      await program.stop()
      throw new Error(`${command} does not answer at port ${port}:\n${output}`)
    }
    await new Promise((later) => setTimeout(later, 50))
  }
  return program
}

/** Runs a program to its end and gives what it prints. */
export function run(command, args, { input = '', env = {}, cwd, within = 120_000 } = {}) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, timeout: within })
    let [output, complaint] = ['', '']
    child.stdout.on('data', (text) => { output += text })
    child.stderr.on('data', (text) => { complaint += text })
    child.once('error', failed)
    child.once('close', (code) => {
      if (code === 0) done(output)
      else failed(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}${complaint}`))
    })
    child.stdin.on('error', () => {}).end(input)
  })
}
