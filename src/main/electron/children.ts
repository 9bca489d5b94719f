/** The further processes that a back end asks for: utility processes, since Electron's program is no Node. */
import { utilityProcess, type UtilityProcess } from 'electron'
import { childFile, isChildName, type ChildReport, type ChildRequest } from '../child-process.ts'

const endMs = 2000

/** Asks it to end, and ends it by force after a limit. */
function end(child: UtilityProcess | undefined): void {
  if (!child) return
  child.postMessage({ type: 'stop' })
  const last = setTimeout(() => {
    const { pid } = child
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }, endMs)
  child.once('exit', () => clearTimeout(last))
}

/** Starts and ends what this back end asks for; with the back end its children end. */
export function hostChildren(backEnd: UtilityProcess): void {
  const running = new Map<number, UtilityProcess>()
  let isGone = false
  const report = (what: ChildReport): void => {
    if (!isGone) backEnd.postMessage(what)
  }
  backEnd.on('message', (request: ChildRequest) => {
    const { id } = request
    if (request.type === 'child-stop') end(running.get(id))
    if (request.type !== 'child-start' || !isChildName(request.name)) return
    const child = utilityProcess.fork(childFile(request.name), [request.argument], {
      serviceName: `PXE Lab ${request.name}`,
      stdio: 'ignore',
    })
    running.set(id, child)
    child.on('spawn', () => report({ type: 'child-spawned', id, pid: child.pid }))
    child.on('message', (message: unknown) => report({ type: 'child-message', id, message }))
    child.on('exit', () => {
      running.delete(id)
      report({ type: 'child-exited', id })
    })
  })
  backEnd.on('exit', () => {
    isGone = true
    for (const child of running.values()) end(child)
  })
}
