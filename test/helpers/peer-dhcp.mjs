// An independent DHCP client, the npm package `dhcp`, in a process of its own: prints what it was bound to.
import dhcp from 'dhcp'

const client = dhcp.createClient({ mac: process.argv[2] })
// The package builds its REQUEST before it has noted the offered address, and so would ask for none.
client.on('message', (message) => {
  if (message.options[53] === 2) client._state.address = message.yiaddr
})
client.on('bound', (state) => {
  process.stdout.write(`bound ${JSON.stringify(state)}\n`)
  client.close(() => process.exit(0))
})
client.on('error', (error) => process.stdout.write(`error ${String(error)}\n`))
client.on('listening', () => client.sendDiscover())
client.listen()
setTimeout(() => process.exit(2), 8000)
