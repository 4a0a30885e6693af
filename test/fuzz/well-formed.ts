/**
 * Holds the reader of configurations against libxml2: each accepts what the other accepts. Mutates the configurations
 * of config/ and test/fixtures/.
 *
 *     node dist/test/fuzz/well-formed.js [--seconds 10] [--seed N]
 *
 * Prints each document that only one of them accepts; the exit code is then 1.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chanceOf } from './chance.js'
import { differenceOn, mutatedDocument } from './xml-oracle.js'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Date.now() % 1e9) } }
})
const chance = chanceOf(Number(values.seed))
const seeds = ['config', 'test/fixtures'].flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.xml'))
  .map(name => readFileSync(join(folder, name), 'utf8')))

const end = Date.now() + Number(values.seconds) * 1000
let documents = 0
let differences = 0
while (Date.now() < end) {
  const text = mutatedDocument(chance.oneOf(seeds), chance)
  const difference = differenceOn(Buffer.from(text))
  documents++
  if (difference === undefined) continue
  differences++
  console.error(`${difference}\n${JSON.stringify(text)}\n`)
}
console.log(`seed ${values.seed}: ${documents} documents, ${differences} differences`)
process.exitCode = differences > 0 ? 1 : 0
