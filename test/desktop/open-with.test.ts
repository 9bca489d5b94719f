import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { filesIn, kindOf } from '../../src/main/electron/open-with.ts'

const folder = resolve('/work folder')
const packaged = (...argv: string[]) => filesIn(['pxe-lab', ...argv], folder, true)

test('captures and labs are told by their names, whatever their case', () => {
  expect(['a.pcap', 'a.PCAPNG', 'a.cap', 'a.yaml', 'a.yml', 'a.json', 'a.pxelab', 'a.pcap.gz'].map(kindOf)).toEqual([
    'capture', 'capture', 'capture', 'lab', 'lab', 'lab', 'lab', 'capture',
  ]) // prettier-ignore
  expect(['a.txt', 'pcap', 'a.tar', ''].map(kindOf)).toEqual([undefined, undefined, undefined, undefined])
})

test('relative names count from the folder the program was started in', () => {
  expect(packaged('bench.yaml', '../one.pcap')).toEqual([
    { kind: 'lab', path: join(folder, 'bench.yaml') },
    { kind: 'capture', path: resolve(folder, '../one.pcap') },
  ])
})

test('file URLs, as file managers of Linux pass them, are paths', () => {
  const path = join(folder, 'a b.pcapng')
  expect(packaged(pathToFileURL(path).href)).toEqual([{ kind: 'capture', path }])
})

test('switches, addresses, the program and the folder of a checkout are no files', () => {
  expect(packaged('--disable-gpu', '--log=x.yaml', 'https://example.com/lab.yaml', 'file:///%zz.yaml', '')).toEqual([])
  expect(filesIn(['electron', './checkout.yaml', 'bench.yaml'], folder, false)).toEqual([
    { kind: 'lab', path: join(folder, 'bench.yaml') },
  ])
})
