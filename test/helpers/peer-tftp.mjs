// An independent TFTP client, the npm package `tftp2`: plain RFC 1350, no options. Prints length and hash of the file.
import { createHash } from 'node:crypto'
import tftp from 'tftp2'

const [, , server, port, name] = process.argv
const hash = createHash('sha256')
let length = 0
setTimeout(() => process.exit(2), 20000)
await tftp(server, Number(port)).read(
  name,
  (chunk) => {
    length += chunk.length
    hash.update(chunk)
  },
  () => {},
)
process.stdout.write(`${length} ${hash.digest('hex')}\n`)
process.exit(0)
