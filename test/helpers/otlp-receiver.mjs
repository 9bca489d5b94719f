// A receiver of OTLP over HTTP on a port of 127.0.0.1: prints "ready", then the body of each request as a line.
import { createServer } from 'node:http'

createServer((request, response) => {
  const pieces = []
  request.on('data', (piece) => pieces.push(piece))
  request.on('end', () => {
    process.stdout.write(`${Buffer.concat(pieces)}\n`)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('ready\n'))
