/** What is done once in a turn of the event loop. */
export interface TurnTask {
  onTurn (): void
}

let waiting: TurnTask[] = []
let isScheduled = false

/**
 * Runs a task after the poll phase that runs now, or else after the next one. Between two turns of a task there
 * is always a whole poll phase, in which the ends of connections and unexpected bytes show.
 */
export function scheduleTurn (task: TurnTask): void {
  waiting.push(task)
  if (isScheduled) return
  isScheduled = true
  setImmediate(runTurn)
}

function runTurn (): void {
  const tasks = waiting
  waiting = []
  isScheduled = false
  let at = 0
  try {
    while (at < tasks.length) tasks[at++]!.onTurn()
  } finally {
    while (at < tasks.length) scheduleTurn(tasks[at++]!)
  }
}
