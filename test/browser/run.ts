import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Runs the tests of the console in a browser, three files at a time, and ends with 1 if one of them fails. The output
 * of a file is printed when it has ended.
 */
const FILES = [
  'presence',
  'gateway-condition',
  'console',
  'overview',
  'viewer',
  'group-parts',
  'configuration',
  'completion',
  'changed-files',
  'json-group',
  'journeys',
  'keyboard',
  'attacks',
  'large',
  'messages',
  'sessions',
  'proxies',
  'projects'
]
const AT_ONCE = 3

const waiting = [...FILES]
const failed: string[] = []

async function runOneByOne (): Promise<void> {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { output, isPassed } = await run(name)
    process.stdout.write(`# ${name}\n${output}`)
    if (!isPassed) failed.push(name)
  }
}

async function run (name: string): Promise<{ readonly output: string, readonly isPassed: boolean }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`${name}.js`, import.meta.url))])
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  const isPassed = await new Promise<boolean>(resolve => {
    child.once('close', code => resolve(code === 0))
  })
  return { output: Buffer.concat(output).toString(), isPassed }
}

await Promise.all(Array.from({ length: AT_ONCE }, runOneByOne))
if (failed.length > 0) console.error(`failed in a browser: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
