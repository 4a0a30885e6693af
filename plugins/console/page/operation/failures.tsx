import type { EndpointDetail } from '../../../admin/contract/schemas.js'
import { sentenceOf } from '../../model/failure-codes.js'
import { clock, count } from '../../model/format.js'

export type FailuresProps = Pick<EndpointDetail, 'recentFailures' | 'failuresByCode' | 'faultsByStatus'>

/** The last failures of an endpoint, and how many it had by error code and by HTTP status. */
export function Failures ({ recentFailures, failuresByCode, faultsByStatus }: FailuresProps) {
  return (
    <>
      <h3>Last failures</h3>
      {recentFailures.length === 0
        ? <p class='muted'>No attempt has failed since the gateway started.</p>
        : (
          <ul class='failures'>
            {recentFailures.map(({ at, code, cause }, index) => (
              <li key={index}>
                <time dateTime={at}>{clock(Date.parse(at))}</time> <b>{code}</b> {cause}
                {sentenceOf(code) !== undefined && <p class='muted'>{sentenceOf(code)}</p>}
              </li>
            ))}
          </ul>
          )}
      {failuresByCode.length + faultsByStatus.length > 0 && (
        <dl aria-label='Failures and faults since the start'>
          {failuresByCode.map(({ code, count: many }) => (
            <div key={code}>
              <dt>Failures with {code}</dt>
              <dd>{count(many)}</dd>
            </div>
          ))}
          {faultsByStatus.map(({ status, count: many }) => (
            <div key={status}>
              <dt>Responses with HTTP {status}</dt>
              <dd>{count(many)}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}
