import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { verdict } from './figures.js'
import { sendOne, RESPONSE, requests } from './load.js'
import { BACKENDS, BASE, KEEPING, PEERS, portOf } from './peers.js'
import { peakMemory, PROXY_CORE, residentMemory, start, stop } from '../support/processes/processes.js'
import { workingFolder } from './working-folder.js'

/**
 * Many posts in flight at once before back-ends that respond late: how much memory the proxy takes for them, and how
 * many of them the back-ends have at one time. Fewer than were sent: some waited in the proxy, in silence. Each proxy
 * is a fresh process.
 */
const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '1000' },
    kilobytes: { type: 'string', default: '100' },
    hold: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' }
  }
})
const posts = Number(values.posts)
const PROXIES = [BASE, 'ours: round robin', 'ours: ClientID', 'ours: seed 000', 'nginx', 'haproxy round robin']

let hold = 0
let most = 0
/**
 * Answered together, once no more have come for a while: however slow the machine is, what is not here then waits in
 * the proxy.
 */
let waiting: ServerResponse[] = []
let quiet: NodeJS.Timeout | undefined
const release = (): void => {
  for (const response of waiting) response.setHeader('Content-Type', 'text/plain').end(RESPONSE)
  waiting = []
}
for (const port of BACKENDS) {
  await new Promise<void>(resolve => createServer((request, response) => {
    request.resume().once('end', () => {
      most = Math.max(most, waiting.push(response))
      clearTimeout(quiet)
      quiet = setTimeout(release, hold)
    })
  }).listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve))
}

/** Milliseconds until the response to one post, on a connection of its own. */
async function post (port: number, bytes: Buffer): Promise<number> {
  return await new Promise((resolve, reject) => {
    const begin = performance.now()
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes)).setEncoding('latin1')
    socket.on('data', chunk => {
      text += String(chunk)
      if (!text.includes(RESPONSE)) return
      socket.destroy()
      resolve(performance.now() - begin)
    }).once('error', reject).once('close', () => reject(new Error(`no response: ${text.slice(0, 100)}`)))
  })
}

const folder = workingFolder('inflight')
const messages = requests(posts, Number(values.kilobytes) * 1000)
console.log(
  `Node ${process.version}; ${posts} posts of ${values.kilobytes} KB at once, answered ${values.hold} s after the last; ${values.rounds} rounds, the worst of each`
)
console.log(
  `${'proxy'.padEnd(28)} ${['growth MB', 'KB a post', 'in flight', 'slowest s', 'errors'].map(each => each.padStart(10)).join(' ')}`
)
const measured = new Map<string, { growth: number, inFlight: number }>()
for (const [at, peer] of [...PEERS, ...KEEPING].entries()) {
  if (
    !(KEEPING.includes(peer) || PROXIES.includes(peer.name)) ||
    (values.only && !values.only.split(',').some(each => peer.name.includes(each)))
  ) { continue }
  if (peer.missing !== undefined) { console.log(`left out: ${peer.name}: ${peer.missing}`); continue }
  const port = portOf(at)
  let [growth, inFlight, slowest, errors, error] = [0, posts, 0, 0, '']
  for (let round = 0; round < Number(values.rounds); round++) {
    const child = await start(PROXY_CORE, peer.command(port, folder), port, peer.env)
    try {
      hold = 1
      for (let warm = 0; warm < 20; warm++) await sendOne(port)
      const before = residentMemory(child.pid!);
      [hold, most] = [Number(values.hold) * 1000, 0]
      const results = await Promise.allSettled(messages.map(async each => await post(port, each)))
      growth = Math.max(growth, peakMemory(child.pid!) - before)
      inFlight = Math.min(inFlight, most)
      for (const each of results) {
        if (each.status === 'fulfilled') slowest = Math.max(slowest, each.value)
        else { errors++; error = String(each.reason) }
      }
    } finally {
      await stop(child)
    }
  }
  measured.set(peer.name, { growth, inFlight })
  console.log(
    `${peer.name.padEnd(28)} ${[growth.toFixed(0), ((growth * 1048.576) / posts).toFixed(0), inFlight, (slowest / 1000).toFixed(1), errors].map(each => String(each).padStart(10)).join(' ')} ${error}`
  )
}
console.log()
for (const [name, limit] of [['ours: ClientID', 200], [KEEPING[0]!.name, 90]] as const) {
  const figures = measured.get(name)
  if (figures === undefined) continue
  if (posts === 1000 && values.kilobytes === '100') {
    verdict(`${name}: growth of memory`, 'at most', limit, figures.growth, ' MB')
  }
  verdict(`${name}: in flight at the back-ends`, 'at least', posts, figures.inFlight)
}
process.exit(0)
