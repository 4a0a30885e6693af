import t from 'tap'
import { minimised } from './corpus-file.js'

t.test('a failing input is kept in its shortest form', async t => {
  const fails = (bytes: Buffer): boolean => bytes.includes('a') && bytes.includes('z')
  t.equal(minimised(Buffer.from('x'.repeat(500) + 'a' + 'y'.repeat(500) + 'z'), fails).toString(), 'az')
  t.equal(minimised(Buffer.from('az'), fails).toString(), 'az')
  t.equal(minimised(Buffer.alloc(0), () => true).length, 0)
})
