import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/** The rooms from the ground up: a file imports from the rooms of lower floors, or from its own folder, never upwards. */
const FLOORS: readonly (readonly RegExp[])[] = [
  [/^lib\/message\//, /^plugins\/(errors\.ts|logging\/|timing\/)/],
  [/^lib\/xml\//],
  [/^lib\/state\//, /^lib\/wsdl\//, /^lib\/soap\//],
  [/^lib\/xpath\//],
  [/^lib\/expression\//],
  [/^lib\/contracts\//],
  [/^lib\/balancing\//, /^lib\/pipeline\//],
  [/^lib\/(mediators|endpoints|algorithms|sessions)\//],
  [/^lib\/definitions\//],
  [/^lib\/compiler\//],
  [/^plugins\/(http|wsdl|discovery|session-stores)\//],
  [/^plugins\/gateway\//],
  [/^plugins\/metrics\//],
  [/^plugins\/admin\//],
  [/^plugins\/index\.ts$/],
  [/^lib\/cli\/sample\//],
  [/^lib\/cli\//],
  [/^lib\/cli\.ts$/]
]

/** Where lib waits, or meets the outside: the driver of flows, the reading of files, the commands. */
const MAY_WAIT = /^lib\/(pipeline\/run-flow|definitions\/load|cli\/.*|cli)\.ts$/
const IMPURE = /\b(await|Promise\.|new Promise|setTimeout|setInterval|setImmediate|process\.|Date\.now|Math\.random)/
const OUTSIDE = /from '(fastify|undici|node:(http|https|net|tls|dns|fs|process|worker_threads))/
const LONGEST = 300

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = ['lib', 'plugins'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).map(name => join(folder, name)))
const floorOf = (file: string): number => FLOORS.findIndex(rooms => rooms.some(room => room.test(file)))

t.test('every file knows its place', async t => {
  for (const file of files) {
    const code = readFileSync(join(root, file), 'utf8')
    const bare = code.replace(/\/\*[^]*?\*\/|(?<![:'"`\\])\/\/.*/g, '')
    t.not(floorOf(file), -1, `${file} has a floor`)
    for (const [, path] of bare.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      const target = join(dirname(file), path!.replace(/\.js$/, '.ts'))
      t.ok(floorOf(target) < floorOf(file) || dirname(target) === dirname(file), `${file} may import ${target}`)
    }
    t.match(code, /\/\*\*/, `${file} says what it is for`)
    t.ok(code.split('\n').length <= LONGEST, `${file} fits on a few screens`)
    if (file.startsWith('lib/') && !MAY_WAIT.test(file)) {
      t.notMatch(bare, IMPURE, `${file} is pure`)
      t.notMatch(bare, OUTSIDE, `${file} knows nothing of the outside`)
    }
  }
})

t.test('families do not know each other', async t => {
  const families = /^lib\/(mediators|endpoints|algorithms|sessions)\//
  for (const file of files.filter(each => families.test(each))) {
    const code = readFileSync(join(root, file), 'utf8')
    const foreign = [...code.matchAll(/from '\.\.\/(mediators|endpoints|algorithms|sessions)\//g)]
    t.same(foreign, [], `${file} imports none but its own`)
  }
})

t.test('names say what a file is', async t => {
  for (const file of files) t.notMatch(file, /(util|helper|manager|base|types|common|misc)s?\.ts$/, file)
})
