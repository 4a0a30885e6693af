import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Icon } from './icons.js'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly isWide?: boolean
  readonly children: ComponentChildren
}

/** A modal dialog. The focus goes back to where it was. */
export function Dialog ({ title, onClose, isWide = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  // Before it is painted: a key that closes it must find it open.
  useLayoutEffect(() => {
    const dialog = element.current!
    dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    <dialog
      ref={element}
      class={isWide ? 'wide' : ''}
      aria-labelledby='dialog-title'
      onCancel={onClose}
      onClose={onClose}
    >
      <header>
        <h2 id='dialog-title'>{title}</h2>
        <button type='button' class='plain' aria-label='Close' onClick={onClose}>
          <Icon name='close' />
        </button>
      </header>
      {children}
    </dialog>
  )
}
