package oversight

// StopAfterSend has f called between sending and moving the cursor.
func (d *Delivery) StopAfterSend(f func() error) { d.stopped = f }
