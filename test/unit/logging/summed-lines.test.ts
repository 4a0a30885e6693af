import { EventEmitter, once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { countField, SummedLines, type SummedLinesOptions } from '../../../plugins/logging/summed-lines.js'

interface Written {
  readonly add: (name: string, ...events: string[]) => void
  readonly lines: Array<[count: number, last: string]>
  /** Resolves with the next line, in the turn of the event loop in which it is written. */
  readonly next: () => Promise<unknown>
  readonly close: () => void
}

function summedLines (options?: SummedLinesOptions): Written {
  const summed = new SummedLines(options)
  const lines: Array<[number, string]> = []
  const written = new EventEmitter()
  return {
    lines,
    next: async () => await once(written, 'line'),
    add (name, ...events) {
      for (const event of events) {
        summed.add(name, count => {
          lines.push([count, event])
          written.emit('line')
        })
      }
    },
    close: () => summed.close()
  }
}

/** Timers of the lines do not keep the process alive. */
const alive = setInterval(() => {}, 1_000)
t.teardown(() => clearInterval(alive))

t.test('the first event is written at once, those of an interval as one line', async t => {
  const { add, lines, next, close } = summedLines({ interval: 1_000 })
  add('kind', 'a', 'b', 'c', 'd')
  t.same(lines, [[1, 'a']])
  await next()
  t.same(lines.at(-1), [3, 'd'])
  add('kind', 'e')
  t.equal(lines.length, 2, 'the next interval has begun')
  close()
  t.same(lines.at(-1), [1, 'e'])
  add('kind', 'f')
  t.same(lines.at(-1), [1, 'f'])
  close()
  t.equal(lines.length, 4)
})

t.test('summed log lines: each kind of event is counted by itself', t => {
  const { add, lines, close } = summedLines()
  add('one', 'a', 'b', 'c')
  add('other', 'd', 'e')
  close()
  t.same(lines, [
    [1, 'a'],
    [1, 'd'],
    [2, 'c'],
    [1, 'e']
  ])
  t.end()
})

t.test('a burst is written line by line', t => {
  const { add, lines, close } = summedLines({ burst: 3 })
  add('kind', 'a', 'b', 'c', 'd', 'e')
  close()
  t.same(lines, [
    [1, 'a'],
    [1, 'b'],
    [1, 'c'],
    [2, 'e']
  ])
  t.end()
})

t.test('after a quiet interval the next event is written at once', async t => {
  const { add, lines, close } = summedLines({ interval: 5 })
  add('kind', 'a')
  do {
    await delay(50)
    add('kind', 'b')
  } while (lines.at(-1)?.[0] !== 1 || lines.length < 2)
  close()
  t.ok(lines.length >= 2)
})

t.test('further kinds than a thousand are summed as one', t => {
  const { add, lines, close } = summedLines()
  for (let kind = 0; kind < 3_000; kind++) add(`kind ${kind}`, 'a')
  t.equal(lines.length, 1_001)
  close()
  t.same(lines.slice(1_001), [[1_999, 'a']])
  t.end()
})

t.test('a line for one event has no count', t => {
  t.same([countField(1), countField(7)], [{}, { count: 7 }])
  t.end()
})
