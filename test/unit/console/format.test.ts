import t from 'tap'
import { count, countdown, duration, orDash, percent, plural, rate } from '../../../plugins/console/model/format.js'

t.test('countdowns and durations are short', async t => {
  t.strictSame([-5, 0, 400, 38_000, 251_000, 3_723_000].map(countdown), [
    '0:00',
    '0:00',
    '0:01',
    '0:38',
    '4:11',
    '1:02:03'
  ])
  t.strictSame([46_000, 251_000, 3_600_000, 532_800_000].map(duration), ['46 s', '4 min 11 s', '1 h', '6 d 4 h'])
})

t.test('numbers have three digits', async t => {
  t.strictSame([0, 0.44, 9.44, 93.2, 1204].map(rate), ['0', '0.4', '9.4', '93', '1,204'])
  t.strictSame([0, 0.001, 0.12, 1].map(percent), ['0', '0.1', '12', '100'])
  t.equal(orDash(null, count), '–')
  t.strictSame([plural(1, 'session'), plural(2710, 'session')], ['1 session', '2,710 sessions'])
})
