// Plays pkexec(1) and the agent behind it. `broker SOCKET` runs as root and starts what it is asked for, in a bare
// environment of root's with PKEXEC_UID; `ask SOCKET COMMAND…` runs as the user, prints what came back and ends as it ended.
import { spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'

const [role, path, ...command] = process.argv.slice(2)
if (role === 'broker') {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = ''
    socket.on('data', (chunk) => (text += chunk))
    socket.on('end', () => {
      const {
        uid,
        command: [program, ...values],
      } = JSON.parse(text)
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', PKEXEC_UID: String(uid) }
      const child = spawn(program, values, { env, cwd: '/root', stdio: ['ignore', 'pipe', 'inherit'] })
      let printed = 'a line of another program\n'
      child.stdout.on('data', (chunk) => (printed += chunk))
      child.on('close', (code) => socket.end(JSON.stringify({ printed: `${printed}and one more`, code })))
    })
  })
  server.listen(path, () => {
    chmodSync(path, 0o666)
    process.stdout.write('ready\n')
  })
} else {
  const socket = createConnection(path)
  let text = ''
  socket.on('data', (chunk) => (text += chunk))
  socket.on('end', () => {
    const { printed, code } = JSON.parse(text)
    process.stdout.write(printed)
    process.exitCode = code
  })
  socket.end(JSON.stringify({ uid: process.getuid(), command }))
}
