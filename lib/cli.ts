#!/usr/bin/env node
/**
 * The binary: `proxy-services COMMAND …`. It runs the bundle of all commands, or that of `serve`, which start in half
 * the time, unless the bundle is missing or older than the last compilation.
 * @see docs/adr/0006, docs/adr/0014, docs/adr/0015
 */
import { statSync } from 'node:fs'

const fileUrl = (file: string): URL => new URL(file, import.meta.url)
const modifiedAt = (file: string): number => statSync(fileUrl(file), { throwIfNoEntry: false })?.mtimeMs ?? 0

const bundled = modifiedAt('./cli/main.bundle.js')
const isCurrent = bundled > 0 && bundled >= modifiedAt('../.tsbuildinfo')
const words = process.argv.slice(2)
const bundle = words[0] === 'serve' ? './cli/main.bundle.serve.js' : './cli/main.bundle.js'
const entry = fileUrl(isCurrent ? bundle : './cli/main.js')
const { main } = await import(entry.href) as typeof import('./cli/main.js')

process.exitCode = await main(words)
