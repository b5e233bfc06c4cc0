// Package outlet carries events to systems outside: syslog receivers of a SIEM
// and webhooks. It implements oversight.Receiver.
//
// # Syslog
//
// RFC 5424 messages, counted by octets over TLS (RFC 5425). Syslog knows no
// acknowledgement: what was written to a connection may still be lost with the
// receiver. So each batch takes a connection of its own, and is delivered only
// when the receiver, after our farewell, closed it in peace: then it has read to
// the end. A receiver that resets it, or is silent, gets the batch again.
//
// # Webhooks
//
// Standard Webhooks (standardwebhooks.com): id, timestamp and signature in the
// headers, any answer of 200 to 299 is an acknowledgement. The id is that of the
// event, so that a receiver recognises what comes twice.
package outlet
