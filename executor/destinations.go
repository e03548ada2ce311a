package executor

import (
	"context"
	"errors"
	"sync"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// destinations opens each destination once for a run and hands it to every step.
type destinations struct {
	env Env

	mu   sync.Mutex
	open map[string]*opening
}

// opening is a destination that is being opened or was; once guards the rest.
type opening struct {
	once sync.Once
	dest connector.Destination
	err  error
}

func newDestinations(env Env) *destinations {
	return &destinations{env: env, open: map[string]*opening{}}
}

// get returns the open destination of a node. The definition takes part in the
// key: a moved destination is another one.
func (d *destinations) get(ctx context.Context, n *program.Node) (connector.Destination, error) {
	key := n.Address.String() + "\x00" + program.Fingerprint(n)
	d.mu.Lock()
	o := d.open[key]
	if o == nil {
		o = &opening{}
		d.open[key] = o
	}
	d.mu.Unlock()
	o.once.Do(func() {
		o.err = guarded(func() error {
			dest, err := openDestination(ctx, n, d.env, false)
			if err == nil { // beside an error stands no destination, or a nil pointer in one's clothes
				o.dest = dest
			}
			return err
		})
	})
	return o.dest, o.err
}

// closeAll closes every destination and returns the faults.
func (d *destinations) closeAll() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, o := range d.open {
		if o.dest != nil {
			errs = append(errs, o.dest.Close())
		}
	}
	return errors.Join(errs...)
}

// openDestination makes the connector of a destination node, to look at only
// where readOnly says so.
func openDestination(ctx context.Context, n *program.Node, env Env, readOnly bool) (connector.Destination, error) {
	if n.Destination == nil {
		return nil, diag.Bug("executor.openDestination", "%s is no destination", n.Address)
	}
	open, ok := env.Registry.Destination[n.Destination.Type]
	if !ok {
		return nil, diag.Errorf(diag.NoConnector, "This build of headgate has no connector of that type",
			"%s is of the type %q.", n.Address, n.Destination.Type).At(n.Range)
	}
	spec := destinationSpec(n, env)
	spec.ReadOnly = readOnly
	return open(ctx, spec)
}

// destinationSpec is what a destination's connector is made from.
func destinationSpec(n *program.Node, env Env) DestinationSpec {
	return DestinationSpec{
		Address: n.Address.String(), Destination: n.Destination, Root: env.Root,
		LockTimeout: env.LockTimeout, Resolve: env.resolver(), Log: env.Log.With("address", n.Address.String()),
	}
}

// OpenDestination opens a destination for the commands that look into it
// (quarantine list). The caller closes it.
func OpenDestination(ctx context.Context, n *program.Node, env Env) (connector.Destination, error) {
	return openDestination(ctx, n, env, false)
}

// LookInto opens a destination to look at only: nothing is made or changed there.
// The caller closes it.
func LookInto(ctx context.Context, n *program.Node, env Env) (connector.Destination, error) {
	return openDestination(ctx, n, env, true)
}
