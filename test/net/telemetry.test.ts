/** A responder whose metrics Prometheus reads, whose boots arrive as traces, and whose events are lines for Loki. */
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { TraceRequest } from '../../src/main/telemetry/otlp-trace.ts'
import { cli } from '../helpers/lab.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'

const { network, folder, here, there } = labWireForAllTests()
const helper = (name: string): string => fileURLToPath(new URL(`../helpers/${name}`, import.meta.url))
const scraped = 9067

describeWith(['root', 'ip', 'curl', 'prometheus', 'promtool'], 'telemetry', () => {
  test('Prometheus reads what a boot did; the boot is a trace with its rounds and files; each event is a line', { timeout: 180_000 }, async () => {
    folder.write({
      interface: 'srv0',
      mode: 'dhcp',
      allowOtherServers: true,
      // The simulated firmware asks from the address that its end of the cable has.
        dhcp: { subnets: [{ subnet: '10.77.0.0/16', reservations: [{ mac: '52:54:00:00:00:01', address: '10.77.0.2' }] }] },
      boot: { programs: [{ file: 'missing.efi' }] },
      telemetry: { prometheus: { port: scraped }, otlp: { url: 'http://127.0.0.1:4318' }, webhooks: [{ url: 'http://127.0.0.1:4318/hook', events: ['failed'] }], log: 'events.jsonl' },
    })
    const receiver = network.start(here, process.execPath, [helper('otlp-receiver.mjs'), '4318'])
    await receiver.sees(/ready/)
    const responder = network.start(here, process.execPath, [cli, 'respond', '--config', folder.file])
    await responder.sees(/ready in mode/)

    const store = join(folder.root, 'prometheus')
    mkdirSync(store)
    writeFileSync(join(store, 'prometheus.yml'), `scrape_configs:\n  - job_name: pxe\n    scrape_interval: 1s\n    static_configs: [{ targets: ['127.0.0.1:${scraped}'] }]\n`)
    const prometheus = network.start(here, 'prometheus', [`--config.file=${join(store, 'prometheus.yml')}`, `--storage.tsdb.path=${join(store, 'data')}`, '--web.listen-address=127.0.0.1:9090'])
    await prometheus.sees(/ready to receive web requests/)

    const boot = await network.exec(there, process.execPath, [helper('wire-boot.ts'), 'cli0', '525400000001', 'edk2'], 100)
    expect(boot.stdout).toMatch(/PXE-E23/)

    const query = async (text: string): Promise<string | undefined> => {
      const { stdout } = await network.exec(here, 'curl', ['-sS', '-G', '--data-urlencode', `query=${text}`, 'http://127.0.0.1:9090/api/v1/query'])
      const { data } = JSON.parse(stdout) as { data: { result: { value: [number, string] }[] } }
      return data.result[0]?.value[1]
    }
    await expect.poll(() => query('pxe_lab_transfers_total{protocol="tftp",outcome="refused"}'), { timeout: 60_000 }).toMatch(/^[1-9]/)
    expect(await query('up{job="pxe"}')).toBe('1')
    expect(await query('pxe_lab_responder_up')).toBe('1')
    expect(await query('sum(pxe_lab_leases)'), 'it gave its address back').toBe('1')
    expect(await query('pxe_lab_events_total{type="dhcp-acknowledged"}')).toMatch(/^[1-9]/)
    const checked = await network.exec(here, 'sh', ['-c', `curl -sS http://127.0.0.1:${scraped}/metrics | promtool check metrics`])
    expect(checked).toEqual({ code: 0, stdout: '', stderr: '' })

    expect(await responder.stop()).toBe(0)
    await receiver.sees(/^\{"resourceSpans".*\}$/m)
    const [, line] = /^(\{"resourceSpans".*\})$/m.exec(receiver.stdout)!
    await receiver.sees(/"event":"failed".*"code":"PXE-E23"/)
    const { spans } = (JSON.parse(line!) as TraceRequest).resourceSpans[0].scopeSpans[0]
    expect(spans[0]).toMatchObject({ name: 'boot', status: { code: 2, message: expect.stringContaining('PXE-E23') } })
    expect(spans.slice(1).map((one) => [one.name, one.parentSpanId === spans[0]!.spanId])).toContainEqual([expect.stringContaining('missing.efi'), true])

    const lines = readFileSync(join(folder.root, 'events.jsonl'), 'utf8').trimEnd().split('\n').map((one) => JSON.parse(one) as { level: string; type: string })
    expect(lines.map((one) => one.type)).toEqual(expect.arrayContaining(['ready', 'dhcp-acknowledged', 'transfer-refused', 'stopped']))
    expect(new Set(lines.map((one) => one.level))).toContain('info')
  })
}) // prettier-ignore
