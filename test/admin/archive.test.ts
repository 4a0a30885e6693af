import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { problemsOf } from '../../lib/compiler/find-problems.js'
import { load } from '../../lib/definitions/load.js'
import type { AdminOptions } from '../../plugins/index.js'
import { runtime } from '../../plugins/gateway/configuration/runtime.js'
import { backend } from '../support/backend.js'
import { adminApp } from '../support/operation/admin-app.js'

const NS = 'http://ws.apache.org/ns/synapse'
const TOKEN = 'secret'
const headers = { authorization: `Bearer ${TOKEN}` }

async function folderOf (t: Test, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'archive-'))
  t.teardown(async () => await rm(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

async function serve (t: Test, folder: string, options: AdminOptions = {}): Promise<FastifyInstance> {
  return await adminApp(t, { config: folder }, { prefix: '/admin', console: true, token: TOKEN, ...options })
}

const project = (uri: string): Record<string, string> => ({
  'endpoints/A.xml': `<!-- mine --><endpoint xmlns="${NS}" name="A"><address uri="${uri}"/></endpoint>`,
  'proxy-services/P.xml': `<proxy xmlns="${NS}" name="P"><target endpoint="A"><outSequence><send/></outSequence></target>
    <publishWSDL uri="file:wsdl/p.wsdl"/></proxy>`,
  'local-entries/text.xml': `<localEntry xmlns="${NS}" key="text" src="file:texts/a.txt"/>`,
  'texts/a.txt': 'a text',
  'wsdl/p.wsdl': `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:x="http://www.w3.org/2001/XMLSchema">
    <w:types><x:schema><x:import namespace="urn:t" schemaLocation="types/t.xsd"/></x:schema></w:types></w:definitions>`,
  'wsdl/types/t.xsd': '<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"/>',
  'key.pem': 'secret',
  'unrelated.txt': 'not named'
})

for (const form of ['asIs', 'json', 'xml']) {
  t.test(`a project that is taken runs and passes the check: ${form}`, async t => {
    const up = await backend(t, 'up')
    const first = await serve(t, await folderOf(t, project(up.uri)))
    const { files, leftOut, losses } = (await first.inject({ url: `/admin/configuration/archive?as=${form}`, headers })).json()
    t.strictSame([leftOut, losses], [[], []])
    t.match(Object.keys(files).filter(path => /^(wsdl|texts)/.test(path)).sort(),
      ['texts/a.txt', 'wsdl/p.wsdl', 'wsdl/types/t.xsd'])
    t.notOk('unrelated.txt' in files)
    if (form === 'asIs') t.match(files['endpoints/A.xml'], '<!-- mine -->')
    const folder = await folderOf(t, files)
    t.strictSame(problemsOf(await load(folder), runtime), [])
    const second = await serve(t, folder)
    const response = await second.inject({ method: 'POST', url: '/services/P', payload: 'x', headers: { 'content-type': 'text/plain' } })
    t.equal(response.statusCode, 200)
    t.match((await second.inject('/services/P?xsd=types/t.xsd')).body, 'urn:t')
  })
}

t.test('certificates, and what lies elsewhere, are not in the archive', async t => {
  const folder = await folderOf(t, {
    'proxy-services/P.xml': `<proxy xmlns="${NS}" name="P"><target><inSequence><log level="custom">
      <property name="a" value="key.pem"/><property name="b" value="../elsewhere.txt"/><property name="c" value="/etc/passwd.txt"/>
      </log><drop/></inSequence></target></proxy>`,
    'key.pem': 'secret'
  })
  await writeFile(join(folder, '..', 'elsewhere.txt'), 'x')
  t.teardown(async () => await rm(join(folder, '..', 'elsewhere.txt')))
  const app = await serve(t, folder)
  const { files, leftOut } = (await app.inject({ url: '/admin/configuration/archive', headers })).json()
  t.strictSame(Object.keys(files), ['proxy-services/P.xml'])
  t.strictSame(leftOut.sort(), ['../elsewhere.txt', 'key.pem'])
})

t.test('taking a project needs the token', async t => {
  const folder = await folderOf(t, { 'proxy-services/P.xml': `<proxy xmlns="${NS}" name="P"><target><inSequence><drop/></inSequence></target></proxy>` })
  const app = await serve(t, folder, { token: undefined })
  t.equal((await app.inject({ url: '/admin/configuration/archive', headers: { host: 'localhost' } })).statusCode, 403)
})
