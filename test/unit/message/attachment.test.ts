import t from 'tap'
import { createAttachment } from '../../../lib/message/attachment.js'

t.test('a value is attached to one object, and can be replaced', async t => {
  const label = createAttachment<object, string>()
  const [first, second] = [{}, Object.freeze({})]
  label.attach(first, 'one')
  label.attach(second, 'two')
  t.equal(label.of(first), 'one')
  t.equal(label.of(second), 'two', 'frozen objects can have one')
  label.attach(first, 'three')
  t.equal(label.of(first), 'three')
  t.equal(label.of({}), undefined)
})

t.test('attachments are independent of each other', async t => {
  const [name, size] = [createAttachment<object, string>(), createAttachment<object, number>()]
  const owner = {}
  name.attach(owner, 'x')
  t.equal(size.of(owner), undefined)
  size.attach(owner, 1)
  t.strictSame([name.of(owner), size.of(owner)], ['x', 1])
})

t.test('neither copies nor JSON contain an attached value', async t => {
  const label = createAttachment<object, string>()
  const owner = { kind: 'none' }
  label.attach(owner, 'secret')
  t.equal(label.of({ ...owner }), undefined)
  t.strictSame(Reflect.ownKeys(owner), ['kind'])
  t.equal(JSON.stringify(owner), '{"kind":"none"}')
})
