import t from 'tap'
import { closeFrame, FrameTracker } from '../../../../plugins/http/web-sockets/web-socket-frames.js'

/** A frame without a mask, or with one of zeros. */
function frame (opcode: number, size: number, masked = false): Buffer {
  const mask = masked ? 128 : 0
  const head =
    size < 126
      ? [128 | opcode, mask | size]
      : size < 65_536
        ? [128 | opcode, mask | 126, size >> 8, size & 255]
        : [128 | opcode, mask | 127, 0, 0, 0, 0, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255]
  return Buffer.concat([Buffer.from(head), Buffer.alloc((masked ? 4 : 0) + size)])
}

const FRAMES = [0, 1, 125, 126, 65_535, 65_536].flatMap(size => [frame(2, size), frame(1, size, true)])

t.test('the end of each frame is found, wherever its bytes are cut', async t => {
  for (const each of FRAMES) {
    for (const cut of new Set([1, 2, 3, 6, 9, 13, each.length - 1].filter(at => at > 0 && at < each.length))) {
      const frames = new FrameTracker()
      t.equal(frames.take(each.subarray(0, cut)), cut)
      t.notOk(frames.atBoundary, `${each.length} bytes, cut at ${cut}`)
      t.equal(frames.take(each.subarray(cut)), each.length - cut)
      t.ok(frames.atBoundary)
    }
  }
})

t.test('a tracker that goes to the boundary takes the rest of the frame that has begun, and no more', async t => {
  const all = Buffer.concat(FRAMES)
  const frames = new FrameTracker()
  t.equal(frames.take(all, true), 0, 'it is at a boundary')
  let at = 0
  for (const each of FRAMES) {
    frames.take(all.subarray(at, at + 1))
    t.equal(frames.take(all.subarray(at + 1), true), each.length - 1)
    at += each.length
  }
})

t.test('a Close frame is noticed, also among other frames', async t => {
  const frames = new FrameTracker()
  frames.take(Buffer.concat([frame(1, 8), frame(9, 4)]))
  t.notOk(frames.closed)
  frames.take(frame(8, 2, true))
  t.ok(frames.closed)
})

t.test('a length beyond all memory is only counted', async t => {
  const frames = new FrameTracker()
  frames.take(Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255]))
  t.equal(frames.take(Buffer.alloc(1000), true), 1000)
  t.notOk(frames.atBoundary)
})

t.test('Close frames have the code, and a mask for endpoints', async t => {
  t.strictSame([...closeFrame(1001, false)], [0x88, 2, 0x03, 0xe9])
  const masked = closeFrame(1001, true)
  t.strictSame([...masked.subarray(0, 2)], [0x88, 0x82])
  t.equal((masked[6]! ^ masked[2]!) * 256 + (masked[7]! ^ masked[3]!), 1001)
})
