import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import type { Seen } from './checks.js'
import type { ConfigurationRow } from './row.js'
import { slowdown } from './slowdown.js'

const CLI = resolve('dist/lib/cli.js')
/** How long a command may hang, in milliseconds, on a machine that is not slow. */
const WITHIN = 60_000

/** Runs `check` on the files of a row. */
export async function runCheckCommand (
  row: ConfigurationRow,
  root: string
): Promise<Pick<Seen, 'code' | 'output' | 'ms'>> {
  const folder = join(root, row.id)
  const ends: (() => void)[] = []
  for (const [name, content] of Object.entries(row.files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(path, content)
    else if ('link' in content) symlinkSync(content.link, path)
    else ends.push(await makeSpecial(path, content.special))
  }
  const path = join(folder, row.path ?? Object.keys(row.files)[0]!)
  const begun = performance.now()
  const child = spawn(process.execPath, [CLI, 'check', '--strict', path], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), WITHIN * Math.max(1, slowdown()))
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  for (const end of ends) end()
  return { code, output: output.replaceAll(folder, ''), ms: performance.now() - begun }
}

async function makeSpecial (
  path: string,
  kind: 'fifo' | 'loop' | 'device' | 'directory' | 'socket'
): Promise<() => void> {
  switch (kind) {
    case 'fifo':
      spawnSync('mkfifo', [path])
      break
    case 'loop':
      symlinkSync(path, path)
      break
    case 'device':
      symlinkSync('/dev/zero', path)
      break
    case 'directory':
      mkdirSync(path)
      break
    default: {
      const server = createServer()
      // The path of a socket is short.
      const short = join('/tmp', `hostile-${process.pid}-${Math.trunc(performance.now() * 1000)}`)
      await once(server.listen(short), 'listening')
      symlinkSync(short, path)
      return () => {
        server.close()
      }
    }
  }
  return () => {}
}
