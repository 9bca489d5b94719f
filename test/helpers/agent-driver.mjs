// An agent as a process of its own, to be killed: fills a spool with pieces of a capture, or finds one that is there, and sends it.
// Arguments: hub port, fingerprint, token, site, spool, capture, pieces. Prints a line for each change of what is left.
import { readFileSync } from 'node:fs'
import { Spool } from '../../src/main/agent/spool.ts'
import { Uploader } from '../../src/main/agent/uploader.ts'
import { HttpsClient } from '../../src/main/io/https-request.ts'
import { CaptureReader } from '../../src/shared/wire/capture-file.ts'

const [port, fingerprint, token, site, folder, capture, pieces] = process.argv.slice(2)
const frames = []
const reader = new CaptureReader({
  onInterface: () => {},
  onFrame: (frame) => frames.push({ ...frame, bytes: frame.bytes.slice() }),
})
reader.push(readFileSync(capture))
reader.end()
const spool = new Spool(folder)
if (spool.numbers.length === 0 && spool.oldest === 1) {
  spool.setInterfaces([{ name: 'eth0', linkType: 1 }])
  const each = Math.ceil(frames.length / Number(pieces))
  for (let at = 0; at < frames.length; at += each) {
    for (const { seconds, nanoseconds, bytes, originalLength } of frames.slice(at, at + each))
      spool.write({ interface: 0, seconds, nanoseconds, bytes, originalLength })
    spool.rotate()
  }
}
let left = -1
setInterval(() => {
  const now = spool.numbers.length
  if (now !== left) process.stdout.write(`left ${now}\n`)
  left = now
}, 5)
new Uploader({
  spool,
  client: new HttpsClient(new URL(`https://127.0.0.1:${port}`), { fingerprint }, 10_000),
  site,
  token,
  firstPauseMs: 50,
  onTrouble: (text) => process.stdout.write(`trouble ${text ?? 'over'}\n`),
}).start()
