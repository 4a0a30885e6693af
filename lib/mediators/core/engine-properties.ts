import type { BuildContext } from '../../contracts/build-context.js'

/** What becomes of a property that acts in the real engines and not here. */
interface PropertyReport {
  /** Whether messages differ from those of the engines: a warning, else a hint. */
  readonly differs: boolean
  /** Why, and what to do instead. */
  readonly advice: string
}

const same = (advice: string): PropertyReport => ({ differs: false, advice })
const differs = (advice: string): PropertyReport => ({ differs: true, advice })

const NO_QUEUES = differs('queues are not supported: send to a service that puts messages into one')
const NOT_STRIPPED = same('blocks of the SOAP Header are not stripped here, except those of WS-Addressing')
const ATTACHMENTS = differs('attachments stay as they came, and no message is made into one with attachments')
const NEVER_BLOCKS = same('sending never blocks here: leave it out')

/**
 * Properties that mean something to the real engines and nothing here, by scope and name.
 * @see Synapse and WSO2: SynapseConstants, NhttpConstants, PassThroughConstants, Axis2: Constants.Configuration
 */
export const ENGINE_PROPERTIES: Readonly<Record<'default' | 'axis2', Readonly<Record<string, PropertyReport>>>> = {
  default: {
    preserveProcessedHeaders: NOT_STRIPPED,
    PRESERVE_ENVELOPE: same('a message that fails over keeps its bytes: leave it out'),
    RETRY_ON_SOAPFAULT: same('nor has it in the real engines: write FORCE_ERROR_ON_SOAP_FAULT'),
    NON_ERROR_HTTP_STATUS_CODES: differs(
      'every status is a response: name those that fail in failureStatus of the ' + 'endpoint'
    ),
    LB_COOKIE_HEADER: differs('set the header Cookie with scope="transport"'),
    DISABLE_SMOOKS_RESULT_PAYLOAD: same('<smooks> is not supported')
  },
  axis2: {
    CacheLevel: NO_QUEUES,
    ClientApiNonBlocking: NEVER_BLOCKS,
    ConcurrentConsumers: NO_QUEUES,
    CONNECTION_TIMEOUT: differs('connectTimeout in the option limits holds for all endpoints'),
    COPY_CONTENT_LENGTH_FROM_INCOMING: same('a message that is forwarded unread keeps its Content-Length'),
    disableAddressingForOutMessages: same('addressing is written by <enableAddressing/> of an endpoint only'),
    enableMTOM: ATTACHMENTS,
    enableSwA: ATTACHMENTS,
    EXCESS_TRANSPORT_HEADERS: same('repeated headers are all kept: leave it out'),
    FORCE_SOAP_FAULT: differs('make the fault with <makefault version="soap11|soap12"/>'),
    'force.passthrough.builder': same('each message is read as far as its proxy needs'),
    'force.json.message.validation': same('a message that its proxy reads is always validated'),
    'force.xml.message.validation': same('a message that its proxy reads is always validated'),
    HTTP_ETAG: differs('responses are not cached: let the back-end send ETag'),
    HTTP_SOCKET_TIMEOUT: differs('write <timeout><duration> in the endpoint'),
    IGNORE_SC_ACCEPTED: differs('a 202 of a back-end is a response like any other'),
    JMS_COORELATION_ID: NO_QUEUES,
    JMS_CORRELATION_ID: NO_QUEUES,
    MaxConcurrentConsumers: NO_QUEUES,
    MercuryLastMessage: differs('reliable messaging ends at the back-end'),
    MercurySequenceKey: differs('reliable messaging ends at the back-end'),
    rampartPolicy: differs('WS-Security ends at the back-end, which gets its headers untouched'),
    SC_ACCEPTED: differs('write HTTP_SC with the value 202, or FORCE_SC_ACCEPTED'),
    SEND_TIMEOUT: differs('write <timeout><duration> in the endpoint'),
    SET_ROLLBACK_ONLY: differs('transactions are not supported'),
    setCharacterEncoding: same('a Content-Type never gets a charset that it does not have'),
    SO_TIMEOUT: differs('write <timeout><duration> in the endpoint'),
    'synapse.internal.rest.contentType': differs(
      'write ContentType, or the header Content-Type with ' + 'scope="transport"'
    ),
    TRANSACTION_COMMAND: differs('transactions are not supported'),
    transportNonBlocking: NEVER_BLOCKS,
    TRANSPORT_URL: differs('write the address in an endpoint, or in <header name="To"/>')
  }
}

interface Assignment {
  readonly name: string
  readonly scope: string
  readonly value?: string | undefined
}

/**
 * Reports a property that has no effect here, but acts in the real engines. Where only its absence matters, or `false`,
 * nothing is lost.
 */
export function reportEngineProperty (
  { name, scope, value }: Assignment,
  removes: boolean,
  context: Pick<BuildContext, 'warn' | 'hint'>
): void {
  if (scope !== 'default' && scope !== 'axis2') return
  const known = ENGINE_PROPERTIES[scope]
  if (!Object.hasOwn(known, name)) return
  const { differs, advice } = known[name]!
  const message = `the property ${name} of scope ${scope} has no effect here`
  if (!differs) context.hint(message, advice)
  else if (!removes && value?.trim().toLowerCase() !== 'false') context.warn(message, advice, 'unsupported-feature')
}

/** Reports an HTTP header that is sent to no endpoint, whatever sets it. */
export function reportHeader (name: string, context: Pick<BuildContext, 'hint'>): void {
  if (name.toLowerCase() !== 'host') return
  context.hint(
    'the header Host is not sent to endpoints: each gets the host of its address, as in the real engines',
    'write <property name="REQUEST_HOST_HEADER" scope="axis2" value="…"/>'
  )
}
