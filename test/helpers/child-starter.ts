/** A back end that does nothing but start one child and tell what becomes of it. */
import { startChild, tellParent, type ChildName } from '../../src/main/child-process.ts'

const [, , name, argument] = process.argv
const child = startChild(name as ChildName, argument!)
child.on('message', (message) => {
  tellParent({ message, pid: child.pid })
  child.stop()
})
child.once('exit', () => tellParent({ exit: true }))
