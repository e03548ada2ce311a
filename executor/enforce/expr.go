package enforce

import (
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

type expression struct {
	cols []*vec.Vec
	out  *vec.Vec
}

type rowCheck struct {
	prog *expression
	rule int32
}
type view struct{}

func (x *expression) run(n int)              {}
func (x *expression) failures() []int32      { return nil }
func (x *expression) violated(n int) []int32 { return nil }
func (e *Enforcer) overRecord(x *rowexpr.Expr) (*expression, []*input, *diag.Diagnostic) {
	return nil, nil, diag.New(diag.NoEnforcer, "no evaluator")
}
func (e *Enforcer) overValue(x *rowexpr.Expr, c *column) (*expression, *diag.Diagnostic) {
	return nil, diag.New(diag.NoEnforcer, "no evaluator")
}
func (e *Enforcer) overRow(x *rowexpr.Expr) (*expression, *diag.Diagnostic) {
	return nil, diag.New(diag.NoEnforcer, "no evaluator")
}
func (e *Enforcer) dropFiltered() {}
func (e *Enforcer) checkRows()    {}
