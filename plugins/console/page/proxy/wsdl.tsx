import { useState } from 'preact/hooks'
import type { TryView } from '../../../admin/proxies/tries.js'
import { api, messageOf, operator } from '../state/api.js'
import { copyText } from '../elements/copy-text.js'
import { Dialog } from '../elements/dialog.js'
import { notify } from '../state/notice.js'
import { downloadFile } from '../elements/download-file.js'
import { gateway } from '../state/store.js'

/** The WSDL of a proxy as its clients get it. Its port is not that of this page: it is fetched by the gateway. */
export function WsdlButton ({ name, path }: { name: string; path: string }) {
  const [text, setText] = useState<string>()
  const show = async (): Promise<void> => {
    const message = { proxy: name, method: 'GET', path: '?wsdl', headers: {}, body: '', ...operator() }
    try {
      const { status, body } = await api<TryView>('tries', 'POST', message)
      if (status === 200 && body.text !== undefined) setText(body.text)
      else notify(`The proxy responds with ${status}, and with no WSDL.`, undefined, true)
    } catch (error) {
      notify(messageOf(error), undefined, true)
    }
  }
  const copy = (): void => {
    void copyText(`${path}?wsdl`, `Copied: clients get the WSDL at ${path}?wsdl.`)
  }
  // Without the right to send a message there is the path.
  if (gateway.value?.mayChange !== true) {
    return (
      <button type='button' onClick={copy}>
        Copy the path of the WSDL
      </button>
    )
  }
  return (
    <>
      <button type='button' onClick={() => { void show() }}>
        WSDL
      </button>
      {text !== undefined && (
        <Dialog title={`WSDL of ${name}`} isWide onClose={() => setText(undefined)}>
          <pre class='code wsdl' tabIndex={0}>{text}</pre>
          <footer>
            <button type='button' onClick={copy}>
              Copy its path
            </button>
            <button
              type='button'
              class='primary'
              onClick={() => downloadFile(`${name}.wsdl`, new Blob([text], { type: 'text/xml' }))}
            >
              Download
            </button>
          </footer>
        </Dialog>
      )}
    </>
  )
}
