import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Look } from '../support/look-hook.js'
import { openClients, type Clients } from './client.js'
import { startGateway, type Gateway } from './gateway.js'
import { held, megabytes, quiet } from './holdings.js'
import { judge } from './laws.js'
import { processMember } from './member.js'
import { seeded } from './random.js'
import { configurationFor, servicesFor } from './services.js'

/** Between two reloads, in milliseconds. */
const PERIOD = 20_000
/** The share of the time in which the event loop of the gateway is busy. */
const LOAD = 0.6
const MAX_CLIENTS = 64
const STEP = 4
/** How long a back-end may take for an answer: without faults none is late, however busy the machine is. */
const PATIENCE = 30_000
/** What the gateway may hold more in the last quarter than in the second one, in megabytes. */
const HEAP_GROWTH = 8
const RESIDENT_GROWTH = 64

/**
 * Load without faults for so long, and a reload of a changed configuration every 20 s. Each period is held against the
 * laws by itself. Returns whether all was right, and nothing has grown.
 */
export async function soak (minutes: number, seed: number, backends: number): Promise<boolean> {
  const random = seeded(seed)
  const folder = await mkdtemp(join(tmpdir(), 'soak-'))
  const members = await Promise.all(Array.from({ length: backends }, (_, number) => processMember(number, folder)))
  const names = members.map(({ name }) => name)
  const services = servicesFor(backends, false)
  const file = join(folder, 'soak.xml')
  /** The patience changes with each reload, so that each builds everything anew. */
  const write = async (reloads: number): Promise<void> =>
    await writeFile(
      file,
      configurationFor(
        services,
        members.map(({ origin }) => origin),
        PATIENCE + (reloads % 2)
      )
    )
  await write(0)
  const gateway = await startGateway(file)
  const fresh = await gateway.look()
  const clients: Clients[] = []
  const more = (): number =>
    clients.push(openClients(gateway.url, services, STEP, random.fork(), `c${clients.length}-`))
  more()
  while (clients.length * STEP < MAX_CLIENTS && (await loadOf(gateway)) < LOAD) more()
  console.log(`seed ${seed}: ${minutes} min, ${clients.length * STEP} clients, a reload every ${PERIOD / 1000} s`)

  const looks: Look[] = []
  const broken: string[] = []
  let orders = 0
  const until = Date.now() + minutes * 60_000
  for (let reloads = 1; Date.now() < until; reloads++) {
    await write(reloads)
    gateway.reload()
    await pause(Math.min(PERIOD, Math.max(0, until - Date.now())))
    const replies = clients.flatMap(each => each.replies.splice(0))
    orders += replies.length
    const history = { replies, poisons: [], sights: [], troubles: [], turns: gateway.takeTurns(), states: [] }
    const { laws } = judge(history, services, names, { patience: PATIENCE, grace: 1_000 })
    broken.push(...laws.flatMap(({ law, broken }) => broken.map(each => `${law}: ${each}`)))
    broken.push(...replies.filter(({ got }) => got.kind === 'fault').map(({ order }) => `a fault for ${order.id}`))
    looks.push(await gateway.look())
  }
  const load = await loadOf(gateway)
  await Promise.all(clients.map(each => each.stop()))
  const last = await quiet(gateway, members, fresh)
  const metrics = await gateway.metrics()
  const code = await gateway.stop()
  await Promise.all(members.map(member => member.close()))
  await rm(folder, { recursive: true })

  const [early, late] = [looks.slice(looks.length >> 2, looks.length >> 1), looks.slice(-(looks.length >> 2) || -1)]
  const growth = (value: (look: Look) => number): number =>
    Math.round((median(late, value) - median(early, value)) * 10) / 10
  const [heap, resident] = [growth(held), growth(look => megabytes(look.resident))]
  const grown = [
    ...(heap > HEAP_GROWTH ? [`objects and buffers have grown by ${heap} MB`] : []),
    ...(resident > RESIDENT_GROWTH ? [`the process has grown by ${resident} MB`] : []),
    ...(last.sockets > fresh.sockets ? [`${last.sockets - fresh.sockets} sockets are left`] : []),
    ...(last.timers > fresh.timers ? [`${last.timers - fresh.timers} timers are left`] : [])
  ]
  const reloaded = metrics.get('proxy_services_configuration_reloads_total{result="succeeded"}')
  console.log(`${orders} orders, ${Math.round(orders / minutes / 60)} a second, ${reloaded} reloads, load ${load}`)
  console.log(`objects and buffers, MB: ${looks.map(held).join(' ')}`)
  console.log(`memory of the process, MB: ${looks.map(look => megabytes(look.resident)).join(' ')}`)
  console.log(`sockets: ${fresh.sockets} at first, ${last.sockets} at the end`)
  const all = [...broken, ...grown, ...gateway.complaints, ...(code === 0 ? [] : [`exit code ${code}`])]
  for (const each of all.slice(0, 20)) console.log(`BROKEN ${each}`)
  if (all.length === 0) console.log('kept: every reply right, no fault, no session moved, nothing grown')
  return all.length === 0
}

/** The share of the next five seconds in which the event loop is busy. */
async function loadOf (gateway: Gateway): Promise<number> {
  const busy = async (): Promise<number> =>
    (await gateway.metrics()).get('proxy_services_event_loop_utilization') ?? 0
  await busy()
  await pause(5_000)
  return Math.round((await busy()) * 100) / 100
}

function median (looks: readonly Look[], value: (look: Look) => number): number {
  const values = looks.map(value).sort((a, b) => a - b)
  return values[values.length >> 1] ?? 0
}
