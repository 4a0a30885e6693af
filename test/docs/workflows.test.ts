import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const { scripts, engines } = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>
  engines: { node: string }
}
const folder = '.github/workflows/'

for (const file of readdirSync(new URL(folder, root))) {
  t.test(`workflow ${file}: is YAML, has bounded jobs, and runs scripts that package.json has`, async t => {
    const text = read(folder + file)
    const { jobs } = parse(text) as { jobs: Record<string, { 'timeout-minutes'?: number, uses?: string }> }
    for (const [name, job] of Object.entries(jobs)) {
      t.ok(job.uses !== undefined || job['timeout-minutes']! > 0, `${name} has a time limit`)
    }
    for (const [, script] of text.matchAll(/npm run (?!--if-present)([\w:]+)/g)) {
      t.ok(scripts[script!], `${script} is a script`)
    }
  })
}

t.test('workflow ci.yml: tests run on four versions of Node, from the lowest that package.json allows', async t => {
  const { jobs } = parse(read(`${folder}ci.yml`)) as { jobs: { test: { strategy: { matrix: { node: string[] } } } } }
  const versions = jobs.test.strategy.matrix.node
  t.same(versions, ['20.19', '22', '24', '26'])
  t.ok(engines.node.includes(versions[0]!))
})

for (const [file, commands] of [
  ['ci.yml', ['npm test', 'npm run lint', 'npm run test:browser', 'npm audit']],
  ['weekly.yml', ['npm run chaos', 'npm run fuzz', 'npm run bench']]
] as const) {
  for (const command of commands) {
    t.test(`workflow ${file}: a job runs \`${command}\``, async t => {
      const { jobs } = parse(read(folder + file)) as { jobs: object }
      t.ok(commandsIn(jobs).some(text => new RegExp(`(^|&& )${command}\\b`, 'm').test(text)))
    })
  }
}

/** The commands of jobs: of their steps, and of the matrix that fills them in. */
function commandsIn (part: object): string[] {
  return Object.entries(part).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'string') return name === 'run' || name === 'command' ? [value] : []
    return typeof value === 'object' && value !== null ? commandsIn(value) : []
  })
}

t.test('workflows: each action has one version in all of them', async t => {
  const versions = new Map<string, Set<string>>()
  for (const file of readdirSync(new URL(folder, root))) {
    for (const [, action, version] of read(folder + file).matchAll(/uses: ([\w/-]+)@(\S+)/g)) {
      versions.set(action!, (versions.get(action!) ?? new Set()).add(version!))
    }
  }
  t.ok(versions.size > 2)
  t.same([...versions].filter(([, each]) => each.size > 1).map(([action]) => action), [])
})

t.test('workflow weekly.yml: a vulnerability fails the job audit, and the hostile rows have their peers', async t => {
  const { jobs } = parse(read(`${folder}weekly.yml`)) as {
    jobs: { run: { strategy: { matrix: { include: { job: string, command: string, packages?: string }[] } } } }
  }
  const { include } = jobs.run.strategy.matrix
  const find = (name: string) => include.find(({ job }) => job === name)
  t.match(find('audit')?.command, /(?:^|; )npm audit$/)
  t.equal(find('hostile')?.packages, 'nginx haproxy')
})
