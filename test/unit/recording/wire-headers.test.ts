import t from 'tap'
import { wireHeaders } from '../../../plugins/recording/wire-headers.js'

const call = { method: 'GET', path: '/', body: undefined, headTimeout: 0, bodyTimeout: 0 }

t.test('the headers of a request are those on the connection, an empty one at their end too', async t => {
  t.same(wireHeaders({ ...call, headers: ['X-A', 'b: c', 'X-Empty', ''] }, 'http://host:81'), [
    'Host', 'host:81', 'Connection', 'keep-alive', 'X-A', 'b: c', 'X-Empty', ''
  ])
})

t.test('a request that cannot be sent has the headers that it was given', async t => {
  const headers = ['X A', 'b']
  t.equal(wireHeaders({ ...call, headers }, 'http://host'), headers)
})
