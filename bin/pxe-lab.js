#!/usr/bin/env node
// Starts the built command line under a Node that has what it needs.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { node24, nodeTooOld } from '../scripts/node24.mjs'
import { passStopOn } from '../scripts/stop.mjs'

const cli = fileURLToPath(new URL('../out/main/cli.js', import.meta.url))
const fail = (text) => {
  process.stderr.write(`pxe-lab: ${text}\n`)
  process.exit(1)
}

if (!existsSync(cli)) fail('it is not built yet. Run: npm run build')
if (!node24) fail(nodeTooOld)
if (node24 === process.execPath) await import(pathToFileURL(cli).href)
else passStopOn(spawn(node24, [cli, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }))
