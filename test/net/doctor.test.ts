/** The doctor on a machine where real servers hold the ports. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { doctorSchema } from '#shared/contract/documents.ts'
import { factsSchema } from '#shared/lab/facts.ts'
import { cli } from '../helpers/lab.ts'
import { labWireForAllTests } from '../helpers/lab-wire.ts'
import { describeWith } from '../helpers/requirements.ts'

const { network, here } = labWireForAllTests({ server: ['10.77.0.1/24'], client: [] })

describeWith(['root', 'ip', 'dnsmasq'], 'doctor', () => {
  test('dnsmasq on 67 and 69 is named, with its process and how to end it; without it nobody is', async () => {
    const values = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--interface=srv0', '--user=root', '--dhcp-range=10.77.0.100,10.77.0.110,1h', '--dhcp-leasefile=/dev/null', '--pid-file=', '--enable-tftp', '--tftp-root=/srv'] // prettier-ignore
    const other = network.start(here, 'dnsmasq', values)
    await other.sees(/TFTP root/)
    const judged = async () => {
      const { code, stdout } = await network.exec(here, process.execPath, [cli, 'doctor', '--json'])
      // Not a fault: on this system whoever serves may well be meant to.
      expect(code).toBe(0)
      return doctorSchema.parse(JSON.parse(stdout))
    }
    const { findings } = await judged()
    expect(findings).toMatchObject([{ id: 'foreign-owner', severity: 'note' }])
    expect(findings[0]!.title).toMatch(/dnsmasq.* holds UDP port 67 and 69/)
    expect(findings[0]!.evidence.map((one) => one.says).join()).toMatch(new RegExp(`process ${other.child.pid}\\b`))
    // Seen from outside it is somebody in another namespace, and in nobody's way.
    const { stdout } = spawnSync(process.execPath, [cli, 'doctor', '--collect'], { encoding: 'utf8' })
    const { udp } = factsSchema.parse(JSON.parse(stdout))
    const found = udp!.value.filter((one) => one.pid === other.child.pid && one.port === 67)
    expect(found).toMatchObject([{ process: 'dnsmasq', namespace: expect.stringMatching(/^net:\[\d+\]$/) }])
    const age = Date.now() - Date.parse(found[0]!.since!)
    expect(age).toBeGreaterThan(-2000)
    expect(age).toBeLessThan(60_000)
    await other.stop()
    expect((await judged()).findings).toEqual([])
  })
})
