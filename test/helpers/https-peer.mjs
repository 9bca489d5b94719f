// Web servers that are not the lab's: `https-peer.mjs FILE PORT=PAIR.pem ...` sends FILE for every address, over TLS with that pair.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const [file, ...places] = process.argv.slice(2)
const content = readFileSync(file)
for (const place of places) {
  const [port, pem] = place.split('=')
  const pair = readFileSync(pem)
  const server = createServer({ key: pair, cert: pair }, (request, response) => {
    response.writeHead(200, { 'Content-Length': content.length })
    response.end(request.method === 'HEAD' ? undefined : content)
  })
  server.on('tlsClientError', () => {})
  server.listen(Number(port), '0.0.0.0', () => console.log(`listening on ${port}`))
}
