import t from 'tap'
import {
  count,
  countdown,
  duration,
  orDash,
  percent,
  plural,
  rate,
  ordinal,
  shortCountdown
} from '../../../../plugins/console/model/format.js'

t.test('figures of the console: countdowns and durations are short', async t => {
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

t.test('figures of the console: rates and percentages are rounded, counts have thousands separators', async t => {
  t.strictSame([0, 0.44, 9.44, 93.2, 1204].map(rate), ['0', '0.4', '9.4', '93', '1,204'])
  t.strictSame([0, 0.0001, 0.0005, 0.001, 0.12, 1].map(percent), ['0', '<0.1', '0.1', '0.1', '12', '100'])
  t.equal(orDash(null, count), '–')
  t.strictSame([plural(1, 'session'), plural(2710, 'session')], ['1 session', '2,710 sessions'])
})

t.test('figures of the console: countdowns within a small circle are shorter, and places in a row have their endings', async t => {
  t.strictSame([38_000, 2_531_000, 7_200_000, 260_000_000, 2 ** 52].map(shortCountdown), ['0:38', '42:11', '2 h', '3 d', '∞'])
  t.strictSame([1, 2, 3, 4, 11, 12, 13, 21, 102, 111, 1_003].map(ordinal), [
    '1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd', '111th', '1,003rd'
  ])
})
