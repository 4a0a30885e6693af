import { omitUndefined } from '../../contracts/fields.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import { basicCredentials } from '../settings/basic-credentials.js'
import { RELATIVE_PATH } from './http.js'
import { configuredName } from '../settings/placeholders.js'

/**
 * Reads `<http.init><baseUrl>…` of a local entry: an endpoint with an address, timeouts, suspension and credentials.
 * @see WSO2, HTTPConnectionUtils
 */
export function readHttpConnection (element: Element, reader: Reader): object {
  for (const ignored of ['name', 'connectionType', 'certificateType', 'certificateInputType']) {
    element.child(ignored)?.markHandled()
  }
  for (const each of element.elements) if (each.text === '' && each.elements.length === 0) each.markHandled()
  return {
    kind: 'http',
    uriTemplate: baseOf(element, reader) + RELATIVE_PATH,
    ...omitUndefined({
      properties: credentialsOf(element, reader),
      timeout: settingsOrNone({
        duration: numbersIn(element, 'timeoutDuration', reader.number),
        responseAction: actionOf(element, reader)
      }),
      markForSuspension: settingsOrNone({
        errorCodes: numbersIn(element, 'retryErrorCodes', reader.numbers),
        retriesBeforeSuspension: numbersIn(element, 'retryCount', reader.number),
        retryDelay: numbersIn(element, 'retryDelay', reader.number)
      }),
      suspendOnFailure: settingsOrNone({
        errorCodes: numbersIn(element, 'suspendErrorCodes', reader.numbers),
        initialDuration: numbersIn(element, 'suspendInitialDuration', reader.number),
        progressionFactor: numbersIn(element, 'suspendProgressionFactor', reader.number),
        maximumDuration: numbersIn(element, 'suspendMaximumDuration', reader.number)
      })
    })
  }
}

const settingsOrNone = (fields: object): object | undefined => {
  const set = omitUndefined(fields)
  return Object.keys(set).length === 0 ? undefined : set
}

/** The text of a child without braces around `${…}`; undefined: it is not there, or empty. */
function textIn (element: Element, name: string): string | undefined {
  const text = element.child(name)?.text ?? ''
  return (/^\{\s*(\$\{[^{}]*\})\s*\}$/.exec(text)?.[1] ?? text) || undefined
}

function baseOf (element: Element, reader: Reader): string {
  const base = textIn(element, 'baseUrl')
  if (base === undefined) {
    reader.problem(element, `<${element.qname}> needs a baseUrl`, 'write <baseUrl>https://host:port/path</baseUrl>')
    return ''
  }
  if (/[{}]/.test(base) && configuredName(base) === undefined) {
    const advice = 'write an address, or ${configs.NAME} for one from outside of the configuration'
    const problem = 'a baseUrl that is computed is not supported'
    reader.problem(element.child('baseUrl')!, problem, advice, 'unsupported-feature')
  }
  return base.replace(/\/$/, '')
}

function actionOf (element: Element, reader: Reader): string | undefined {
  const action = textIn(element, 'timeoutAction')?.toLowerCase()
  if (action === undefined || action === 'never') return undefined
  if (action === 'fault' || action === 'discard') return action
  reader.problem(element, `timeoutAction expects Never, Fault or Discard, not "${action}"`, undefined, 'invalid-value')
  return undefined
}

/** Reads the numbers of a child; undefined: it is not there, or empty. */
const numbersIn = (element: Element, name: string, read: Reader['number'] | Reader['numbers']): unknown =>
  textIn(element, name) === undefined ? undefined : read(element, name)

/** HTTP Basic as a header of each request. */
function credentialsOf (element: Element, reader: Reader): object[] | undefined {
  const [user = '', password = ''] = [
    textIn(element, 'username') ?? textIn(element, 'basicCredentialsUsername'),
    textIn(element, 'password') ?? textIn(element, 'basicCredentialsPassword')
  ]
  const type = textIn(element, 'authType') ?? 'None'
  if (/^none$/i.test(type)) return undefined
  const isBasic = /^basic/i.test(type)
  const credentials = isBasic ? basicCredentials(user, password) : undefined
  if (credentials !== undefined) return [credentials]
  for (const each of element.elements) if (OAUTH_ELEMENT.test(each.name)) each.markHandled()
  const what = isBasic ? 'credentials that are computed are' : `authType ${type} is`
  reader.problem(element.child('authType')!, `${what} not supported`, TOKEN_ADVICE, 'unsupported-feature')
  return undefined
}

/** The elements with the settings for OAuth tokens. */
const OAUTH_ELEMENT = /^(?:oauth|client|token|refresh|additional)/
const TOKEN_ADVICE = 'write the header into <headers> of each request: [["Authorization", "Bearer ${vars.token}"]]'
