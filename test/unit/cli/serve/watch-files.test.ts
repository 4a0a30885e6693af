import {
  appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { watchFiles } from '../../../../lib/cli/serve/watch-files.js'

/** Watches a path; `next` resolves with the next change. */
async function watched (t: Test, ...paths: readonly string[]): Promise<{ next: () => Promise<void>, count: number }> {
  const seen = {
    count: 0,
    onChange: (): void => {},
    next: async () => await new Promise<void>(resolve => { seen.onChange = resolve })
  }
  t.teardown(await watchFiles(paths, () => {
    seen.count++
    seen.onChange()
  }))
  return seen
}

function folder (t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'watch-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Replaces a file as editors, `sed -i` and `mv` do. */
function replace (path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

t.test('a single file is seen after each of several replacements by rename or by a new file, and when it is written in place', async t => {
  const file = join(folder(t), 'a.xml')
  writeFileSync(file, '1')
  const changes = await watched(t, file)
  for (const text of ['2', '3']) {
    const change = changes.next()
    replace(file, text)
    await change
  }
  const moved = changes.next()
  renameSync(file, `${file}~`)
  writeFileSync(file, '4')
  rmSync(`${file}~`)
  await moved
  const change = changes.next()
  appendFileSync(file, 'more')
  await change
  t.equal(changes.count, 4)
})

t.test('files that come, change and go anywhere in a folder are seen', async t => {
  const path = folder(t)
  mkdirSync(join(path, 'deep', 'er'), { recursive: true })
  const file = join(path, 'deep', 'er', 'a.xml')
  const changes = await watched(t, path)
  for (const step of [
    () => writeFileSync(file, '1'), () => replace(file, '2'), () => rmSync(file), () => writeFileSync(file, '3')
  ]) {
    const change = changes.next()
    step()
    await change
  }
  t.equal(changes.count, 4)
})

t.test('a link that is set to another folder is seen, as git-sync and ConfigMaps do it, again and again', async t => {
  const path = folder(t)
  for (const version of ['v1', 'v2', 'v3']) {
    mkdirSync(join(path, version))
    writeFileSync(join(path, version, 'a.xml'), version)
  }
  const link = join(path, 'current')
  symlinkSync('v1', link)
  const changes = await watched(t, link)
  for (const version of ['v2', 'v3', 'v1']) {
    const change = changes.next()
    symlinkSync(version, `${link}.new`)
    renameSync(`${link}.new`, link)
    await change
  }
  t.equal(changes.count, 3)
})

t.test('a ConfigMap that is mounted as a folder is seen when its data are replaced', async t => {
  const path = folder(t)
  const write = (version: string): void => {
    mkdirSync(join(path, `..${version}`))
    writeFileSync(join(path, `..${version}`, 'a.xml'), version)
  }
  write('v1')
  symlinkSync('..v1', join(path, '..data'))
  symlinkSync(join('..data', 'a.xml'), join(path, 'a.xml'))
  const changes = await watched(t, path)
  const change = changes.next()
  write('v2')
  symlinkSync('..v2', join(path, '..data_tmp'))
  renameSync(join(path, '..data_tmp'), join(path, '..data'))
  rmSync(join(path, '..v1'), { recursive: true })
  await change
  t.equal(changes.count, 1)
})

t.test('a folder that was removed is reported when it is back, with its present files', async t => {
  const path = join(folder(t), 'configuration')
  mkdirSync(path)
  writeFileSync(join(path, 'a.xml'), '1')
  const changes = await watched(t, path)
  const change = changes.next()
  rmSync(path, { recursive: true })
  mkdirSync(path)
  writeFileSync(join(path, 'a.xml'), '2')
  await change
  t.equal(changes.count, 1)
})

t.test('several paths are watched, a certificate beside its configuration', async t => {
  const path = folder(t)
  const [config, certificate] = [join(path, 'a.xml'), join(path, 'tls.crt')]
  writeFileSync(config, '1')
  writeFileSync(certificate, '1')
  writeFileSync(join(path, 'other'), '1')
  const changes = await watched(t, config, certificate)
  const change = changes.next()
  replace(join(path, 'other'), '2')
  replace(certificate, '2')
  await change
  t.equal(changes.count, 1)
})
