package duck

import "context"

// Begin starts a transaction.
func (c *Conn) Begin(ctx context.Context) error {
	if c.inTx {
		return &Error{Type: "TransactionContext", Message: "a transaction is open already"}
	}
	if err := c.Exec(ctx, "begin transaction"); err != nil {
		return err
	}
	c.inTx, c.broken = true, nil
	return nil
}

// Commit makes the transaction durable. When any of its statements failed it
// rolls back and returns that fault, because DuckDB itself reports success for
// the commit of a transaction that it has silently given up.
func (c *Conn) Commit(ctx context.Context) error {
	if !c.inTx {
		return &Error{Type: "TransactionContext", Message: "no transaction is open"}
	}
	if c.broken != nil {
		err := c.broken
		c.Rollback()
		return err
	}
	if ctx.Err() != nil {
		c.Rollback()
		return ctx.Err()
	}
	// Once begun, a commit is not interrupted: its outcome would not be known.
	if err := c.Exec(context.WithoutCancel(ctx), "commit"); err != nil {
		c.Rollback()
		return err
	}
	c.inTx = false
	return nil
}

// Rollback gives the open transaction up; without one it does nothing.
func (c *Conn) Rollback() {
	if !c.inTx {
		return
	}
	c.inTx, c.broken = false, nil
	// DuckDB may have rolled back by itself: then there is nothing left to end.
	_ = c.Exec(context.Background(), "rollback")
}

// InTx reports whether a transaction is open.
func (c *Conn) InTx() bool { return c.inTx }

// Tx runs f in a transaction: committed when f returns nil, else rolled back.
func (c *Conn) Tx(ctx context.Context, f func() error) error {
	if err := c.Begin(ctx); err != nil {
		return err
	}
	if err := f(); err != nil {
		c.Rollback()
		return err
	}
	return c.Commit(ctx)
}
