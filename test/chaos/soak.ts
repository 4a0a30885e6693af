import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessResources } from '../support/processes/process-resources-hook.js'
import { openClients, type Clients } from './client.js'
import { startGateway, type Gateway } from './gateway.js'
import { megabytesHeld, megabytes, whenIdle } from './resources.js'
import { checkHistory } from './rules.js'
import { spawnMember } from './member.js'
import { Random } from '../support/random.js'
import { configurationFor, servicesFor } from './services.js'

/** The time between two reloads. */
const RELOAD_INTERVAL_MS = 20_000
/** Clients are added until the event loop of the gateway is busy for this share of the time. */
const TARGET_LOAD = 0.6
const MAX_CLIENTS = 64
const CLIENTS_PER_STEP = 4
/** No back-end is that late, however busy the machine is. */
const RESPONSE_TIMEOUT_MS = 30_000
/** How much more the gateway may hold in the last quarter of the run than in the second, in megabytes. */
const HEAP_GROWTH = 8
const RESIDENT_GROWTH = 64

/**
 * Runs load without faults, with a reload of a changed configuration every 20 s. Checks the history of each interval
 * against the rules. Returns whether no rule was broken, and nothing has grown.
 */
export async function soak (minutes: number, seed: number, backends: number): Promise<boolean> {
  const random = new Random(seed)
  const folder = await mkdtemp(join(tmpdir(), 'soak-'))
  const members = await Promise.all(Array.from({ length: backends }, (_, number) => spawnMember(number, folder)))
  const names = members.map(({ name }) => name)
  const services = servicesFor(backends, false)
  const file = join(folder, 'soak.xml')
  /** The response timeout changes with each reload, so that each builds everything again. */
  const write = async (reloads: number): Promise<void> =>
    await writeFile(
      file,
      configurationFor(
        services,
        members.map(({ origin }) => origin),
        RESPONSE_TIMEOUT_MS + (reloads % 2)
      )
    )
  await write(0)
  const gateway = await startGateway(file)
  const fresh = await gateway.resources()
  const clients: Clients[] = []
  const more = (): number =>
    clients.push(openClients(gateway.url, services, CLIENTS_PER_STEP, random.fork(), `c${clients.length}-`))
  more()
  while (clients.length * CLIENTS_PER_STEP < MAX_CLIENTS && (await loadOf(gateway)) < TARGET_LOAD) more()
  const count = clients.length * CLIENTS_PER_STEP
  console.log(`seed ${seed}: ${minutes} min, ${count} clients, a reload every ${RELOAD_INTERVAL_MS / 1000} s`)

  const resources: ProcessResources[] = []
  const broken: string[] = []
  let orders = 0
  const until = Date.now() + minutes * 60_000
  for (let reloads = 1; Date.now() < until; reloads++) {
    await write(reloads)
    gateway.reload()
    await pause(Math.min(RELOAD_INTERVAL_MS, Math.max(0, until - Date.now())))
    const replies = clients.flatMap(each => each.replies.splice(0))
    orders += replies.length
    const history = {
      replies,
      poisonReplies: [],
      observations: [],
      faultPeriods: [],
      stateChanges: gateway.takeStateChanges(),
      initialStates: []
    }
    const { rules } = checkHistory(history, services, names, { responseTimeout: RESPONSE_TIMEOUT_MS, lag: 1_000 })
    broken.push(...rules.flatMap(({ rule, violations }) => violations.map(each => `${rule}: ${each}`)))
    const faults = replies.filter(({ result }) => result.kind === 'fault')
    broken.push(...faults.map(({ order }) => `the order ${order.id} got a fault`))
    resources.push(await gateway.resources())
  }
  const load = await loadOf(gateway)
  await Promise.all(clients.map(each => each.stop()))
  const last = await whenIdle(gateway, members, fresh)
  const metrics = await gateway.metrics()
  const code = await gateway.stop()
  await Promise.all(members.map(member => member.close()))
  await rm(folder, { recursive: true })

  const quarter = resources.length >> 2
  const [early, late] = [resources.slice(quarter, resources.length >> 1), resources.slice(-quarter || -1)]
  const growth = (value: (at: ProcessResources) => number): number =>
    Math.round((median(late, value) - median(early, value)) * 10) / 10
  const [heap, resident] = [growth(megabytesHeld), growth(({ resident }) => megabytes(resident))]
  const grown = [
    ...(heap > HEAP_GROWTH ? [`objects and buffers have grown by ${heap} MB`] : []),
    ...(resident > RESIDENT_GROWTH ? [`the process has grown by ${resident} MB`] : []),
    ...(last.sockets > fresh.sockets ? [`${last.sockets - fresh.sockets} sockets are left`] : []),
    ...(last.timers > fresh.timers ? [`${last.timers - fresh.timers} timers are left`] : [])
  ]
  const reloaded = metrics.get('proxy_services_configuration_reloads_total{result="succeeded"}')
  console.log(`${orders} orders, ${Math.round(orders / minutes / 60)} a second, ${reloaded} reloads, load ${load}`)
  console.log(`objects and buffers, MB: ${resources.map(megabytesHeld).join(' ')}`)
  console.log(`memory of the process, MB: ${resources.map(({ resident }) => megabytes(resident)).join(' ')}`)
  console.log(`sockets: ${fresh.sockets} at first, ${last.sockets} at the end`)
  const all = [...broken, ...grown, ...gateway.errorLines, ...(code === 0 ? [] : [`exit code ${code}`])]
  for (const each of all.slice(0, 20)) console.log(`BROKEN ${each}`)
  if (all.length === 0) console.log('no rule broken, no fault, nothing grown')
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

function median (resources: readonly ProcessResources[], value: (at: ProcessResources) => number): number {
  const values = resources.map(value).sort((a, b) => a - b)
  return values[values.length >> 1] ?? 0
}
