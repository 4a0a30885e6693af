import { useState } from 'preact/hooks'
import { signIn } from '../state/connection.js'

/** Requests the token of the gateway. It stays in a variable of the page unless the operator chooses otherwise. */
export function SignIn () {
  const [problem, setProblem] = useState<string>()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const [token, name] = [String(form.get('token')), String(form.get('name'))]
    setProblem(await signIn({ token, name, keep: form.has('keep') }))
  }
  const isInsecure = location.protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(location.hostname)
  return (
    <main class='alone'>
      <form
        class='card'
        onSubmit={event => {
          void submit(event as SubmitEvent)
        }}
      >
        <h1>Sign in</h1>
        <p>This gateway requires its admin token.</p>
        {isInsecure && <p class='warning'>The connection is not encrypted: the token can be read on the way.</p>}
        <label>
          Token <input name='token' type='password' autocomplete='off' required autofocus />
        </label>
        <label>
          Your name, for the log and the events <input name='name' maxLength={64} autocomplete='off' />
        </label>
        <label class='check'>
          <input name='keep' type='checkbox' /> Keep until this tab is closed (a view token: until the sign-out)
        </label>
        <p role='alert' class='warning'>
          {problem}
        </p>
        <button class='primary'>Sign in</button>
      </form>
    </main>
  )
}
