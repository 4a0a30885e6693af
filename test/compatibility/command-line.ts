import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { Refused, type StartGateway } from './run-case.js'

/** How long a gateway may take until it listens. */
const START_TIMEOUT_MS = 60_000

/**
 * A gateway that a command starts: `{config}` in it is a file with `<definitions>`, `{port}` where it is to listen. It
 * runs in the folder of the case.
 */
export const commandLine = (command: string): StartGateway => async ({ definitions, folder, port }) => {
  const config = join(folder, 'synapse.xml')
  await writeFile(config, definitions)
  const said: Buffer[] = []
  const child = spawn(command.replaceAll('{config}', config).replaceAll('{port}', String(port)), {
    shell: true,
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => said.push(chunk))
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!await isListening(port)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop(child)
      throw new Refused(Buffer.concat(said).toString() || 'it does not listen')
    }
    await after(50)
  }
  return { pass: async time => await after(time), stop: async () => await stop(child) }
}

const isListening = async (port: number): Promise<boolean> => {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    return await once(socket, 'connect').then(() => true, () => false)
  } finally {
    socket.destroy()
  }
}

/** With all that it started. */
async function stop (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGTERM')
  const alarm = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 6_000)
  await exited
  clearTimeout(alarm)
}
