import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'

const folder = new URL('../../../docs/adr/', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')
const pages = readdirSync(folder).filter(file => file !== 'README.md').sort()
const index = read('README.md')

t.test('decisions: each page is in the index with its title, its status and its date', async t => {
  const rows = [...index.matchAll(/^\| \[(\d{4})\]\((.+?)\) \| (.+?) \| (.+?) \| (\S+) \|$/gm)]
  t.same(rows.map(([, , file]) => file), pages)
  for (const [, number = '', file = '', title, status = '', date] of rows) {
    const [heading, , ...rest] = read(file).split('\n')
    t.equal(file.slice(0, 4), number)
    t.equal(heading, `# ${Number(number)}. ${title}`)
    const [line = ''] = rest.join(' ').split(/(?<=\bDate: [\d-]{10}\.)/)
    t.ok(line.startsWith('Status: ') && line.endsWith(`Date: ${date}.`), `${file}: ${line}`)
    const plain = line.slice('Status: '.length).replace(/\[(\d{4})\]\(.*?\)/g, '$1').replace(/ \([^)]*\)/g, '')
    t.ok(plain.startsWith(status.replace(/ by .*/, '')), `${file}: ${plain}`)
    for (const [other] of status.matchAll(/\d{4}/g)) t.ok(plain.includes(other), `${file} names ${other}`)
  }
})

t.test('decisions: a page that is superseded, and the page that supersedes it, name each other', async t => {
  const statusOf = (file: string): string => read(file).split(/Date: [\d-]{10}\./)[0]!
  for (const file of pages) {
    if (!/uperseded by/.test(statusOf(file))) continue
    const later = [...statusOf(file).matchAll(/\((\d{4}-[\w-]+\.md)\)/g)]
    t.ok(later.length > 0, file)
    for (const [, other] of later) t.match(statusOf(other!), file.slice(0, 4), `${other} names ${file}`)
  }
})
