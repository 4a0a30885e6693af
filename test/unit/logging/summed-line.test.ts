import t from 'tap'
import { SummedLine } from '../../../plugins/logging/summed-line.js'

t.test('the first event is written at once, those of an interval as one line', async t => {
  const lines: Array<[number, string]> = []
  const line = new SummedLine<string>(20, (count, last) => lines.push([count, last]))
  for (const event of ['a', 'b', 'c', 'd']) line.add(event)
  t.same(lines, [[1, 'a']])
  await until(() => lines.length === 2)
  t.same(lines.at(-1), [3, 'd'])
  line.add('e')
  t.equal(lines.length, 2, 'the next interval has begun')
  line.close()
  t.same(lines.at(-1), [1, 'e'])
  line.add('f')
  t.same(lines.at(-1), [1, 'f'])
  line.close()
  t.equal(lines.length, 4)
})

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 1))
}
