import t from 'tap'
import { ALL_ROWS } from './all-rows.js'

const rows = ALL_ROWS.flatMap(({ rows }) => rows)

t.test('beside @fastify/http-proxy: the comparison has at least 60 rows', async t => {
  t.ok(rows.length >= 60, `${rows.length} rows`)
})

t.test('beside @fastify/http-proxy: each row has a name of its own', async t => {
  const names = rows.map(({ name }) => name)
  t.same(names.filter((name, at) => names.indexOf(name) !== at), [])
})
