#!/usr/bin/env node
/**
 * The binary: `proxy-services COMMAND …`. It runs the bundle of all commands, which starts in half the time, unless the
 * bundle is missing or older than the last compilation.
 * @see docs/adr/0006, docs/adr/0014
 */
import { statSync } from 'node:fs'

const fileUrl = (file: string): URL => new URL(file, import.meta.url)
const modifiedAt = (file: string): number => statSync(fileUrl(file), { throwIfNoEntry: false })?.mtimeMs ?? 0

const bundled = modifiedAt('./cli/main.bundle.js')
const isCurrent = bundled > 0 && bundled >= modifiedAt('../.tsbuildinfo')
const {
  main
} =
     await import(fileUrl(isCurrent ? './cli/main.bundle.js' : './cli/main.js').href) as typeof import('./cli/main.js')

process.exitCode = await main(process.argv.slice(2))
