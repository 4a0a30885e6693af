/** One step of a request through its proxy. */
export type TraceStep =
  /** A group chooses: one of the members that are ready. */
  | { readonly kind: 'choice'; readonly group: string; readonly manner: string; readonly members: readonly string[] }
  | { readonly kind: 'passed'; readonly endpoint: string; readonly reason: string }
  /** The endpoint is half-open, and this message decides. */
  | { readonly kind: 'trial'; readonly endpoint: string }
  | { readonly kind: 'session'; readonly group: string; readonly member: string | undefined }
  | { readonly kind: 'bind'; readonly group: string; readonly member: string }
  | {
    readonly kind: 'attempt'
    readonly endpoint: string
    readonly method: string
    readonly url: string
    readonly action?: string | undefined
  }
  | { readonly kind: 'race'; readonly recipients: number }
  | { readonly kind: 'split'; readonly branches: number }
  | { readonly kind: 'log'; readonly level: string; readonly text: string }
  | { readonly kind: 'detach' }
  | {
    readonly kind: 'response'
    readonly status?: number | undefined
    readonly contentType?: string | undefined
    readonly body?: string | undefined
  }

/** One step as a line of text. `before`: the steps that precede it. */
export function describeStep (step: TraceStep, before: readonly TraceStep[]): string {
  const isRetry = before.some(({ kind }) => kind === 'attempt')
  switch (step.kind) {
    case 'choice':
      return step.members.length === 0
        ? `${step.group} (${step.manner}) has no ready member`
        : `${step.group} (${step.manner}) begins with ${oneOf(step.members)}`
    case 'passed':
      return `passes over ${step.endpoint}: ${step.reason}`
    case 'trial':
      return `${step.endpoint} is half-open: this message is its trial`
    case 'session':
      return step.member === undefined
        ? `the session is bound to no member of ${step.group}`
        : `the session is bound to ${step.member}`
    case 'bind':
      return `binds the session to ${step.member}`
    case 'attempt': {
      const action = step.action === undefined ? '' : ` (Action ${step.action})`
      return `${isRetry ? 'if that fails, sends' : 'sends'} ${step.method} ${step.url}${action}`
    }
    case 'race':
      return `sends to ${step.recipients} recipients in parallel`
    case 'split':
      return `splits the message into ${step.branches} branches`
    case 'log':
      return `logs (${step.level}) ${step.text}`
    case 'detach':
      return 'answers the client; what follows continues without it'
    case 'response': {
      const body = step.body === undefined ? '' : `\n    ${step.body}`
      return `${isRetry ? 'if that fails, responds' : 'responds'} ${step.status} ${
        step.contentType ?? '(no body)'
      }${body}`
    }
  }
}

const MAX_NAMED = 5

function oneOf (names: readonly string[]): string {
  if (names.length === 1) return names[0]!
  const named = names.slice(0, MAX_NAMED).join(', ')
  return `one of ${named}${names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''}`
}
