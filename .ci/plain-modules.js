import module from 'node:module'

/**
 * Loaded by NODE_OPTIONS before anything else. tap loads each test with hooks of its module `@tapjs/processinfo`, which
 * list the loaded files for coverage and for `--changed`, in the test and in its child processes, and double what they
 * cost. Without coverage nothing reads these lists: the first registration, which is that of the hooks, is left out.
 */
if (process.env._TAPJS_PROCESSINFO_COVERAGE_ === '0' && process.execArgv.some(word => word.includes('processinfo'))) {
  for (const name of ['register', 'registerHooks']) {
    const register = module[name]
    if (register !== undefined) module[name] = () => { module[name] = register }
  }
  // Nothing else is registered, either: not for `require`, not for child processes, not at the end.
  process.env.__TAPJS_PROCESSINFO_TESTING_NO_REGISTER__ = String(process.pid)
}
