import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Test } from 'tap'

export interface Records {
  /** Addresses, IPv4 or IPv6, by name. A name that is not here does not exist. */
  readonly [name: string]:
    | readonly string[]
    | readonly {
      readonly priority: number
      readonly weight?: number
      readonly port: number
      readonly target: string
    }[]
}

/** A name server on loopback, whose records the test changes (RFC 1035, RFC 2782). */
export interface NameServer {
  readonly address: string
  records: Records
  ttl: number
  /** False: every query gets a failure of the server. */
  working: boolean
  /** Resolves at the next query of this kind, as `A name`. */
  queried (question: string): Promise<void>
}

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA', 33: 'SRV' }

export async function nameServer (t: Pick<Test, 'teardown'>, records: Records): Promise<NameServer> {
  const waiting: { question: string, resolve: () => void }[] = []
  const socket = createSocket('udp4')
  const self: NameServer = {
    address: '',
    records,
    ttl: 1,
    working: true,
    queried: question => new Promise(resolve => { waiting.push({ question, resolve }) })
  }
  socket.on('message', (query, { port, address }) => {
    const [name, end] = nameAt(query, 12)
    const type = query.readUInt16BE(end)
    const found = Object.hasOwn(self.records, name) ? self.records[name] : undefined
    const values = self.working ? (found ?? []).flatMap(record => dataOf(record, type) ?? []) : []
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180 | (!self.working ? 2 : found === undefined ? 3 : 0), 2)
    header.writeUInt16BE(values.length, 6)
    header.writeUInt32BE(0, 8)
    const records = values.map(data => {
      const record = Buffer.alloc(12)
      record.writeUInt16BE(0xC00C, 0)
      record.writeUInt16BE(type, 2)
      record.writeUInt16BE(1, 4)
      record.writeUInt32BE(self.ttl, 6)
      record.writeUInt16BE(data.length, 10)
      return Buffer.concat([record, data])
    })
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...records]), port, address)
    for (const each of waiting.splice(0)) {
      if (each.question === `${TYPES[type]} ${name}`) each.resolve()
      else waiting.push(each)
    }
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return Object.assign(self, { address: `127.0.0.1:${socket.address().port}` })
}

function nameAt (query: Buffer, start: number): [name: string, end: number] {
  const labels: string[] = []
  let at = start
  while (query[at] !== 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!))
    at += query[at]! + 1
  }
  return [labels.join('.'), at + 1]
}

function dataOf (record: Records[string][number], type: number): Buffer | undefined {
  if (typeof record !== 'string') {
    if (type !== 33) return undefined
    const head = Buffer.alloc(6)
    head.writeUInt16BE(record.priority, 0)
    head.writeUInt16BE(record.weight ?? 1, 2)
    head.writeUInt16BE(record.port, 4)
    return Buffer.concat([
      head,
      ...record.target
        .split('.')
        .filter(Boolean)
        .map(label => Buffer.from(String.fromCharCode(label.length) + label)),
      Buffer.from([0])
    ])
  }
  const isV6 = record.includes(':')
  if (type !== (isV6 ? 28 : 1)) return undefined
  if (!isV6) return Buffer.from(record.split('.').map(Number))
  const [left = '', right = ''] = record.split('::')
  const groups = (text: string): number[] => text === '' ? [] : text.split(':').map(each => parseInt(each, 16))
  const all = [
    ...groups(left),
    ...Array<number>(8 - groups(left).length - groups(right).length).fill(0),
    ...groups(right)
  ]
  return Buffer.from(all.flatMap(each => [each >> 8, each & 0xFF]))
}
