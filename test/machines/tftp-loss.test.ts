/** Transfers over wires that lose, double and overtake, with the clients of the field: what they cost and whether they end. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AtftpClient, CurlClient, Edk2Client, LockStepClient, UBootClient } from '../helpers/tftp-clients.ts'
import { transferOver, type Outcome, type WireFaults } from '../helpers/tftp-wire.ts'

const clients = { 'EDK2': Edk2Client, 'atftp': AtftpClient, 'U-Boot': UBootClient, 'curl': CurlClient, 'iPXE, GRUB': LockStepClient } // prettier-ignore
type Name = keyof typeof clients

const carry = (name: Name, windowSize: number, faults: WireFaults, seed = 1, blocks = 355): Outcome =>
  transferOver(
    (options) => new clients[name](options),
    { blocks, windowSize, ...(name === 'U-Boot' ? { timeoutSeconds: 5 } : {}) },
    faults,
    seed,
  )

/** With the windows they ask for: EDK2's default is 4, and U-Boot and atftp take what is set. */
const patterns: readonly [Name, number][] = [['EDK2', 1], ['EDK2', 4], ['EDK2', 8], ['atftp', 1], ['atftp', 4], ['atftp', 8], ['U-Boot', 1], ['U-Boot', 4], ['curl', 1], ['iPXE, GRUB', 1]] // prettier-ignore
const seeds = Array.from({ length: 50 }, (_, at) => at)

describe('one packet lost of 355 blocks', () => {
  // As EDK2 and the product were seen to make 671 of 355: every window behind the loss went out twice.
  test.each([
    ['EDK2', 4, 1],
    ['EDK2', 16, 1],
    ['atftp', 16, 1],
    ['U-Boot', 4, 1],
    ['curl', 1, 1],
  ] as const)('%s, window %i: an acknowledgement costs %i block', (name, windowSize, cost) => {
    const lost = 40 / windowSize + 1
    const { sent, client } = carry(name, windowSize, {
      loses: (way, number) => way === 'ack' && number === Math.ceil(lost),
    })
    expect(client.isDone).toBe(true)
    expect(sent - 355).toBe(cost)
  })

  test.each(patterns)('%s, window %i: a block costs its window at most, and a question', (name, windowSize) => {
    for (let number = 2; number <= 40; number++) {
      const { sent, client, tookMs } = carry(name, windowSize, { loses: (way, at) => way === 'data' && at === number })
      expect(client.isDone).toBe(true)
      expect(sent - 355).toBeLessThanOrEqual(windowSize + 1)
      // The last of a window is missed by nobody but the timer, and U-Boot says nothing of the first block: two waits.
      expect(tookMs).toBeLessThan(700)
    }
  })
})

describe('2 % lost each way', () => {
  test.each(patterns)(
    '%s, window %i: no transfer fails, and none costs more than 1.3 times its blocks',
    (name, windowSize) => {
      for (const seed of seeds) {
        const { sent, blocks, client } = carry(name, windowSize, { lostPercent: 2 }, seed)
        expect(client.isDone).toBe(true)
        expect(sent / blocks).toBeLessThanOrEqual(1.3)
      }
    },
  )

  // A client throws away what follows a loss: of 16 blocks 13.5 count, which is 1.18 times by itself, and chance does the rest.
  test.each([
    ['EDK2', 16],
    ['atftp', 16],
  ] as const)('%s, window %i: on average', (name, windowSize) => {
    const ratios = seeds.map((seed) => {
      const { sent, blocks } = carry(name, windowSize, { lostPercent: 2 }, seed, 1000)
      return sent / blocks
    })
    expect(ratios.reduce((sum, one) => sum + one, 0) / ratios.length).toBeLessThanOrEqual(1.3)
  })

  test('U-Boot never comes near the eleventh of its own waits', () => {
    // It asks for 5 s; a server that waits as long loses the race for every packet.
    for (const seed of seeds) {
      const { client, tookMs } = carry('U-Boot', 1, { lostPercent: 2 }, seed, 1000)
      expect(client.isDone).toBe(true)
      expect(tookMs).toBeLessThan(25_000)
    }
  })
})

describe('no fault is paid for twice', () => {
  test('doubled and overtaken packets start no avalanche', () => {
    for (const [name, windowSize] of patterns)
      for (const faults of [
        { doubledPercent: 2 },
        { latePercent: 2 },
        { lostPercent: 1, doubledPercent: 1, latePercent: 1 },
      ])
        for (const seed of seeds.slice(0, 10)) {
          const { sent, blocks, client } = carry(name, windowSize, faults, seed)
          expect(client.isDone, `${name} ${windowSize} ${JSON.stringify(faults)} ${seed}`).toBe(true)
          expect(sent / blocks).toBeLessThanOrEqual(1.3)
        }
  })

  test('whatever is lost, the file arrives, and each loss costs at most two windows', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...patterns, ['EDK2', 16] as const, ['atftp', 64] as const),
        fc.uniqueArray(fc.integer({ min: 1, max: 120 }), { maxLength: 12 }),
        fc.uniqueArray(fc.integer({ min: 2, max: 60 }), { maxLength: 12 }),
        ([name, windowSize], data, acks) => {
          const lost = { data: new Set(data), ack: new Set(acks) }
          let losses = 0
          const loses: WireFaults['loses'] = (way, number) => {
            const isLost = lost[way].has(number)
            if (isLost) losses++
            return isLost
          }
          const { sent, blocks, client, end } = carry(name, windowSize, { loses }, 1, 100)
          expect([client.isDone, end?.outcome ?? 'completed']).toEqual([true, 'completed'])
          expect(sent).toBeLessThanOrEqual(blocks + losses * 2 * windowSize + losses)
        },
      ),
      { numRuns: 300 },
    )
  })
})
