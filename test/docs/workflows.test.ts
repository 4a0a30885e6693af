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

t.test('workflow ci.yml: tests start at the lowest Node version that package.json allows', async t => {
  const { jobs } = parse(read(`${folder}ci.yml`)) as { jobs: { test: { strategy: { matrix: { node: string[] } } } } }
  const [lowest] = jobs.test.strategy.matrix.node
  t.ok(engines.node.includes(lowest!))
})
