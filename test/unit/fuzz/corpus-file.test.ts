import t from 'tap'
import { budgetOf } from '../../fuzz/budget.js'
import { minimised } from '../../fuzz/corpus-file.js'

t.test('a failing input is kept in its shortest form', async t => {
  const fails = (bytes: Buffer): boolean => bytes.includes('a') && bytes.includes('z')
  t.equal(minimised(Buffer.from('x'.repeat(500) + 'a' + 'y'.repeat(500) + 'z'), fails).toString(), 'az')
  t.equal(minimised(Buffer.from('az'), fails).toString(), 'az')
  t.equal(minimised(Buffer.alloc(0), () => true).length, 0)
})

t.test('a fuzzer ends after so many executions, whatever time they take', async t => {
  const { goesOn, seed } = budgetOf(['--executions', '3', '--seed', '7', '--seconds', '0'])
  t.same([goesOn(0), goesOn(2), goesOn(3)], [true, true, false])
  t.equal(seed, 7)
  t.equal(budgetOf(['--seconds', '0']).goesOn(0), false)
})
