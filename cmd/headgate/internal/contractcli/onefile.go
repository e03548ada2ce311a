package contractcli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// contractAt returns the contract that a command line names: an address of the
// project (contract.orders, contract.orders.v2), or a file (orders.gate.hcl,
// orders.gate.hcl#orders, orders.gate.hcl#orders.v2), which is compiled by itself.
// Without a version it is the latest one. The contract is nil where the
// diagnostics hold an error.
func (h Host) contractAt(ctx context.Context, ref string) (*contract.Contract, diag.Diagnostics) {
	if a, err := addr.Parse(ref); err == nil && a.Kind == addr.Contract && !h.isFile(ref) {
		p, diags := h.Compile(ctx)
		if diags.HasErrors() {
			return nil, diags
		}
		return chosen(p, "the project", a, diags)
	}
	file, which, named := strings.Cut(ref, "#")
	if h.isFile(ref) { // a file whose name holds the character
		file, named = ref, false
	}
	text, err := os.ReadFile(h.Path(file))
	if err != nil {
		return nil, diag.Diagnostics{diag.New(diag.NoSuchContract, "%s is neither the address of a contract nor a file that can be read: %v.", ref, err)}
	}
	shown := filepath.ToSlash(file)
	h.KeepFile(shown, text)
	if named && which == "" {
		return nil, diag.Diagnostics{diag.New(diag.NoSuchContract, "Nothing stands behind # in %q: write #NAME or #NAME.vN.", ref)}
	}
	return h.read(ctx, document{shown, text, h.beside(file)}, which)
}

func (h Host) isFile(path string) bool {
	st, err := os.Stat(h.Path(path))
	return err == nil && !st.IsDir()
}

// splitVersion reads NAME, NAME["KEY"] or either with .vN; the version is 0 where
// none is named.
func splitVersion(s string) (addr.Address, bool) {
	a, err := addr.Parse("contract." + s)
	return a, err == nil && a.Kind == addr.Contract
}

// chosen picks the contract that is wanted out of a program. A wanted name that is
// empty is the one contract that there is, version 0 the latest.
func chosen(p *program.Program, where string, want addr.Address, diags diag.Diagnostics) (*contract.Contract, diag.Diagnostics) {
	name, version := want.Name, want.Version
	var names, versions []string
	var found *contract.Contract
	for i := range p.Nodes {
		c := p.Nodes[i].Contract
		if c == nil {
			continue
		}
		base := p.Nodes[i].Address.Base()
		instance := strings.TrimPrefix(base.String(), "contract.")
		fits := name == "" || base == want.Base() || !want.HasKey && base.Name == name
		if !slices.Contains(names, instance) {
			names = append(names, instance)
		}
		if fits {
			versions = append(versions, "v"+strconv.Itoa(c.Version))
			if version == c.Version || version == 0 && c.Latest {
				found = c
			}
		}
	}
	instances := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(n, name+"[") })
	fault := func(format string, args ...any) (*contract.Contract, diag.Diagnostics) {
		return nil, append(diags, diag.New(diag.NoSuchContract, format, args...))
	}
	switch {
	case len(names) == 0:
		return fault("There is no contract in %s.", where)
	case name == "" && len(names) > 1:
		return fault("There are several contracts in %s: name one of %s, as in %s#%s.", where, strings.Join(names, ", "), where, names[0])
	case !want.HasKey && name != "" && len(instances) > 1:
		return fault("%s stands for several contracts in %s: name one of %s.", name, where, strings.Join(instances, ", "))
	case len(versions) == 0 && want.HasKey:
		return fault("There is no contract %s in %s.", strings.TrimPrefix(want.Base().String(), "contract."), where)
	case len(versions) == 0:
		return fault("There is no contract %s in %s.%s", name, where, diag.DidYouMean(name, names))
	case found == nil:
		return fault("The contract %s in %s has no version %d; it has %s.", name, where, version, strings.Join(versions, ", "))
	}
	return found, diags
}
