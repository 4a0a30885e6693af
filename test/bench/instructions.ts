import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startCounted } from './callgrind.js'
import { readProfile, type CountedFunction, type Profile } from './callgrind-profile.js'
import { garbageOf } from './garbage.js'
import { sendOne, requests } from './load.js'
import { BACKENDS, backendCommand, COUNTED_PEERS, portOf, type Peer } from './peers.js'
import { isInstalled, LOAD_CORE, PROXY_CORE, start, stop } from '../support/processes/processes.js'
import { sendAll } from './raw-load.js'
import { workingFolder } from './working-folder.js'

/**
 * Instructions for one request, by owner: they hardly depend on what else the machine does, unlike times. Each program
 * runs under callgrind, is warmed up, and is counted for some more requests. Compilation and garbage collection are
 * shown, and left out of the sum. The garbage of a request is measured in a process without callgrind. Sessions
 * settle late: --warmup 60000 for figures to publish.
 *
 *     npm run bench:instructions -- [--only NAME,…] [--warmup 10000] [--requests 1000] [--functions 0]
 *         [--garbage 20000]: requests whose garbage is measured; 0: none
 *         [--keep FOLDER]: of the profiles, for kcachegrind
 */
const { values } = parseArgs({
  strict: false,
  options: {
    only: { type: 'string' },
    warmup: { type: 'string', default: '10000' },
    requests: { type: 'string', default: '1000' },
    connections: { type: 'string', default: '16' },
    functions: { type: 'string', default: '0' },
    garbage: { type: 'string', default: '20000' },
    keep: { type: 'string' }
  }
})
const [warmup, counted, connections, functions, garbageRequests] = [
  values.warmup,
  values.requests,
  values.connections,
  values.functions,
  values.garbage
].map(Number) as [number, number, number, number, number]

for (const [tool, how] of [
  ['valgrind', 'apt-get install valgrind'],
  ['nginx', 'apt-get install nginx-light']
] as const) {
  if (isInstalled(tool)) continue
  console.error(`${tool} is needed to count instructions, and is not installed (${how})`)
  process.exit(2)
}

/** Optimises functions after fewer calls, and collects garbage rarely, in the thread that is counted. */
const NODE_OPTIONS = ['--interrupt-budget=40000', '--single-threaded-gc', '--min-semi-space-size=64']

const COMPILATION = 'compilation'
const COLLECTION = 'garbage collection'
/** Owners by the name of a function, the first that matches. */
const OWNERS: readonly (readonly [owner: string, names: RegExp])[] = [
  ['undici', /undici/],
  ['llhttp', /llhttp|wasm/],
  ['Fastify', /node_modules\/(@?fastify|find-my-way|pino|avvio|secure-json|rfdc|reusify|fastq)/],
  ['lib', /dist\/lib\//],
  ['plugins', /dist\/plugins\//],
  ['peer', /dist\/test\//],
  ['node: http', /node:(_http|internal\/http)/],
  ['node: streams', /node:(internal\/streams|stream)/],
  ['node: net', /node:(net|internal\/net|internal\/stream_base)/],
  ['node: other JavaScript', /node:/]
]
const NATIVE: readonly (readonly [owner: string, names: RegExp])[] = [
  ['builtins of V8', /^Builtins_/],
  [
    COMPILATION,
    /compiler|[Mm]aglev|[Tt]urboshaft|RegisterAlloc|interpreter::Bytecode|v8::internal::\w*Pars|baseline/
  ],
  [
    COLLECTION,
    /Scaveng|Mark(Compact|ing)|Sweep|Heap::|Evacuat|GCTracer|heap::base|PagedSpace|SemiSpace|cppgc|Worklist|Pretenuring/
  ],
  ['V8 in C++', /v8::/],
  ['node in C++', /node::|^uv_|^llhttp/]
]

function ownerOf ({ name, isJavaScript }: CountedFunction): string {
  const found = (isJavaScript ? OWNERS : NATIVE).find(([, names]) => names.test(name))
  if (found !== undefined) return found[0]
  return isJavaScript ? 'builtins of V8' : 'libraries of the system'
}

const inThousands = (instructions: number): string => `${(instructions / counted / 1000).toFixed(1)}k`.padStart(9)

function print (name: string, profile: Profile): void {
  const owners = new Map<string, number>()
  for (const each of profile) owners.set(ownerOf(each), (owners.get(ownerOf(each)) ?? 0) + each.instructions)
  const all = [...owners].filter(([owner]) => owner !== COMPILATION && owner !== COLLECTION)
  console.log(`\n${name}: ${inThousands(all.reduce((sum, [, each]) => sum + each, 0)).trim()} instructions a request`)
  for (const [owner, sum] of [...owners].sort((a, b) => b[1] - a[1])) console.log(`${inThousands(sum)}  ${owner}`)
  for (const each of profile.slice(0, functions)) {
    console.log(
      `${inThousands(each.instructions)}  ${ownerOf(each)}: ${each.name.replace(/(file:\/\/)?\/\S*?\/(?=dist|node_modules)/, '')}`
    )
  }
}

const messages = requests()

async function measure (peer: Peer, port: number, folder: string): Promise<void> {
  const [node = '', ...rest] = peer.command(port, folder)
  const program = await startCounted(PROXY_CORE, [node, ...NODE_OPTIONS, ...rest], port, folder)
  await sendOne(port)
  await sendAll(port, messages, warmup, connections)
  const files = await program.count(() => sendAll(port, messages, counted, connections))
  print(peer.name, await readProfile(files))
  if (typeof values.keep === 'string') {
    const name = peer.name.replace(/\W+/g, '-')
    copyFileSync(files.profile, join(values.keep, `callgrind.out.${name}`))
    copyFileSync(files.symbols, join(values.keep, `${name}.map`))
  }
  await program.stop()
  if (garbageRequests === 0) return
  const send = (count: number): Promise<void> => sendAll(port, messages, count, connections)
  const garbage = await garbageOf(PROXY_CORE, [node, ...rest], port, send, garbageRequests)
  console.log(`${garbage.toFixed(1).padStart(8)} KB of garbage a request, without callgrind`)
}

const folder = workingFolder('instructions')
const wanted = typeof values.only === 'string' ? values.only.split(',') : undefined
const backend = await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
console.log(`Node ${process.version}; ${counted} requests over ${connections} connections, after ${warmup} requests`)
for (const [at, peer] of COUNTED_PEERS.entries()) {
  if (wanted === undefined || wanted.some(each => peer.name.includes(each))) {
    await measure(peer, portOf(50 + at), folder)
  }
}
await stop(backend)
process.exit(0)
