import type { Worker } from 'node:worker_threads'

/** Resolves with what a thread reports; with `ended` if it ends by an error, such as that of too little memory. */
export const threadReport = async <Report> (worker: Worker, ended: (error: Error) => Report): Promise<Report> =>
  await new Promise(resolve => {
    // One promise for both: `once` for a message rejects at an error.
    worker.once('message', resolve).once('error', error => resolve(ended(error)))
  })
