// An MLLP peer of another maker (node-hl7-server, node-hl7-client), over TLS with client certificates when DIR is given.
//   node hl7.cjs recv PORT [DIR]        prints "listening", then a line for each message; answers AA, or AE for REJECTME,
//                                       or never for NOACK (then there is silence: the sender needs a timeout)
//   node hl7.cjs send PORT FILE [DIR]   sends one message, prints "ACK <acknowledgement as JSON>"
const fs = require('fs'), [act, port, third, fourth] = process.argv.slice(2);
const read = (dir, file) => fs.readFileSync(`${dir}/${file}`);
const fail = error => { console.log('ERROR', error.message); process.exit(1); };
if (act === 'recv') {
  const { Server } = require('node-hl7-server');
  const tls = third ? { tls: { key: read(third, 'server.key'), cert: read(third, 'server.pem'), ca: read(third, 'ca.pem'), requestCert: true, rejectUnauthorized: true } } : {};
  const server = new Server({ bindAddress: '127.0.0.1', ...tls });
  const inbound = server.createInbound({ port: Number(port), name: 'peer', encoding: 'utf8' }, async (request, response) => {
    const text = request.getMessage().toString();
    console.log('RECV', JSON.stringify(text));
    if (text.includes('NOACK')) return;
    await response.sendResponse(text.includes('REJECTME') ? 'AE' : 'AA');
  });
  inbound.on('listen', () => console.log('listening'));
  inbound.on('error', fail);
} else {
  const { Client, Message } = require('node-hl7-client');
  const tls = fourth ? { tls: { key: read(fourth, 'client.key'), cert: read(fourth, 'client.pem'), ca: read(fourth, 'ca.pem') } } : {};
  const client = new Client({ host: '127.0.0.1', ...tls });
  const outbound = client.createConnection({ port: Number(port), waitAck: true }, async response => {
    console.log('ACK', JSON.stringify(response.getMessage().toString()));
    await outbound.close();
    process.exit(0);
  });
  outbound.on('error', fail);
  outbound.sendMessage(new Message({ text: fs.readFileSync(third, 'utf8') })).catch(fail);
}
