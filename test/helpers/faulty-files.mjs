// Loaded before a program (--import): calls of the file system fail under one folder as FAULTS_FILE says, such as
// {"read": "EIO", "after": 1000000}, or {"open": "EMFILE", "in": "captures"} where paths without that text are spared. The
// threads and children of the program have it too. What fails: open, read, write, link, sync, list.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { FAULTS_FILE: file, FAULTS_UNDER: under } = process.env
const readFileSync = fs.readFileSync
const readlinkSync = fs.readlinkSync
const existsSync = fs.existsSync

const wanted = () => {
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}
const isMeant = (path) => path.startsWith(under) && path.includes(wanted().in ?? '')
const isThere = (path) => {
  const real = /^\/proc\/self\/fd\/(\d+)(.*)$/.exec(String(path))
  return isMeant(real ? `${readlinkSync(`/proc/self/fd/${real[1]}`)}${real[2]}` : String(path))
}
const isOpenThere = (descriptor) => {
  try {
    return isMeant(readlinkSync(`/proc/self/fd/${descriptor}`))
  } catch {
    return false
  }
}
const fail = (kind, call, isConcerned, at = 0) => {
  const { after = 0, ...codes } = wanted()
  const code = codes[kind]
  if (code !== undefined && at >= after && isConcerned())
    throw Object.assign(new Error(`${code}: injected, ${call}`), { code, syscall: call })
}
const before = (object, name, check) => {
  const original = object[name]
  object[name] = function (...values) {
    check(...values)
    return original.apply(this, values)
  }
}

before(fs, 'openSync', (path) => fail('open', 'open', () => isThere(path)))
before(fs, 'readSync', (fd, _b, _o, _l, at) => fail('read', 'read', () => isOpenThere(fd), at ?? 0))
before(fs, 'writeSync', (fd) => fail('write', 'write', () => isOpenThere(fd)))
before(fs, 'linkSync', (_from, to) => fail('link', 'link', () => isThere(to)))
before(fs, 'fsyncSync', (fd) => fail('sync', 'fsync', () => isOpenThere(fd)))
before(fs, 'appendFileSync', (path) => fail('write', 'write', () => isThere(path)))
// Streams use these, and their errors arrive later.
const byCallback = (name, kind, isConcerned) => {
  const original = fs[name]
  fs[name] = (...values) => {
    try {
      fail(kind, name, () => isConcerned(values[0]))
    } catch (error) {
      return process.nextTick(values.at(-1), error)
    }
    return original(...values)
  }
}
byCallback('open', 'open', isThere)
byCallback('read', 'read', isOpenThere)
const asynchronous = (object, name, check) => {
  const original = object[name]
  object[name] = async function (...values) {
    check.call(this, ...values)
    return original.apply(this, values)
  }
}
asynchronous(fs.promises, 'open', (path) => fail('open', 'open', () => isThere(path)))
asynchronous(fs.promises, 'readFile', (path) => fail('open', 'open', () => isThere(path)))
asynchronous(fs.promises, 'readdir', (path) => fail('list', 'scandir', () => isThere(path)))
asynchronous(fs.promises, 'realpath', (path) => fail('list', 'realpath', () => isThere(path)))
const handle = await fs.promises.open('/dev/null')
asynchronous(Object.getPrototypeOf(handle), 'read', function (_b, _o, _l, at) {
  const { fd } = this
  fail('read', 'read', () => isOpenThere(fd), at ?? 0)
})
asynchronous(Object.getPrototypeOf(handle), 'writeFile', function () {
  const { fd } = this
  fail('write', 'write', () => isOpenThere(fd))
})
asynchronous(Object.getPrototypeOf(handle), 'sync', function () {
  const { fd } = this
  fail('sync', 'fsync', () => isOpenThere(fd))
})
await handle.close()
syncBuiltinESMExports()
