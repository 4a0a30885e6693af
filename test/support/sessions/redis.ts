import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { freePort } from '../free-port.js'

export const SERVER = ['redis-server', 'valkey-server'].find(command => spawnSync('which', [command]).status === 0)

/** Why tests of a real server are skipped; false: they are not. */
export const missing = SERVER === undefined && 'neither redis-server nor valkey-server is installed'

/** A real server on loopback that keeps nothing on disk. */
export interface RedisServer {
  readonly url: string
  /** Straight to the server. */
  readonly call: (...words: readonly [string, ...string[]]) => Promise<unknown>
  /** Stands still until it goes on; its connections stay open. */
  readonly freeze: () => void
  readonly thaw: () => void
  /** Ends at once, as in a crash. */
  readonly kill: () => Promise<void>
  /** On the same port, empty. */
  readonly start: () => Promise<void>
}

export async function redisServer (t: Test, { password }: { password?: string } = {}): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    child = spawn(SERVER as string, [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
      ...(password === undefined ? [] : ['--requirepass', password])
    ])
    let said = ''
    for await (const chunk of child.stdout!) {
      if ((said += String(chunk)).includes('Ready to accept connections')) break
    }
    if (!said.includes('Ready')) throw new Error(`${SERVER} did not start: ${said}`)
  }
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  const url = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`
  const direct = new Redis(url, { lazyConnect: true })
  direct.on('error', () => {})
  t.teardown(async () => {
    direct.disconnect()
    await kill()
  })
  return {
    url,
    start,
    kill,
    freeze: () => {
      child!.kill('SIGSTOP')
    },
    thaw: () => {
      child!.kill('SIGCONT')
    },
    call: async (command, ...words) => await direct.call(command, ...words)
  }
}

/** A server of the protocol whose responses the test makes. */
export interface FakeRedis {
  readonly url: string
  readonly commands: string[][]
}

/** The response to a command that finds nothing, as it goes over the wire. */
export const NIL = '$-1\r\n'

/**
 * @param response to a command that is not part of the greeting, as it goes over the wire; undefined: nothing
 * @param greets to those that are
 */
export async function fakeRedis (
  t: Test,
  response: (words: string[], socket: Socket) => string | undefined,
  greets: typeof response = welcome
): Promise<FakeRedis> {
  const commands: string[][] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    let rest = ''
    socket.on('data', chunk => {
      rest += chunk.toString('latin1')
      for (let read = commandIn(rest); read !== undefined; read = commandIn(rest)) {
        rest = rest.slice(read.end)
        const greeting = /^(hello|client|info|select|auth)$/i.test(read.words[0]!)
        if (!greeting) commands.push(read.words)
        const said = (greeting ? greets : response)(read.words, socket)
        if (said !== undefined) socket.write(said)
      }
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, commands }
}

export const welcome = ([command]: string[]): string =>
  /^hello$/i.test(command!) ? '%1\r\n+proto\r\n:3\r\n' : /^info$/i.test(command!) ? '$9\r\nloading:0\r\n' : '+OK\r\n'

/** An array of strings (Redis serialization protocol), if there is a whole one. */
function commandIn (text: string): { words: string[]; end: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text)
  if (head === null) return undefined
  const words: string[] = []
  let at = head[0].length
  for (let left = Number(head[1]); left > 0; left--) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at, at + 20))
    if (size === null) return undefined
    at += size[0].length
    if (text.length < at + Number(size[1]) + 2) return undefined
    words.push(text.slice(at, at + Number(size[1])))
    at += Number(size[1]) + 2
  }
  return { words, end: at }
}
