/**
 * For `node --import`: a signal SIGUSR2 logs how long the longest turn of the event loop took since the one before, in
 * milliseconds of processor time. What else the machine does hardly changes that.
 */
let begun = process.cpuUsage()
let longest = 0

function onTurn (): void {
  const { user, system } = process.cpuUsage(begun)
  longest = Math.max(longest, (user + system) / 1000)
  begun = process.cpuUsage()
  setImmediate(onTurn).unref()
}
setImmediate(onTurn).unref()

process.on('SIGUSR2', () => {
  process.stderr.write(`${JSON.stringify({ level: 30, msg: 'longest turn', ms: Math.round(longest) })}\n`)
  longest = 0
})
