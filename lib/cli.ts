#!/usr/bin/env node
/**
 * The binary: `proxy-services COMMAND …`. Beside the commands there may be all of them as one file, which starts in half the time
 * (docs/adr/0006): that runs, unless the compiler ran after it was made.
 */
import { statSync } from 'node:fs'

const here = (file: string): URL => new URL(file, import.meta.url)
const madeAt = (file: string): number => statSync(here(file), { throwIfNoEntry: false })?.mtimeMs ?? 0

const bundled = madeAt('./cli/main.bundle.js')
const isCurrent = bundled > 0 && bundled >= madeAt('../.tsbuildinfo')
const { main } = await import(here(isCurrent ? './cli/main.bundle.js' : './cli/main.js').href) as typeof import('./cli/main.js')

process.exitCode = await main(process.argv.slice(2))
