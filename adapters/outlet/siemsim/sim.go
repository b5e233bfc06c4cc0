// Package siemsim is a syslog receiver (RFC 5425 octet counting, with TLS or
// without) that does what real ones do, and fails as they fail: for trials, and
// to look at what the program sends.
package siemsim

import (
	"bufio"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Fault is a way to fail.
type Fault string

// The faults. Each lasts until another one is set.
const (
	Well   Fault = ""
	Cut    Fault = "cut"    // reads all and ends the connection without TLS's farewell, as a killed process does
	Reset  Fault = "reset"  // reads one message and resets the connection
	Silent Fault = "silent" // reads all and never closes
)

// Receiver is a running syslog receiver.
type Receiver struct {
	l    net.Listener
	tell func(message string)
	wg   sync.WaitGroup
	over chan struct{} // closed with the receiver

	mu       sync.Mutex
	fault    Fault
	messages []string
	conns    map[net.Conn]bool
	batches  int
}

// Start listens. conf may be nil for no TLS, and tell, which is given every
// message, may be nil.
func Start(addr string, conf *tls.Config, tell func(string)) (*Receiver, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	r := &Receiver{l: l, tell: tell, over: make(chan struct{}), conns: map[net.Conn]bool{}}
	r.wg.Go(func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.conns[raw] = true
			r.batches++
			r.mu.Unlock()
			r.wg.Go(func() {
				r.serve(raw, conf)
				r.mu.Lock()
				delete(r.conns, raw)
				r.mu.Unlock()
			})
		}
	})
	return r, nil
}

// Addr is where it listens.
func (r *Receiver) Addr() string { return r.l.Addr().String() }

// Close ends it and every connection.
func (r *Receiver) Close() {
	r.l.Close()
	close(r.over)
	r.mu.Lock()
	for c := range r.conns {
		c.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
}

// Set sets how it fails from the next connection on.
func (r *Receiver) Set(f Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = f
}

// Messages are all messages in the order in which they came.
func (r *Receiver) Messages() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.messages...)
}

// Connections is how many connections were made.
func (r *Receiver) Connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.batches
}

func (r *Receiver) serve(raw net.Conn, conf *tls.Config) {
	defer raw.Close()
	r.mu.Lock()
	fault := r.fault
	r.mu.Unlock()
	conn := raw
	if conf != nil {
		conn = tls.Server(raw, conf)
	}
	in := bufio.NewReader(conn)
	for {
		msg, err := readFrame(in)
		if err != nil {
			break
		}
		if fault == Reset { // what it read dies with it
			_ = raw.(*net.TCPConn).SetLinger(0)
			return
		}
		r.mu.Lock()
		r.messages = append(r.messages, msg)
		r.mu.Unlock()
		if r.tell != nil {
			r.tell(msg)
		}
	}
	switch fault {
	case Silent:
		<-r.over
	case Cut:
	default:
		_ = conn.Close()
	}
}

var errFrame = errors.New("not a frame of RFC 5425")

func readFrame(in *bufio.Reader) (string, error) {
	head, err := in.ReadString(' ')
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(head, " "))
	if err != nil || n <= 0 || n > 1<<20 || head[0] == '0' {
		return "", errFrame
	}
	msg := make([]byte, n)
	_, err = io.ReadFull(in, msg)
	return string(msg), err
}

// Main is `vouchsafe sim siem [--listen ADDR]`: it prints what it gets.
func Main(args []string, out, errw io.Writer) int {
	flags := flag.NewFlagSet("sim siem", flag.ContinueOnError)
	flags.SetOutput(errw)
	listen := flags.String("listen", "127.0.0.1:6514", "address, on loopback: without TLS")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return 2
	}
	r, err := Start(*listen, nil, func(m string) { fmt.Fprintln(out, m) })
	if err != nil {
		fmt.Fprintln(errw, "vouchsafe:", err)
		return 2
	}
	defer r.Close()
	fmt.Fprintf(errw, "vouchsafe: a syslog receiver listens on %s\n", r.Addr())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
	return 0
}
