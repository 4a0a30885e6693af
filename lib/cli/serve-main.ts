import { runCommand } from './command-line/run-command.js'
import { serveCommand } from './serve/serve-command.js'
import * as serving from './serve/serve.js'

/**
 * Runs `serve` as `main` does. The entry of a bundle that has nothing of other commands: a start reads few files.
 * @see docs/adr/0015
 */
export const main = async ([, ...words]: readonly string[]): Promise<number> =>
  await runCommand(serveCommand(async () => serving), words)
