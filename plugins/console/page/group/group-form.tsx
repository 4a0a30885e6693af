import {
  hasSessionField,
  type GroupChange,
  type GroupFieldName,
  type GroupForm
} from '../../../../lib/definitions/group-form/group-form.js'
import { AlgorithmField } from './algorithm-field.js'
import { lockedBecause, problems } from '../state/configuration-store.js'
import { RadioField, SelectField, TextField, type FieldProps } from './form-field.js'
import { changeGroup, onlyInSource, type GroupLocation } from './group-store.js'
import { MembersForm } from './members-form.js'
import { PropertiesForm } from './properties-form.js'

const SESSIONS = [
  [undefined, 'None', 'Each message goes to the member that the algorithm chooses.'],
  ['http', 'Transport', 'The back-end names the session in a cookie: JSESSIONID or PHPSESSID.'],
  ['soap', 'SOAP', 'The back-end names the session in the SOAP header ServiceGroupId of Axis2.'],
  ['simpleClientSession', 'Client ID', 'The client names its session in the SOAP header ClientID.'],
  ['header', 'HTTP header', 'The client names its session in an HTTP header.'],
  ['cookie', 'Signed cookie', 'A signed cookie of the gateway names the member: a restart loses nothing.']
] as const

const RETRIES = [
  [undefined, 'whatever failed (not set)'],
  ['unsent', 'only what was not sent', 'For requests that must not be made twice.']
] as const

/** The design view of a group: the fields of its text. */
export function DesignView ({
  location,
  form,
  onFocus
}: {
  location: GroupLocation
  form: GroupForm
  onFocus: (line: number) => void
}) {
  const change = (change: GroupChange): void => changeGroup(location, change)
  const common = {
    problems: problems.value.filter(({ file }) => file === location.file),
    isLocked: lockedBecause.value !== undefined,
    onFocus
  }
  const field = (name: GroupFieldName, label: string): FieldProps => ({
    ...common,
    id: `group-${name}`,
    label,
    field: form.fields[name],
    onChange: value => change({ set: name, value })
  })
  const session = form.fields.session.value
  return (
    <form class='design' aria-label='Design view' onSubmit={event => event.preventDefault()}>
      <p role='status' class='warn'>
        {onlyInSource.value}
      </p>
      <div class='fields'>
        <TextField {...field('name', 'Endpoint name')} />
        {form.kind === 'loadbalance' && <AlgorithmField {...field('algorithm', 'Algorithm')} />}
        {form.kind === 'loadbalance' && (
          <RadioField {...field('session', 'Session management')} options={SESSIONS} isWide />
        )}
        {session !== undefined && (
          <>
            {hasSessionField(session, 'sessionName') && (
              <TextField
                {...field('sessionName', session === 'cookie' ? 'Name of the cookie' : 'Name of the header')}
                {...(session === 'cookie' && { unset: 'made from the name of the group' })}
              />
            )}
            {hasSessionField(session, 'sessionKeys') && (
              <TextField
                {...field('sessionKeys', 'Keys')}
                help='32 characters or more each, spaces between; the first signs. $SYSTEM:NAME reads a variable.'
              />
            )}
            <TextField {...field('sessionTimeout', 'Session timeout')} unit='ms' unset='120000' />
            <SelectField
              {...field('expiry', 'Counted from')}
              options={[
                [undefined, 'the last message (not set)'],
                ['sliding', 'the last message'],
                ['absolute', 'the first message']
              ]}
            />
            <SelectField
              {...field('onLost', 'When its member is out')}
              options={[
                [undefined, 'the session fails (not set)'],
                ['strict', 'the session fails'],
                ['redispatch', 'it is bound to another member']
              ]}
            />
            <TextField {...field('maxSessions', 'At most, sessions')} unset='1000000' />
          </>
        )}
        {form.kind === 'loadbalance' && (
          <>
            <SelectField
              {...field('failover', 'Failover')}
              options={[
                [undefined, 'Yes (not set)', 'The next member is tried where one fails.'],
                ['true', 'Yes', 'The next member is tried where one fails.'],
                ['false', 'No', 'A failure is a fault.']
              ]}
            />
            <SelectField {...field('retry', 'Send again')} options={RETRIES} />
            <TextField {...field('slowStart', 'Slow start')} unit='ms' />
          </>
        )}
        {form.kind === 'failover' && (
          <>
            <SelectField
              {...field('dynamic', 'When the first member is back')}
              options={[
                [undefined, 'it serves again (not set)'],
                ['true', 'it serves again'],
                ['false', 'the group stays where it is']
              ]}
            />
            <SelectField {...field('retry', 'Send again')} options={RETRIES} />
          </>
        )}
      </div>
      <MembersForm location={location} form={form} {...common} change={change} />
      <PropertiesForm form={form} isLocked={common.isLocked} onFocus={onFocus} change={change} />
    </form>
  )
}
