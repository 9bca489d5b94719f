// A user's process that has a change made with administrator rights: FOLDER REQUEST SOCKET, the record as JSON.
import { fileURLToPath } from 'node:url'
import { performElevated } from '../../src/main/remedy/elevation.ts'

const [folder = '', request = '', socket = ''] = process.argv.slice(2)
const double = fileURLToPath(new URL('pkexec-double.mjs', import.meta.url))
const record = await performElevated(folder, JSON.parse(request), (_system, command) => [
  process.execPath,
  double,
  'ask',
  socket,
  ...command,
])
process.stdout.write(JSON.stringify(record))
